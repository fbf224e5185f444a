"""A file read from end to end: each table with what its columns hold and what it declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.importer import convert
from apps.importer.convert import Converter, Invalid
from apps.importer.progress import Progress
from apps.importer.scaffold.code import printable
from apps.importer.scaffold.judge import VECTOR_WORDS, Facts, Hints, told
from apps.importer.scaffold.verdict import Verdict, decide
from apps.importer.source import Declared, SourceFile, SourceRow, SourceTable, Stored

BATCH = 1000
DIMS_WORDS = ("dims", "dim", "dimension", "dimensions", "n_dims", "ndims", "vector_dims", "embedding_dim")
FLOAT = 4
"""Bytes of a 32-bit float."""

CONVERTERS = {
    "uuid": convert.uuid,
    "integer": convert.integer,
    "bigint": convert.integer,
    "text": convert.text,
}
"""Types whose columns may be keys, and references to keys."""


@dataclass
class ColumnSurvey:
    """A column: its name, whether it is declared NOT NULL, what it holds, and the type that follows."""

    name: str
    not_null: bool
    facts: Facts
    verdict: Verdict

    @property
    def required(self) -> bool:
        """Whether NULL may be refused: it is declared so, and no row has it."""
        return self.not_null and not self.facts.nulls

    def converter(self) -> Converter | None:
        """Return the converter of a column that may be a key."""
        make = CONVERTERS.get(self.verdict.kind)
        return make() if make else None


@dataclass
class TableSurvey:
    """A table: how many rows it has, its columns but for generated ones, and what it declares."""

    table: SourceTable
    rows: int
    columns: list[ColumnSurvey]
    declared: Declared
    widths: dict[str, str] = field(default_factory=dict)
    """Columns of vectors, each with the column that says how many dimensions a row's has."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def column(self, name: str | None) -> ColumnSurvey | None:
        """Find a column; like SQLite, ASCII letters of either case are the same."""
        found = self.table.column(name) if name is not None else None
        return next((c for c in self.columns if found is not None and c.name == found.name), None)

    @property
    def key(self) -> list[ColumnSurvey]:
        """The columns of the declared primary key, in its order."""
        return [c for c in (self.column(column.name) for column in self.table.key) if c is not None]


def survey(file: SourceFile, progress: Progress) -> list[TableSurvey]:
    """Read every ordinary table of a file."""
    tables = sorted(file.tables.values(), key=lambda table: table.name)
    return [_survey_table(file, table, progress) for table in tables if table.kind == "table"]


def _survey_table(file: SourceFile, table: SourceTable, progress: Progress) -> TableSurvey:
    columns = [column for column in table.columns if not column.generated]
    rows = file.count(table)
    facts = [Facts(rows) for _ in columns]
    progress.start(printable(table.name), rows, 0)
    for places, values in _columns(file, table, [column.name for column in columns]):
        for one, held in zip(facts, values, strict=True):
            one.add(held, places)
        progress.advance(len(places))
    progress.stop()
    keys = {column.name for column in table.key}
    found = [
        ColumnSurvey(
            column.name,
            column.not_null or (table.without_rowid and column.pk > 0),
            one,
            _judge(one, Hints(column.name, column.declared), column.name in keys),
        )
        for column, one in zip(columns, facts, strict=True)
    ]
    result = TableSurvey(table, rows, found, file.declared(table))
    for column in found:
        if column.verdict.kind == "blob":
            _look_for_vectors(file, result, column)
    return result


def _judge(facts: Facts, hints: Hints, is_key: bool) -> Verdict:
    """Decide on a type; one that could make two keys the same is no type for a key."""
    found = decide(facts, hints)
    if not is_key:
        return found
    if set(facts.counts) == {int}:
        return Verdict("bigint")
    uneven = found.kind == "uuid" and not (facts.spelled <= {"canonical"} or facts.spelled == {"digits"})
    if set(facts.counts) == {str} and (uneven or found.kind not in ("uuid", "date", "bigint", "text")):
        return Verdict("text", notes=(f"{found.kind} by its values, but a key: left as it is written",))
    return found


def _columns(
    file: SourceFile, table: SourceTable, names: Sequence[str]
) -> Iterator[tuple[list[str], list[tuple[Stored, ...]]]]:
    """Read a table by batches: the places of the rows, and the values of each column."""
    number = 0
    for rows in file.rows(table, names, BATCH):
        places = [place(row, number + i) for i, row in enumerate(rows, 1)]
        number += len(rows)
        yield places, list(zip(*(row.values for row in rows), strict=True))


def place(row: SourceRow, number: int) -> str:
    """Say where a row is, so that a person finds it: by rowid, by key, or by its number."""
    if row.rowid is not None:
        return f"row {row.rowid}"
    if isinstance(row.position, tuple):
        return f"the row of key {', '.join(map(told, row.position))}"
    return f"row number {number}"


# -- vectors in BLOBs


def _look_for_vectors(file: SourceFile, found: TableSurvey, column: ColumnSurvey) -> None:
    """Take BLOBs for packed 32-bit floats where another column says how many numbers each holds."""
    sizes = column.facts.sizes
    dims = next((c for c in found.columns if c.name.lower() in DIMS_WORDS), None)
    if dims is not None and set(dims.facts.counts) == {int} and _agree(file, found.table, column, dims):
        width = min(sizes) // FLOAT if len(sizes) == 1 else None
        column.verdict = Verdict("vector", width)
        found.widths[column.name] = dims.name
    elif Hints(column.name).names(VECTOR_WORDS) and len(sizes) == 1 and min(sizes) % FLOAT == 0:
        note = f"{min(sizes) // FLOAT:,} packed 32-bit floats each, perhaps; no column says so"
        column.verdict = Verdict("blob", notes=(*column.verdict.notes, note))


def _agree(file: SourceFile, table: SourceTable, column: ColumnSurvey, dims: ColumnSurvey) -> bool:
    """Tell whether every BLOB is a vector of as many dimensions as its row says."""
    read = convert.vector().read
    for rows in file.rows(table, [column.name, dims.name], BATCH):
        for row in rows:
            blob, width = row.values
            if blob is None:
                continue
            if not isinstance(blob, bytes) or not isinstance(width, int) or len(blob) != FLOAT * width:
                return False
            try:
                read(blob)
            except Invalid:
                return False
    return True
