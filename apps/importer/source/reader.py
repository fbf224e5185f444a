"""The rows of one table, streamed in lists of bounded size.

The usual row costs no Python for each of its values: TEXT is decoded in C, and memory is bounded by what the
table's longest row may take, not by measuring. A text that is no UTF-8 makes the rest of the table be read
with the lenient decoder; a row with a value over the limit is read with care.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from sys import getsizeof

from apps.importer.source.guard import is_too_big, is_undecodable
from apps.importer.source.large import CarefulReader
from apps.importer.source.order import Order
from apps.importer.source.select import Selection, Session, SourceRow, Values
from apps.importer.source.values import Position, Stored

LIST_BYTES = 16 * 2**20
"""Bytes that the rows of one list may have, unless a single row has more."""


class _TooLong(Exception):
    """A value over the limit is among the rows just read."""


@dataclass(frozen=True)
class Reader:
    """Reads some columns of one table in its order, up to a rowid if one is given.

    `longest` bounds the bytes of any row, `most` those of a list.
    """

    session: Session
    order: Order
    columns: list[str]
    longest: int
    most: int = LIST_BYTES
    until: int | None = None

    @cached_property
    def _selection(self) -> Selection:
        return Selection(self.session, self.order, [self.order.name(column) for column in self.columns])

    @cached_property
    def _careful(self) -> CarefulReader:
        return CarefulReader(self.session, self.order, self.columns)

    def lists(self, batch: int, after: Position | None) -> Iterator[list[SourceRow]]:
        """Give the rows after a position in lists of at most `batch` rows and about `most` bytes."""
        for cells in self.cells(batch, after):
            rows = self._selection.as_rows(cells, after)
            after = rows[-1].position
            yield rows

    def cells(self, batch: int, after: Position | None) -> Iterator[list[Values]]:
        """Give the same rows as bare tuples, each with its position before its values."""
        if self.longest <= self.session.limit and self.longest * batch <= self.most:
            return self._steps(batch, after)
        return self._weighed(batch, after)

    def at(self, position: Position) -> SourceRow | None:
        """Give the row at a position, if there is one."""
        try:
            row = self._selection.one(position)
            return self._careful.read(position) if row and self._has_long([row.values]) else row
        except sqlite3.Error as error:
            if not is_too_big(error):
                raise
            return self._careful.read(position)

    def _weighed(self, batch: int, after: Position | None) -> Iterator[list[Values]]:
        """Gather small steps into lists by what they weigh."""
        held: list[Values] = []
        weight = 0
        for rows in self._steps(self._step(batch), after):
            more = sum(map(getsizeof, chain.from_iterable(rows)))
            if held and (len(held) + len(rows) > batch or weight + more > self.most):
                yield held
                held, weight = [], 0
            held += rows
            weight += more
        if held:
            yield held

    def _step(self, batch: int) -> int:
        """Say how many rows to fetch at once so that not even the longest ones fill the memory."""
        most = self.most // self.longest
        if self.longest > self.session.limit or most <= 1:
            return 1
        steps = -(-batch // most)
        return max(1, batch // steps)

    def _steps(self, count: int, after: Position | None) -> Iterator[list[Values]]:
        """Give the rows `count` by `count`; after whatever needs care, start anew behind it."""
        position, lenient = after, False
        cursors: list[sqlite3.Cursor] = []
        while True:
            try:
                cursors = cursors or self._selection.open(self.order.after(position, self.until))
                rows = self._selection.fetch(cursors, count, lenient)
                if self._has_long(rows):
                    raise _TooLong
            except (sqlite3.Error, _TooLong) as error:
                cursors = []
                if not lenient and is_undecodable(error):
                    lenient = True
                    continue
                if not isinstance(error, _TooLong) and not is_too_big(error):
                    raise
                rows = self._next_with_care(position)
            if not rows:
                return
            position = self._selection.last(rows, position)
            yield rows

    def _next_with_care(self, after: Position | None) -> list[Values]:
        places = Selection(self.session, self.order, [])
        found = places.as_rows(places.fetch(places.open(self.order.after(after, self.until)), 1), after)
        rows = (self._careful.read(row.position) for row in found)
        return [self._selection.as_cells(row) for row in rows if row]

    def _has_long(self, rows: list[Values]) -> bool:
        """Whether SQLite handed out a value over the limit: it lets short ones pass."""
        if self.longest <= self.session.limit:
            return False
        return any(self._is_long(value) for row in rows for value in row)

    def _is_long(self, value: Stored) -> bool:
        limit = self.session.limit
        if isinstance(value, str):
            return len(value) * 4 > limit and len(value.encode("utf-8", "surrogateescape")) > limit
        return isinstance(value, bytes) and len(value) > limit
