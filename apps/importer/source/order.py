"""Where a row stands in its table, as SQL: the place of a row, all rows after it, and the order of reading.

Rows are read in the order in which the table stores them: by rowid, by the key of a WITHOUT ROWID table, or,
where SQL reaches neither exactly, by their number in that order. Comparisons are exact for every storage class: a
value is compared as it is stored, not as the column's declared type would turn it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apps.importer.source.schema import KeyPart, SourceTable, quoted
from apps.importer.source.values import Position, Stored

MOST_PARTS = 100
"""Keys of more columns make comparisons too deep for SQLite; such a table is read by number."""

_NUMBER = re.compile(r"[\s\0]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[\s\0]*\Z", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of SQL with the parameters of its question marks."""

    sql: str
    parameters: tuple[Stored, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """How the rows of a table are found and ordered; `by_number` where only counting tells them apart."""

    table: SourceTable
    by_number: bool = False

    @property
    def columns(self) -> list[str]:
        """The expressions that make a row's position, to be selected before all others."""
        if self.by_number:
            return []
        if self.table.rowid_name:
            return [self._rowid]
        return [self.name(part.column.name) for part in self.table.parts]

    @property
    def _rowid(self) -> str:
        return self.name(self.table.rowid_name or "")

    def name(self, column: str) -> str:
        """Name a column in SQL; with its table, or SQLite would take a name it does not know for a text."""
        return f"{quoted(self.table.name)}.{quoted(column)}"

    @property
    def source(self) -> str:
        """The FROM clause: the table's own tree, never another index."""
        index = f"INDEXED BY {quoted(self.table.key_index)}" if self.table.key_index else "NOT INDEXED"
        return f"main.{quoted(self.table.name)} {index}"

    def after(self, position: Position | None, until: int | None = None) -> Clause:
        """Restrict to the rows after a position, if any, and up to a rowid, if one is given; put them in order."""
        self._require_fit(position)
        if self.by_number:
            return Clause("LIMIT -1 OFFSET ?", (position,)) if isinstance(position, int) else Clause("")
        if isinstance(position, tuple):
            beyond = self._beyond(position)
        else:
            beyond = Clause("1") if position is None else Clause(f"{self._rowid} > ?", (position,))
        if until is not None:
            beyond = Clause(f"{beyond.sql} AND {self._rowid} <= ?", (*beyond.parameters, until))
        return Clause(f"WHERE {beyond.sql} ORDER BY {', '.join(self._directions())}", beyond.parameters)

    def at(self, position: Position) -> Clause:
        """Restrict to the row at a position."""
        self._require_fit(position)
        if isinstance(position, tuple):
            same = [self._same(part, value) for part, value in zip(self.table.parts, position, strict=True)]
            return Clause("WHERE " + " AND ".join(s.sql for s in same), _joined(*same))
        if self.by_number:
            return Clause("LIMIT 1 OFFSET ?", (position - 1,))
        return Clause(f"WHERE {self._rowid} = ?", (position,))

    def _require_fit(self, position: Position | None) -> None:
        by_key = bool(self.table.parts) and not self.by_number
        if position is not None and isinstance(position, tuple) != by_key:
            raise ValueError(f"{position!r} is no position of {self.table.name!r}")

    def _directions(self) -> list[str]:
        if self.table.rowid_name:
            return [self._rowid]
        return [
            f"{self.name(part.column.name)} COLLATE {quoted(part.collation)}" + " DESC" * part.descending
            for part in self.table.parts
        ]

    def _beyond(self, position: Sequence[Stored]) -> Clause:
        """Compare a whole key: beyond in the first part, or equal there and beyond in the rest."""
        pairs = list(zip(self.table.parts, position, strict=True))
        beyond = self._past(*pairs[-1])
        for part, value in reversed(pairs[:-1]):
            past, same = self._past(part, value), self._same(part, value)
            beyond = Clause(f"({past.sql} OR ({same.sql} AND {beyond.sql}))", _joined(past, same, beyond))
        part, value = pairs[0]  # lets SQLite begin there rather than at the start of the table
        start = self._compared(part, "<=" if part.descending else ">=", value)
        return Clause(f"{start.sql} AND {beyond.sql}", _joined(start, beyond))

    def _past(self, part: KeyPart, value: Stored) -> Clause:
        return self._compared(part, "<" if part.descending else ">", value)

    def _same(self, part: KeyPart, value: Stored) -> Clause:
        return self._compared(part, "=", value)

    def _compared(self, part: KeyPart, operator: str, value: Stored) -> Clause:
        bound = self._bound(value)
        return Clause(f"{self._operand(part, value)} {operator} {bound.sql}", bound.parameters)

    def _operand(self, part: KeyPart, value: Stored) -> str:
        """Name the column; with a + before it, no affinity is applied to the value, and no index is used."""
        plus = "" if _is_untouched(part.column.declared, value) else "+"
        return f"{plus}{self.name(part.column.name)} COLLATE {quoted(part.collation)}"

    def _bound(self, value: Stored) -> Clause:
        """Pass a value to SQL; text goes as its bytes, since sqlite3 refuses what is no UTF-8."""
        if isinstance(value, str) and not value.isascii():
            return Clause("+CAST(? AS TEXT)", (value.encode("utf-8", "surrogateescape"),))
        return Clause("?", (value,))


def _joined(*clauses: Clause) -> tuple[Stored, ...]:
    return tuple(parameter for clause in clauses for parameter in clause.parameters)


def _is_untouched(declared: str, value: Stored) -> bool:
    """Whether the affinity of a column of this declared type leaves the value as it is."""
    kind = declared.upper()
    if "INT" not in kind and any(mark in kind for mark in ("CHAR", "CLOB", "TEXT")):
        return not isinstance(value, int | float)
    if "INT" not in kind and ("BLOB" in kind or not kind):
        return True
    return not (isinstance(value, str) and _NUMBER.match(value))
