"""References that legacy data does not enforce: a text that may name a parent, and the link that stands beside it.

The text stays as it is. The link tells the one parent among the rows of the same source that the text names; it is
NULL where there is none, or several. So it depends on rows that may come, go or change long after the row with the
text: what it tells is no part of a row's digest, and is renewed at the end of each run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.importer.mapping import Link, ResolvedTable, pg_type
from apps.importer.models import ImportRun, Provenance, RunTable, Stream
from apps.importer.provenance import standing
from apps.importer.sql import cast, query, quote

RENEWED = "links_renewed"
"""What a table's details call the number of its rows that refer to another parent since."""
FEW = 20_000
"""So many parents at most are all known at once."""
MOST_KNOWN = 100_000
"""So many texts are remembered where the parents are more."""

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
STALE = """
WITH pair AS MATERIALIZED (SELECT DISTINCT {text} AS text, {link} AS link FROM {target} WHERE {text} IS NOT NULL),
named AS ({named}),
stale AS MATERIALIZED (
    SELECT pair.text, pair.link, named.pk FROM pair JOIN named USING (text)
    WHERE pair.link::text IS DISTINCT FROM named.pk)
"""
"""What rows have beside a text, though it names another parent by now, or none."""
RENEW = """,
mine AS MATERIALIZED (
    SELECT t.ctid AS place, stale.pk, t::text AS former, p AS origin FROM {standing}
    JOIN stale ON stale.text = t.{text} AND stale.link IS NOT DISTINCT FROM t.{link} WHERE p.outcome <> {shared}),
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
        self._known: dict[str, dict[str, str | None]] = {}
        self._whole: dict[str, bool] = {}
        """Of which links all is known."""
        self._texts = [self._column_of(link) for _, link in table.links]

    def _column_of(self, link: Link) -> str:
        """Return the column of PostgreSQL that keeps the text."""
        return next(c.name for c in self._table.columns if c.source.lower() == link.source.lower())

    def are_few(self) -> bool:
        """Tell whether all that texts may name is known at once, from now on: there is no more question then."""
        return all(self._load(name, link) for name, link in self._table.links)

    def resolve(self, texts: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
        """Return the parents that texts name; for each link a column."""
        return [
            self._resolve(name, link, column)
            for (name, link), column in zip(self._table.links, texts, strict=True)
        ]

    def _resolve(self, name: str, link: Link, texts: Sequence[str | None]) -> list[str | None]:
        is_whole = self._load(name, link)
        known = self._known[name]
        if not is_whole:
            if len(known) > MOST_KNOWN:
                known.clear()
            unknown = sorted({text for text in texts if text is not None and text not in known})
            if unknown:
                known.update(query(self._named(name, link, "unnest(%s::text[]) AS k (text)"), [unknown]))
        return [None if text is None else known.get(text) for text in texts]

    def _load(self, name: str, link: Link) -> bool:
        """Learn what the texts of all parents mean, where these are few."""
        if name not in self._whole:
            table, fields = self._parent(name, link)
            ((count,),) = query(f"SELECT count(*) FROM (SELECT FROM {quote(table)} LIMIT {FEW + 1}) p")
            self._whole[name], self._known[name] = count <= FEW, {}
            if self._whole[name]:
                texts = " UNION ".join(f"SELECT {quote(by)} AS text FROM {quote(table)}" for by in fields)
                self._known[name] = dict(query(self._named(name, link, f"({texts}) k")))
        return self._whole[name]

    def renew(self, run: ImportRun) -> int:
        """Let rows refer to what their texts name by now; returns how many of them changed.

        Rows that were edited since they came in stay. To be called in a transaction of the import.
        """
        links = zip(self._table.links, self._texts, strict=True)
        return sum(self._renew(name, link, text, run) for (name, link), text in links)

    def _renew(self, name: str, link: Link, text: str, run: ImportRun) -> int:
        target, shown = quote(self._table.target), {"text": quote(text), "link": quote(name)}
        stale = STALE.format(target=target, named=self._named(name, link, "pair"), **shown)
        if not query(f"{stale} SELECT 1 FROM stale LIMIT 1"):
            return 0
        renew = RENEW.format(
            target=target,
            standing=standing(self._table),
            cast=cast(self._type(name)),
            shared=int(Provenance.Outcome.SHARED),
            updated=int(Provenance.Outcome.UPDATED),
            **shown,
        )
        ((count,),) = query(stale + renew, [self._stream.pk, run.number, run.number])
        return int(count)

    def _named(self, name: str, link: Link, asked: str) -> str:
        """Return the SQL that tells the parents of texts: ``text`` and ``pk``."""
        table, names = self._parent(name, link)
        fields = ",".join(
            FIELD.format(
                name=by,
                column=quote(by),
                pk=quote(self._key_of_parent(name)),
                parent=quote(table),
                table=table,
                source=int(self._stream.source_id),
            )
            for by in names
        )
        joins = " ".join(f"LEFT JOIN by_{by} USING (text)" for by in names)
        return NAMED.format(
            asked=asked, fields=fields, pks=", ".join(f"by_{by}.pk" for by in names), joins=joins
        )

    def _parent(self, name: str, link: Link) -> tuple[str, list[str]]:
        """Return the table that a link refers to, and its columns that a text may name."""
        meta = self._field(name).related_model._meta
        return meta.db_table, [str(meta.get_field(field).column) for field in link.by]

    def _key_of_parent(self, name: str) -> str:
        return str(self._field(name).related_model._meta.pk.column)

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
