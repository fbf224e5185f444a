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
from apps.importer.report import LINKS
from apps.importer.source import folded
from apps.importer.sql import cast, query, quote

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


class Resolver:
    """One link of one table's rows that one stream brings."""

    def __init__(self, table: ResolvedTable, name: str, link: Link, stream: Stream) -> None:
        field: Any = next(f for f in table.model._meta.concrete_fields if f.column == name)
        parent = field.related_model._meta
        self._table = table
        self._stream = stream
        self._name = name
        self._type = pg_type(field)
        self._text = next(c.name for c in table.columns if folded(c.source) == folded(link.source))
        """The column of PostgreSQL that keeps the text."""
        self._parent = parent.db_table
        self._key = str(parent.pk.column)
        self._fields = [str(parent.get_field(by).column) for by in link.by]
        """The parent's columns that a text may name."""
        self._known: dict[str, str | None] = {}
        self._are_few: bool | None = None

    def are_few(self) -> bool:
        """Tell whether the parents are few: then what texts name is known at once, and there is no more question."""
        if self._are_few is None:
            parent = quote(self._parent)
            ((count,),) = query(f"SELECT count(*) FROM (SELECT FROM {parent} LIMIT {FEW + 1}) p")
            self._are_few = count <= FEW
            if self._are_few:
                texts = " UNION ".join(f"SELECT {quote(by)} AS text FROM {parent}" for by in self._fields)
                self._known = dict(query(self._named(f"({texts}) k")))
        return self._are_few

    def resolve(self, texts: Sequence[str | None]) -> list[str | None]:
        """Return the parents that texts name."""
        if not self.are_few():
            self._ask_for(texts)
        return [None if text is None else self._known.get(text) for text in texts]

    def _ask_for(self, texts: Sequence[str | None]) -> None:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        unknown = sorted({text for text in texts if text is not None and text not in self._known})
        if unknown:
            self._known.update(query(self._named("unnest(%s::text[]) AS k (text)"), [unknown]))

    def renew(self, run: ImportRun) -> int:
        """Let rows refer to what their texts name by now; returns how many of them changed.

        Rows that were edited since they came in stay. To be called in a transaction of the import.
        """
        target = quote(self._table.target)
        shown = {"target": target, "text": quote(self._text), "link": quote(self._name)}
        stale = STALE.format(named=self._named("pair"), **shown)
        if not query(f"{stale} SELECT 1 FROM stale LIMIT 1"):
            return 0
        renew = RENEW.format(
            standing=standing(self._table),
            cast=cast(self._type),
            shared=int(Provenance.Outcome.SHARED),
            updated=int(Provenance.Outcome.UPDATED),
            **shown,
        )
        ((count,),) = query(stale + renew, [self._stream.pk, run.number, run.number])
        return int(count)

    def _named(self, asked: str) -> str:
        """Return the SQL that tells the parents of texts: ``text`` and ``pk``."""
        fields = ",".join(
            FIELD.format(
                name=by,
                column=quote(by),
                pk=quote(self._key),
                parent=quote(self._parent),
                table=self._parent,
                source=int(self._stream.source_id),
            )
            for by in self._fields
        )
        joins = " ".join(f"LEFT JOIN by_{by} USING (text)" for by in self._fields)
        pks = ", ".join(f"by_{by}.pk" for by in self._fields)
        return NAMED.format(asked=asked, fields=fields, pks=pks, joins=joins)


def resolvers(table: ResolvedTable, stream: Stream) -> list[Resolver]:
    """Return what resolves the links of a table, in their order."""
    return [Resolver(table, name, link, stream) for name, link in table.links]


def renew(table: ResolvedTable, stream: Stream, run: ImportRun) -> int:
    """Renew the links of a stream's rows; returns how many of them changed."""
    if not table.links:
        return 0
    with transaction.atomic():
        query("SET LOCAL rehome.importing = 'on'")
        return sum(resolver.renew(run) for resolver in resolvers(table, stream))


def note(record: RunTable, renewed: int) -> None:
    """Note in the book how many rows of a table have another link now; a run that was interrupted adds to it."""
    if renewed:
        record.details = {**record.details, LINKS: record.details.get(LINKS, 0) + renewed}
        record.save(update_fields=["details"])
