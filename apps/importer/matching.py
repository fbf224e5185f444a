"""Rows of one legacy table against those of its target: cell by cell, a batch at a time.

A batch is converted again and put beside the target; the comparison is PostgreSQL's, on stored values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Field, Func

from apps.importer import mapping
from apps.importer.binding import BoundTable, Ready, Rejected
from apps.importer.findings import SHOWN, Findings
from apps.importer.load import Loader
from apps.importer.mapping import Column, ResolvedTable
from apps.importer.models import Stream
from apps.importer.quarantine import place_of, settled
from apps.importer.source import SourceFile, SourceRow
from apps.importer.sql import query, quote
from apps.importer.standing import Standing

BATCH = 2000

COMPUTED = "tsvector"
"""The type of columns that PostgreSQL fills from others."""
DEFAULTS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = to_regclass(%s)
"""
OPEN = "FROM importer_quarantinedrow WHERE stream_id = %s AND status <> 'resolved'"
BESIDE = "(SELECT p.extras FROM importer_provenance p WHERE p.stream_id = {} AND p.identity = e._identity)"
"""What is kept of a row's columns that no mapping knows."""

STORED_FORM = {"vector": "vector_send({})", "double precision": "float8send({})", "jsonb": "{}::text"}
"""How values of a type are compared where ``=`` would call different stored values equal."""

Converted = tuple[list[SourceRow], list[Ready | Rejected]]
"""A batch of the file's rows, and what each is to become."""


def stored_form(column: Column, alias: str) -> str:
    """Return the SQL expression by which a column's values are compared."""
    name = f"{alias}.{quote(column.name)}"
    return STORED_FORM.get(column.type.partition("(")[0], "{}").format(name)


def stored_fields(table: ResolvedTable) -> list[Field[Any, Any]]:
    """Return the fields of a table but for those that PostgreSQL fills from others."""
    fields = table.model._meta.concrete_fields
    return [f for f in fields if not getattr(f, "generated", False) and mapping.pg_type(f) != COMPUTED]


class Matcher:
    """Compares rows of one legacy table on this process's connection; ``findings`` tells what came of it."""

    def __init__(self, file: SourceFile, bound: BoundTable, stream: Stream, standing: Standing) -> None:
        self.file = file
        self.bound = bound
        self.stream = stream
        self.table = bound.table
        self.standing = standing
        self.loader = Loader(bound, stream, 0, standing.streams)
        self.findings = Findings(self.table.source, self.table.target)
        self.matched = 0
        """Rows of the file that PostgreSQL has, equal or not."""
        self._unfed = self._unfed_columns()
        self.columns = [step.column for step in bound.steps] + self._link_columns() + self._unfed

    def _link_columns(self) -> list[Column]:
        fields = {f.column: f for f in self.table.model._meta.concrete_fields}
        return [
            Column(fields[name], link.source, mapping.by_field_type(fields[name]))
            for name, link in self.table.links
        ]

    def _unfed_columns(self) -> list[Column]:
        """Return the columns that the file has nothing for: NULL or their default is what they are to hold.

        A default that a function computes cannot be foretold.
        """
        fed = {step.column.name for step in self.bound.steps} | {name for name, _ in self.table.links}
        return [
            Column(f, str(f.column), mapping.by_field_type(f))
            for f in stored_fields(self.table)
            if f.column not in fed and not f.primary_key and not isinstance(f.db_default, Func)
        ]

    def compare(self, batches: Iterable[Converted]) -> None:
        """Compare batches of rows."""
        self._create_expected()
        for rows, converted in batches:
            self._compare(self._expected(rows, converted))

    def _create_expected(self) -> None:
        query("DROP TABLE IF EXISTS pg_temp.importer_expected")
        unfed = "".join(f", {quote(column.name)}" for column in self._unfed)
        query(
            f"CREATE TEMPORARY TABLE importer_expected ON COMMIT DROP AS SELECT {self.loader.columns}{unfed}, "
            f"0::bigint AS _n, ''::text AS _identity, NULL::jsonb AS _extras FROM {quote(self.table.target)} "
            "WITH NO DATA"
        )
        defaults = dict(query(DEFAULTS, [quote(self.table.target)])) if self._unfed else {}
        for name in (column.name for column in self._unfed if column.name in defaults):
            query(f"ALTER TABLE importer_expected ALTER {quote(name)} SET DEFAULT {defaults[name]}")

    def converted(self, after: int | None = None, until: int | None = None) -> Iterator[Converted]:
        """Read the file's rows in batches, all or those of a range, with what they are to become."""
        for rows in self.file.rows(self.bound.source, self.bound.names, BATCH, after, until):
            yield rows, list(map(self.bound.convert, rows))

    def _expected(self, rows: Sequence[SourceRow], converted: Sequence[Ready | Rejected]) -> list[Ready]:
        """Return the rows that should be in PostgreSQL, each with its key there."""
        held = self._held(rows)
        self.findings.quarantined += len(held)
        told = [held[place] for place in map(place_of, rows) if place in held] if held else []
        self.findings.quarantined_rows += told[: SHOWN - len(self.findings.quarantined_rows)]
        ready = []
        for row, found in zip(rows, converted, strict=True):
            if held and place_of(row) in held:
                continue
            if isinstance(found, Ready):
                ready.append(found)
            else:
                self.findings.missing += 1
                self.findings.tell("missing", self.bound.key_of(row), found.column, found.message)
        self.loader.finish(ready, digests=False)
        return self._with_keys(ready) if self.table.surrogate else ready

    def _held(self, rows: Sequence[SourceRow]) -> dict[str, dict[str, Any]]:
        """Return, by place, the rows that the file and PostgreSQL rightly differ in: in quarantine, or repaired."""
        if not (self.standing.entries or self.standing.decided):
            return {}
        found = query(
            f"SELECT place, source_key, column_name, reason {OPEN} AND place = ANY(%s)",
            [self.stream.pk, [place_of(row) for row in rows]],
        )
        decided = settled(self.bound, self.stream, rows) if self.standing.decided else {}
        told = {
            place: {"key": json.loads(key or "null"), "column": name, "reason": reason}
            for place, key, name, reason in found
        }
        keys = {place_of(row): self.bound.key_of(row) for row in rows} if decided else {}
        return {p: {"key": keys[p], "column": None, "reason": "repaired"} for p in decided} | told

    def _with_keys(self, ready: list[Ready]) -> list[Ready]:
        known = self.loader.known([r.identity for r in ready])
        for r in ready:
            if r.identity in known:
                r.pk = known[r.identity].target_pk
            else:
                self.findings.missing += 1
                self.findings.tell("missing", self.bound.key_of(r.row))
        return [r for r in ready if r.pk]

    def _compare(self, ready: list[Ready]) -> None:
        self._send(ready)
        self.findings.compared += len(ready)
        pk = quote(self.table.pk)
        unequal = [f"{stored_form(c, 'e')} IS DISTINCT FROM {stored_form(c, 't')}" for c in self.columns]
        if self.bound.unmapped:
            unequal.append(f"e._extras IS DISTINCT FROM {BESIDE.format(self.stream.pk)}")
        rows = query(
            f"SELECT e._n, t.{pk} IS NULL, ARRAY[{', '.join(unequal)}] FROM importer_expected e "
            f"LEFT JOIN {quote(self.table.target)} t ON t.{pk} = e.{pk} "
            f"WHERE t.{pk} IS NULL OR {' OR '.join(unequal)} ORDER BY e._n"
        )
        missing = sum(1 for _, gone, _ in rows if gone)
        self.matched += len(ready) - missing
        self.findings.missing += missing
        self.findings.different += len(rows) - missing
        for n, gone, flags in rows[:SHOWN]:
            self._tell(ready[n], n, gone, flags)

    def _send(self, ready: list[Ready]) -> None:
        """Put the rows that should be there beside those that are; with what should be kept beside each."""
        query("TRUNCATE pg_temp.importer_expected")
        if not self.bound.unmapped:
            rows = (self.loader.row(r, ("bigint",), (str(n),)) for n, r in enumerate(ready))
            self.loader.send("importer_expected", rows, ("_n",))
            return
        types = ("bigint", "text", "jsonb")
        rows = (self.loader.row(r, types, (str(n), r.identity, r.extras)) for n, r in enumerate(ready))
        self.loader.send("importer_expected", rows, ("_n", "_identity", "_extras"))

    def _tell(self, r: Ready, n: int, gone: bool, flags: list[bool]) -> None:
        key = self.bound.key_of(r.row) or {"rowid": r.row.rowid}
        if gone:
            self.findings.tell("missing", key)
            return
        if len(flags) > len(self.columns) and flags[-1]:
            self._tell_beside(key, n)
        for column, unequal in zip(self.columns, flags, strict=False):
            if unequal:
                name, pk = quote(column.name), quote(self.table.pk)
                ((source, target),) = query(
                    f"SELECT e.{name}::text, t.{name}::text FROM importer_expected e "
                    f"JOIN {quote(self.table.target)} t ON t.{pk} = e.{pk} WHERE e._n = %s",
                    [n],
                )
                self.findings.tell("different", key, column.name, source, target)

    def _tell_beside(self, key: Any, n: int) -> None:
        """Name the columns kept beside a row that are otherwise than in the file."""
        kept = BESIDE.format(self.stream.pk)
        ((source, target),) = query(
            f"SELECT e._extras::text, {kept}::text FROM importer_expected e WHERE e._n = %s", [n]
        )
        old, new = json.loads(source or "{}"), json.loads(target or "{}")
        for name in old | new:
            if old.get(name) != new.get(name):
                self.findings.tell("different", key, name, old.get(name), new.get(name))
