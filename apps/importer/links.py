"""References that legacy data does not enforce: a text that may name a parent, and the link that stands beside it.

The text stays as it is. The link tells the one parent among the rows of the same source that the text names; it is
NULL where there is none, or several. So it depends on rows that may come, go or change long after the row with the
text: what it tells is no part of a row's digest, and is renewed at the end of each run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.importer.binding import Ready
from apps.importer.mapping import Link, ResolvedTable, pg_type
from apps.importer.models import ImportRun, Provenance, RunTable, Stream
from apps.importer.provenance import standing
from apps.importer.sql import cast, query, quote

RENEWED = "links_renewed"
"""What a table's details call the number of its rows that refer to another parent since."""
MOST_KNOWN = 100_000
"""So many texts are remembered with their parents at once."""

NAMED = """
WITH asked AS (SELECT DISTINCT text FROM {asked}), {fields}
SELECT asked.text, coalesce({pks}) AS pk FROM asked {joins}
"""
"""The parents of texts: of a field after another, what one row alone has."""
FIELD = """
by_{name} AS (
    SELECT asked.text, min(o.{pk}::text) AS pk FROM asked JOIN {parent} o ON o.{column} = asked.text
    WHERE EXISTS (SELECT 1 FROM importer_provenance p JOIN importer_stream s ON s.id = p.stream_id
        WHERE s.source_id = {source} AND s.target_table = '{table}'
        AND coalesce(p.target_pk, p.identity) = o.{pk}::text)
    GROUP BY asked.text HAVING count(*) = 1)
"""
RENEW = """
WITH named AS ({named}),
stale AS (
    SELECT t.ctid AS place, named.pk FROM {target} t JOIN named ON named.text = t.{text}
    WHERE t.{link}::text IS DISTINCT FROM named.pk),
mine AS MATERIALIZED (
    SELECT t.ctid AS place, stale.pk, t::text AS former, p AS origin FROM {standing}
    JOIN stale ON stale.place = t.ctid WHERE p.outcome <> {shared}),
kept AS (
    INSERT INTO importer_formerrow (id, run_id, stream_id, identity, former, provenance, deleted)
    SELECT gen_random_uuid(), r.id, (origin).stream_id, (origin).identity, former, origin::text, false
    FROM mine JOIN importer_importrun r ON r.number = %s AND (origin).first_run <> r.number
    ON CONFLICT DO NOTHING),
renewed AS (
    UPDATE {target} t SET {link} = mine.pk{cast} FROM mine WHERE t.ctid = mine.place),
noted AS (
    UPDATE importer_provenance p SET outcome = {updated}, last_run = %s FROM mine
    WHERE p.stream_id = (mine.origin).stream_id AND p.identity = (mine.origin).identity)
SELECT count(*) FROM mine
"""


class Links:
    """The links of one table's rows that one stream brings."""

    def __init__(self, table: ResolvedTable, stream: Stream) -> None:
        self._table = table
        self._stream = stream
        self._known: dict[tuple[str, str], str | None] = {}
        self.names = [name for name, _ in table.links]
        """The columns of PostgreSQL, in the order in which ``resolve`` fills them."""
        self._texts = [self._column_of(link) for _, link in table.links]

    def _column_of(self, link: Link) -> str:
        """Return the column of PostgreSQL that keeps the text."""
        return next(c.name for c in self._table.columns if c.source.lower() == link.source.lower())

    def resolve(self, columns: Sequence[str], rows: Sequence[Ready]) -> list[list[str | None]]:
        """Return the links of rows whose fields stand in the order of these columns."""
        places = [columns.index(text) if text in columns else None for text in self._texts]
        values = [[None if place is None else row.fields[place] for place in places] for row in rows]
        for (name, link), asked in zip(self._table.links, zip(*values, strict=True), strict=False):
            self._look_up(name, link, {text for text in asked if text is not None})
        return [
            [
                None if text is None else self._known[name, text]
                for name, text in zip(self.names, texts, strict=True)
            ]
            for texts in values
        ]

    def _look_up(self, name: str, link: Link, texts: set[str]) -> None:
        unknown = sorted(text for text in texts if (name, text) not in self._known)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
            unknown = sorted(texts)
        if unknown:
            for text, pk in query(self._named(name, link, "unnest(%s::text[]) AS k (text)"), [unknown]):
                self._known[name, text] = pk

    def renew(self, run: ImportRun) -> int:
        """Let rows refer to what their texts name by now; returns how many of them changed.

        Rows that were edited since they came in stay. To be called in a transaction of the import.
        """
        links = zip(self._table.links, self._texts, strict=True)
        return sum(self._renew(name, link, text, run) for (name, link), text in links)

    def _renew(self, name: str, link: Link, text: str, run: ImportRun) -> int:
        asked = f"(SELECT {quote(text)} AS text FROM {quote(self._table.target)}) k WHERE text IS NOT NULL"
        sql = RENEW.format(
            named=self._named(name, link, asked),
            target=quote(self._table.target),
            text=quote(text),
            link=quote(name),
            standing=standing(self._table),
            cast=cast(self._type(name)),
            shared=int(Provenance.Outcome.SHARED),
            updated=int(Provenance.Outcome.UPDATED),
        )
        ((count,),) = query(sql, [self._stream.pk, run.number, run.number])
        return int(count)

    def _named(self, name: str, link: Link, asked: str) -> str:
        """Return the SQL that tells the parents of texts: ``text`` and ``pk``."""
        parent: Any = self._field(name).related_model
        meta = parent._meta
        names = [str(meta.get_field(field).column) for field in link.by]
        fields = ",".join(
            FIELD.format(
                name=by,
                column=quote(by),
                pk=quote(meta.pk.column),
                parent=quote(meta.db_table),
                table=meta.db_table,
                source=int(self._stream.source_id),
            )
            for by in names
        )
        joins = " ".join(f"LEFT JOIN by_{by} USING (text)" for by in names)
        return NAMED.format(
            asked=asked, fields=fields, pks=", ".join(f"by_{by}.pk" for by in names), joins=joins
        )

    def _type(self, name: str) -> str:
        return pg_type(self._field(name))

    def _field(self, name: str) -> Any:
        return next(f for f in self._table.model._meta.concrete_fields if f.column == name)


def renew(table: ResolvedTable, stream: Stream, run: ImportRun) -> int:
    """Renew the links of a stream's rows; returns how many of them changed."""
    if not table.links:
        return 0
    with transaction.atomic():
        query("SET LOCAL rehome.importing = 'on'")
        return Links(table, stream).renew(run)


def note(record: RunTable, renewed: int) -> None:
    """Note in the book how many rows of a table have another link now; a run that was interrupted adds to it."""
    if renewed:
        record.details = {**record.details, RENEWED: record.details.get(RENEWED, 0) + renewed}
        record.save(update_fields=["details"])
