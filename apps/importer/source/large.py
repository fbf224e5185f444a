"""A row with a value over the limit, read value by value; such a value is measured and hashed, never held.

In a table with rowids SQLite reads a value in pieces; elsewhere it can only load it whole, and hands on
pieces.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.importer.source.order import Order
from apps.importer.source.select import LONGEST_VALUE, SECONDS, Selection, Session, SourceRow
from apps.importer.source.values import Position, Stored, TooLarge

PIECE = 4 * 2**20
MOST_LOADS = 8
"""How often a value may be loaded whole to be hashed in pieces."""


@dataclass(frozen=True)
class CarefulReader:
    """Reads some columns of single rows of one table."""

    session: Session
    order: Order
    columns: list[str]

    def read(self, position: Position) -> SourceRow | None:
        """Read the row at a position with `TooLarge` in place of each value over the limit."""
        kinds = self._one([f"typeof({self.order.name(column)})" for column in self.columns], position)
        if kinds is None:
            return None
        values = (self._value(*pair, position) for pair in zip(self.columns, kinds.values, strict=True))
        return SourceRow(kinds.rowid, kinds.position, tuple(values))

    def _one(self, expressions: list[str], position: Position, limit: int | None = None) -> SourceRow | None:
        return Selection(self.session, self.order, expressions, limit).one(position)

    def _value(self, column: str, kind: Stored, position: Position) -> Stored:
        if kind in ("text", "blob"):
            large = self._measured(column, str(kind), position)
            if large is not None:
                return large
        row = self._one([self.order.name(column)], position)
        return row.values[0] if row else None

    def _measured(self, column: str, kind: str, position: Position) -> TooLarge | None:
        table = self.order.table
        if not isinstance(position, int) or self.order.by_number or any(c.generated for c in table.columns):
            size = self._size(column, position)
            return self._judged(kind, size, self._loaded(column, position, size))
        with self.session.connection.blobopen(table.name, column, position, readonly=True) as value:
            return self._judged(kind, len(value), iter(lambda: value.read(PIECE), b""))

    def _judged(self, kind: str, size: int, pieces: Iterable[bytes]) -> TooLarge | None:
        if size <= self.session.limit:
            return None
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        return TooLarge(size, digest.hexdigest(), kind)

    def _size(self, column: str, position: Position) -> int:
        row = self._one([f"length(CAST({self.order.name(column)} AS BLOB))"], position, LONGEST_VALUE)
        return row.values[0] if row and isinstance(row.values[0], int) else 0

    def _loaded(self, column: str, position: Position, size: int) -> Iterator[bytes]:
        piece = max(PIECE, size // MOST_LOADS + 1)
        for start in range(1, size + 1, piece):
            expression = f"substr(CAST({self.order.name(column)} AS BLOB), {start}, {piece})"
            row = self._one([expression], position, LONGEST_VALUE)
            yield row.values[0] if row and isinstance(row.values[0], bytes) else b""


def has_odd_key(session: Session, order: Order, longest: int) -> bool:
    """Whether a WITHOUT ROWID table has a key that no comparison finds: a value over the limit, or a NULL.

    SQLite inserts no NULL there, and so compares none; a file whose schema was changed may hold one all the same.
    """
    odd = [f"typeof({name}) = 'null'" for name in order.columns]
    if longest > session.limit:
        odd += [f"length(CAST({name} AS BLOB)) > {session.limit}" for name in order.columns]
    session.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    session.guard.start_clock(SECONDS)
    sql = f"SELECT 1 FROM {order.source} WHERE {' OR '.join(odd)} LIMIT 1"
    return session.connection.execute(sql).fetchone() is not None
