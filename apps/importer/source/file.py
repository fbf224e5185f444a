"""Opening a source, and what is known of it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from apps.importer import convert
from apps.importer.source.background import in_background
from apps.importer.source.check import check_structure
from apps.importer.source.declared import Declared, read_declared
from apps.importer.source.guard import FAILURES, STATISTICS, USUAL_LENGTH, connect, has_statistics
from apps.importer.source.large import has_odd_key
from apps.importer.source.order import MOST_PARTS, Order
from apps.importer.source.reader import LIST_BYTES, Reader
from apps.importer.source.schema import SourceTable, folded, quoted, read_tables
from apps.importer.source.select import Session, SourceRow, Values
from apps.importer.source.snapshot import Snapshot, check_file, take_snapshot
from apps.importer.source.values import Position, Range

WAIT = 30.0
CHECK_SECONDS = 60.0
CHECK_BYTES_PER_SECOND = 10 * 2**20
Row = TypeVar("Row")
ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}


class SourceFile:
    """A source as it was when it was opened: a private copy, checked, read through a guarded connection.

    `size` is the main file's bytes. Reading raises Refused ("corrupt") where damage comes up only then. Close
    it, or use it in a `with` statement.
    """

    def __init__(
        self,
        path: Path,
        snapshot: Snapshot,
        session: Session,
        tables: dict[str, SourceTable],
        ordered: set[str],
        lengths: Future[dict[str, int]] | None,
        lent: bool = False,
    ) -> None:
        self.path = path
        self.size = snapshot.size
        self.tables = tables
        self._snapshot = snapshot
        self._session = session
        self._ordered = ordered
        self._lengths = lengths
        self._lent = lent
        self._closed = False
        self._lock = threading.RLock()
        self._shapes: dict[str, tuple[int, Order]] = {}
        self._by_name = {folded(name): table for name, table in tables.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the copy and delete it, after what another thread reads at this moment; once more does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._session.connection.close()
                if not self._lent:
                    self._snapshot.remove()

    def beside(self) -> SourceFile:
        """Open the same copy once more, for a process forked from this one; to close it leaves the copy there."""
        connection, guard = connect(self._snapshot.path)
        guard.readable.update(self._session.guard.readable)
        session = replace(self._session, connection=connection, guard=guard)
        other = SourceFile(
            self.path, self._snapshot, session, self.tables, self._ordered, self._lengths, lent=True
        )
        with self._lock:
            other._shapes.update(self._shapes)
        return other

    @property
    def sha256(self) -> str:
        """The hash of the main file's bytes."""
        return self._snapshot.sha256

    @property
    def fingerprint(self) -> str:
        """The hash of the main file's bytes, its log's and its journal's."""
        return self._snapshot.fingerprint

    def table(self, name: str) -> SourceTable | None:
        """Find a table or view; like SQLite, ASCII letters of either case are the same."""
        return self._by_name.get(folded(name))

    def count(self, table: SourceTable) -> int:
        """Count the rows of a table; a view or virtual table is never read and has none."""
        if not table.readable:
            return 0
        self._session.guard.start_clock(_check_seconds(self._snapshot.total))
        with self._explained():
            sql = f"SELECT count(*) FROM main.{quoted(table.name)} NOT INDEXED"
            return int(self._session.connection.execute(sql).fetchone()[0])

    def rows(
        self,
        table: SourceTable,
        columns: Sequence[str],
        batch: int,
        after: Position | None = None,
        until: int | None = None,
    ) -> Iterator[list[SourceRow]]:
        """Read columns of a table in the order of its rows, after a position or from the start.

        The lists have at most `batch` rows, fewer where rows are long: a list stays near 16 MiB. `until` is the
        last rowid to be read. ValueError for a column that the table lacks, and for a view or virtual table.
        """
        return self._listed(self._reader(table, columns, until=until).lists(batch, after))

    def cells(
        self,
        table: SourceTable,
        columns: Sequence[str],
        batch: int,
        after: Position | None,
        most: int,
        until: int | None = None,
    ) -> Iterator[list[Values]]:
        """Read as ``rows`` does, but bare tuples of rowid and values, in lists of about `most` bytes.

        For tables with rowids only: ValueError for others.
        """
        if not table.rowid_name:
            raise ValueError(f"the rows of {table.name!r} have no rowid")
        return self._listed(self._reader(table, columns, most, until).cells(batch, after))

    def _listed(self, lists: Iterator[list[Row]]) -> Iterator[list[Row]]:
        while True:
            with self._explained():
                rows = next(lists, None)
            if rows is None:
                return
            yield rows

    def rows_at(
        self, table: SourceTable, columns: Sequence[str], positions: Sequence[Position]
    ) -> list[SourceRow]:
        """Read the rows at these positions, in their order; those that are gone are left out."""
        reader = self._reader(table, columns)
        with self._explained():
            return [row for row in map(reader.at, positions) if row]

    def declared(self, table: SourceTable) -> Declared:
        """Say what indexes and foreign keys a table declares."""
        with self._explained():
            return read_declared(self._session.connection, table)

    def span(self, table: SourceTable) -> tuple[int, int] | None:
        """Return the first and the last rowid of a table; None where it has none, or no row."""
        if not table.rowid_name:
            return None
        with self._explained():
            order = self._shape(table)[1]
            place = order.columns[0]
            self._session.guard.start_clock(CHECK_SECONDS)
            ends = [
                self._session.connection.execute(
                    f"SELECT {place} FROM {order.source} ORDER BY {place} {way} LIMIT 1"
                ).fetchone()
                for way in ("ASC", "DESC")
            ]
        return (ends[0][0], ends[1][0]) if all(ends) else None

    def ranges(self, table: SourceTable, count: int) -> list[Range]:
        """Cut a table that has rowids into ranges of about as many of them."""
        first, last = self.span(table) or (0, 0)
        cuts = [first + (last - first) * number // count for number in range(1, count)]
        return list(zip([None, *cuts], [*cuts, None], strict=True))

    def _reader(
        self, table: SourceTable, columns: Sequence[str], most: int = LIST_BYTES, until: int | None = None
    ) -> Reader:
        unknown = [name for name in columns if table.column(name) is None]
        if unknown or not table.readable:
            raise ValueError(f"{table.kind} {table.name!r} cannot be read: no column {unknown}")
        with self._explained():
            longest, order = self._shape(table)
        return Reader(self._session, order, list(columns), longest, most, until)

    def _shape(self, table: SourceTable) -> tuple[int, Order]:
        """Say how long the table's rows get and how they are told apart; looked up once."""
        if table.name not in self._shapes:
            longest = self._longest(table)
            self._shapes[table.name] = longest, Order(table, by_number=self._is_unreachable(table, longest))
        return self._shapes[table.name]

    def _is_unreachable(self, table: SourceTable, longest: int) -> bool:
        """Whether neither rowid nor key tells the rows apart in SQL, where UTF-16 text does not pass unaltered."""
        session = self._session
        if table.rowid_name:
            return False
        is_comparable = session.encoding == "utf-8" and len(table.parts) <= MOST_PARTS
        if table.name not in self._ordered or not is_comparable:
            return True
        return has_odd_key(session, Order(table), longest)

    def _longest(self, table: SourceTable) -> int:
        """Bound the bytes of a row: 0 where the whole file fits a list, else by SQLite's statistics."""
        if self._lengths is None:
            return 0
        return self._lengths.result().get(table.name, self._snapshot.total)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into what they mean for the file."""
        try:
            with self._lock:
                yield
        except FAILURES as error:
            raise self._session.guard.explain(error) from None


def open_source(
    path: str | os.PathLike[str],
    *,
    wait: float = WAIT,
    limit: int = convert.VALUE_LIMIT,
    deadline: float | None = None,
) -> SourceFile:
    """Copy a source privately, check it and describe its tables; the original and its folder stay as they
    are.

    `wait` is how many seconds to wait for a program that writes to it, `limit` the bytes of a value beyond
    which it comes as `TooLarge`, `deadline` the seconds for the check (by default a minute and more for large
    files). Raises Refused: not_a_file, empty_file, not_sqlite, corrupt, locked, no_space.
    """
    path = Path(path)
    check_file(path)
    snapshot = take_snapshot(path, wait)
    try:
        seconds = _check_seconds(snapshot.total) if deadline is None else deadline
        session, tables, ordered, lengths = _open(snapshot, limit, seconds)
    except BaseException:
        snapshot.remove()
        raise
    return SourceFile(path, snapshot, session, tables, ordered, lengths)


def _check_seconds(size: int) -> float:
    return CHECK_SECONDS + size / CHECK_BYTES_PER_SECOND


def _open(
    snapshot: Snapshot, limit: int, seconds: float
) -> tuple[Session, dict[str, SourceTable], set[str], Future[dict[str, int]] | None]:
    connection, guard = connect(snapshot.path)
    try:
        guard.start_clock(seconds)
        tables = read_tables(connection)
        measure = partial(_longest_rows, snapshot.path, tables, seconds)
        is_large = snapshot.total > min(limit, LIST_BYTES)
        lengths = in_background("lengths", measure) if is_large else None
        ordered = check_structure(connection, tables.values())
        if lengths:
            wait([lengths])  # not when the file is refused, or a person asked to stop
        guard.readable.update(name for name, table in tables.items() if table.readable)
        encoding = ENCODINGS[connection.execute("PRAGMA encoding").fetchone()[0]]
        return Session(connection, guard, encoding, limit), tables, ordered, lengths
    except FAILURES as error:
        connection.close()
        raise guard.explain(error) from None
    except BaseException:
        connection.close()
        raise


def _longest_rows(path: Path, tables: dict[str, SourceTable], seconds: float) -> dict[str, int]:
    """Read from SQLite's statistics how many bytes the longest row of each table has; none where it keeps none."""
    connection, guard = connect(path)
    with closing(connection):
        guard.start_clock(seconds)
        is_taken = folded(STATISTICS) in map(folded, tables)
        if is_taken or not has_statistics(connection, guard):
            return {}
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, USUAL_LENGTH)
        sql = f"SELECT max(mx_payload) FROM {STATISTICS} WHERE name = ? AND aggregate = 1"
        names = [name for name, table in tables.items() if table.readable]
        return {name: int(connection.execute(sql, (name,)).fetchone()[0] or 0) for name in names}
