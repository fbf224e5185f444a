"""SELECT on one table: what is selected, how it is decoded, and the row it makes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeAlias

from apps.importer.source.guard import LENIENT, Guard
from apps.importer.source.order import Clause, Order
from apps.importer.source.values import Position, Stored

MOST_SELECTED = 1000
"""Expressions of one SELECT: SQLite allows 2,000, a table's columns and its position are more."""

SECONDS = 60.0
"""Time for one fetch before the file counts as unreadable."""

LONGEST_VALUE = 2**31 - 1
SHORTEST_LIMIT = 2**16
"""SQLite needs some length for its own work; who asks for less judges the values it gets."""

Values: TypeAlias = tuple[Stored, ...]


class SourceRow(NamedTuple):
    """A row as stored; `rowid` is None where the table has none, `position` is the place to go on after."""

    rowid: int | None
    position: Position
    values: Values


_new = tuple.__new__
"""Makes a named tuple without its own function, which costs as much as reading the row."""


@dataclass(frozen=True)
class Session:
    """A guarded connection, the encoding of the file's text, and the limit of a value in bytes."""

    connection: sqlite3.Connection
    guard: Guard
    encoding: str
    limit: int


class Selection:
    """Some expressions over one table, selected with the position of each row before them.

    `limit` is the longest value in bytes that SQLite may read; by default the session's. More than that, and
    sqlite3 raises its DataError.
    """

    def __init__(
        self, session: Session, order: Order, expressions: Sequence[str], limit: int | None = None
    ) -> None:
        self._session = session
        self._order = order
        self._limit = max(SHORTEST_LIMIT, session.limit if limit is None else limit)
        self._places = len(order.columns)
        selected = [*order.columns, *expressions] or ["1"]
        self._is_utf16 = session.encoding != "utf-8"
        selected += [_as_bytes(expression) for expression in selected] if self._is_utf16 else []
        self._groups = [selected[i : i + MOST_SELECTED] for i in range(0, len(selected), MOST_SELECTED)]

    def open(self, clause: Clause) -> list[sqlite3.Cursor]:
        """Start as many statements side by side as the number of expressions needs."""
        connection = self._prepare(lenient=True)
        rest = f"FROM {self._order.source} {clause.sql}"
        return [connection.execute(f"SELECT {', '.join(g)} {rest}", clause.parameters) for g in self._groups]

    def fetch(self, cursors: list[sqlite3.Cursor], count: int, lenient: bool = True) -> list[Values]:
        """Take the cells of the next rows, their positions first; `lenient` takes text of any bytes."""
        self._prepare(lenient)
        parts = [cursor.fetchmany(count) for cursor in cursors]
        cells = parts[0] if len(parts) == 1 else [tuple(chain(*row)) for row in zip(*parts, strict=True)]
        return [self._from_utf16(row) for row in cells] if self._is_utf16 else cells

    def one(self, position: Position) -> SourceRow | None:
        """Read the row at a position, if there is one."""
        before = position - 1 if isinstance(position, int) else None
        rows = self.as_rows(self.fetch(self.open(self._order.at(position)), 1), before)
        return rows[0] if rows else None

    def _prepare(self, lenient: bool) -> sqlite3.Connection:
        """Set what holds for the next steps of a statement; other readings share the connection."""
        connection = self._session.connection
        connection.text_factory = LENIENT if lenient else str
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self._limit)
        self._session.guard.start_clock(SECONDS)
        return connection

    def as_rows(self, cells: list[Values], before: Position | None) -> list[SourceRow]:
        """Make rows of their cells; `before` is the position before them."""
        if self._order.by_number:
            first = before + 1 if isinstance(before, int) else 1
            return [SourceRow(None, number, row) for number, row in enumerate(cells, first)]
        if self._order.table.without_rowid:
            places = self._places
            return [SourceRow(None, row[:places], row[places:]) for row in cells]
        return [_new(SourceRow, (row[0], row[0], row[1:])) for row in cells]

    def as_cells(self, row: SourceRow) -> Values:
        """Return the cells of a row."""
        if self._order.by_number:
            return row.values
        place = row.position if isinstance(row.position, tuple) else (row.position,)
        return (*place, *row.values)

    def last(self, cells: list[Values], before: Position | None) -> Position:
        """Return the position of the last of some rows."""
        if self._order.by_number:
            return len(cells) + (before if isinstance(before, int) else 0)
        if self._order.table.without_rowid:
            return cells[-1][: self._places]
        return cells[-1][0]  # type: ignore[return-value]

    def _from_utf16(self, row: Values) -> Values:
        half = len(row) // 2
        pairs = zip(row[:half], row[half:], strict=True)
        return tuple(self._decoded(text) if isinstance(text, bytes) else value for value, text in pairs)

    def _decoded(self, stored: bytes) -> str:
        """Decode UTF-16; halves of characters, and a byte too many at the end, come as bytes that are no UTF-8."""
        even = len(stored) & ~1
        text = stored[:even].decode(self._session.encoding, "surrogatepass")
        return (text.encode("utf-8", "surrogatepass") + stored[even:]).decode("utf-8", "surrogateescape")


def _as_bytes(expression: str) -> str:
    """Select a text of a UTF-16 file as its bytes: SQLite's own decoding alters lone surrogates."""
    return f"CASE WHEN typeof({expression}) = 'text' THEN CAST({expression} AS BLOB) END"
