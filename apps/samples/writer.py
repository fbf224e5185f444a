"""Writes one sample file: the scripts and rows that its description lists, in their order.

A file grows as the real ones did: schema, rows, later schema changes over rows that were there before.
Indexes come last, and the file is made in a folder of its own first, so that a sample is there whole or not
at all.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from apps.samples.world import Count, Row, World

SCHEMAS = Path(__file__).parent / "schema"

#: Header word of every file written here, by which a sample is known from somebody's own database.
APPLICATION_ID = 0x5248_534D

Planted = Counter[tuple[str, str]]


class SampleError(Exception):
    """A file that cannot be written, in one sentence for the user."""


@dataclass(frozen=True)
class Table:
    """A legacy table: how a row is made from its number, and how many there are."""

    name: str
    row: Callable[[World, int], Row]
    count: Count


@dataclass(frozen=True)
class Raw:
    """Bytes to be stored as TEXT whatever they are."""

    data: bytes


@dataclass(frozen=True)
class Fault:
    """A row like the others but for `values`, which a correct import sets aside with `reason`."""

    table: str
    reason: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """A schema file; its indexes wait for the next `Indexes` or the end."""

    name: str


@dataclass(frozen=True)
class Rows:
    """Rows of the named tables, of each the part from `start` to `end`; faults go with the end."""

    tables: tuple[str, ...]
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Indexes:
    """Builds the indexes that wait."""


@dataclass(frozen=True)
class Sample:
    """A sample file: its tables and the steps by which it came about."""

    system: str
    variant: str
    filename: str
    tables: tuple[Table, ...]
    steps: tuple[Script | Rows | Indexes, ...]
    faults: tuple[Fault, ...] = ()
    tag: str = ""
    adapt: Callable[[World, str, int, Row], Row] | None = None

    @property
    def planted(self) -> Planted:
        """How many rows a correct import sets aside, by table and reason."""
        return Counter((fault.table, fault.reason) for fault in self.faults)


@dataclass(frozen=True)
class Written:
    """A file that now exists: bytes, rows by table, and the faults in it."""

    path: Path
    size: int
    rows: dict[str, int]
    planted: Planted


def write_sample(sample: Sample, folder: Path, rows: int, seed: int = 0, clean: bool = False) -> Written:
    """Write the sample into the folder, over an older sample of the same name.

    Raises SampleError where the folder cannot be written, or where the name belongs to another file.
    """
    path = folder / sample.filename
    _check_replaceable(path)
    try:
        with TemporaryDirectory(prefix=".samples-", dir=folder) as workshop:
            partial = Path(workshop) / sample.filename
            counts = _fill(sample, partial, rows, seed, clean)
            size = partial.stat().st_size
            os.replace(partial, path)
    except (OSError, sqlite3.OperationalError) as error:
        raise SampleError(
            f"{path} cannot be written: {error}. Is the folder writable and the disk free?"
        ) from error
    return Written(path, size, counts, Counter() if clean else sample.planted)


def _check_replaceable(path: Path) -> None:
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            header = file.read(72)
    except OSError as error:
        raise SampleError(f"{path} is in the way: {error.strerror}. Choose another folder.") from error
    if header[:16] != b"SQLite format 3\0" or header[68:72] != APPLICATION_ID.to_bytes(4, "big"):
        raise SampleError(f"{path} is not a sample file; move it away or choose another folder.")


def _fill(sample: Sample, path: Path, rows: int, seed: int, clean: bool) -> dict[str, int]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -32000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("BEGIN")
        _Builder(connection, sample, rows, seed, clean).run()
        counts = _count_rows(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return counts


def _count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    listed = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        " AND name NOT LIKE '%~_fts%' ESCAPE '~' ORDER BY name"
    )
    counts = {}
    for (name,) in listed.fetchall():
        (counts[name],) = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
    return counts


class _Builder:
    """Carries out the steps of one sample on one connection."""

    def __init__(
        self, connection: sqlite3.Connection, sample: Sample, rows: int, seed: int, clean: bool
    ) -> None:
        self.connection = connection
        self.sample = sample
        self.tables = {table.name: table for table in sample.tables}
        self.faults = () if clean else sample.faults
        self.waiting: list[str] = []
        counts = {table.name: table.count for table in sample.tables}
        self.world = World(f"{sample.system}/{sample.variant}", seed, rows, counts, sample.tag)

    def run(self) -> None:
        for step in (*self.sample.steps, Indexes()):
            if isinstance(step, Script):
                self.run_script(step.name)
            elif isinstance(step, Rows):
                for name in step.tables:
                    self.insert(self.tables[name], step.start, step.end)
            else:
                self.build_indexes()

    def run_script(self, name: str) -> None:
        for statement in statements((SCHEMAS / name).read_text(encoding="utf-8")):
            if statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
                self.waiting.append(statement)
            else:
                self.connection.execute(statement)

    def build_indexes(self) -> None:
        for statement in self.waiting:
            self.connection.execute(statement)
        self.waiting.clear()

    def insert(self, table: Table, start: float, end: float) -> None:
        count = self.world.count(table.name)
        first, last = round(count * start), round(count * end)
        numbers = iter(range(first, last))
        self.insert_many(table, islice(numbers, (last - first + 1) // 2))
        if end == 1.0:
            self.insert_faults(table, count)
        self.insert_many(table, numbers)

    def insert_many(self, table: Table, numbers: Iterator[int]) -> None:
        made = self.made(table, numbers)
        row = next(made, None)
        if row is None:
            return
        columns = self.columns(table.name, row)
        command = insert_command(table.name, columns, ["?"] * len(columns))
        values = _chooser(columns)
        self.connection.execute(command, values(row))
        self.connection.executemany(command, map(values, made))

    def insert_faults(self, table: Table, number: int) -> None:
        for fault in self.faults:
            if fault.table != table.name:
                continue
            row = next(self.made(table, iter((number,)))) | dict(fault.values)
            number += 1
            columns = self.columns(table.name, row)
            cells = [_value(row[column], self.world) for column in columns]
            marks = ["CAST(? AS TEXT)" if isinstance(cell, Raw) else "?" for cell in cells]
            bound = [cell.data if isinstance(cell, Raw) else cell for cell in cells]
            self.connection.execute(insert_command(table.name, columns, marks), bound)

    def made(self, table: Table, numbers: Iterator[int]) -> Iterator[Row]:
        for number in numbers:
            row = table.row(self.world, number)
            yield self.sample.adapt(self.world, table.name, number, row) if self.sample.adapt else row

    def columns(self, table: str, row: Row) -> list[str]:
        """The row's columns that the file has at this point of its history."""
        present = {record[1] for record in self.connection.execute(f'PRAGMA table_info("{table}")')}
        return [column for column in row if column in present]


def _chooser(columns: list[str]) -> Callable[[Row], tuple[Any, ...]]:
    """A fast way from a row to the values of the columns."""
    if len(columns) > 1:
        return itemgetter(*columns)
    (only,) = columns
    return lambda row: (row[only],)


def _value(value: Any, world: World) -> Any:
    return value(world) if callable(value) else value


def insert_command(table: str, columns: Iterable[str], marks: Iterable[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(marks)})'  # noqa: S608


def statements(script: str) -> Iterator[str]:
    """Split a script, leaving out its comment lines; triggers stay whole."""
    pending = ""
    for line in script.splitlines():
        if not line.startswith("--"):
            pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
