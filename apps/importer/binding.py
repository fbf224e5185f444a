"""A mapping bound to one file: reads a row's stored values, gives the row that COPY takes, or why not.

Pure: knows converters, mappings and the shape of the file's table, not the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xxhash import xxh3_128_hexdigest

from apps.importer import binary, convert
from apps.importer.convert import Converter, Invalid
from apps.importer.convert.packed import Packed
from apps.importer.convert.plain import Plain
from apps.importer.mapping import KEY_STRIDE, Column, ResolvedTable, SourceKey
from apps.importer.source import Position, SourceRow, SourceTable, Stored, TooLarge, encode_value, folded

Read = Callable[[convert.Stored], str | None]
BIGINT = 2**63
BARE = frozenset(
    (
        "uuid",
        "timestamp with time zone",
        "date",
        "boolean",
        "smallint",
        "integer",
        "bigint",
        "double precision",
    )
)
"""Types whose texts have neither a backslash nor white space other than blanks."""


@dataclass(frozen=True)
class Scope:
    """What the conversion of a source depends on, besides the mapping."""

    system: str
    source_name: str
    number: int
    zone: str = "UTC"

    @property
    def shift(self) -> int:
        """How far this source's integer keys are shifted."""
        return self.number * KEY_STRIDE


@dataclass(slots=True)
class Ready:
    """A converted row: its target fields as PostgreSQL reads them, in the order of the bound columns."""

    row: SourceRow
    identity: str
    fields: list[str | None]
    digest: str = ""
    extras: str | None = None
    pk: str = ""
    links: Sequence[str | None] = ()
    """The parents that its unenforced references tell, beside the texts that name them."""
    needs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Rejected:
    """A row that cannot be imported: the reason code, the legacy column and a message of one line."""

    row: SourceRow
    reason: str
    column: str | None
    message: str
    sqlstate: str | None = None


@dataclass(slots=True)
class Step:
    """How one target column is read: the position of the stored value and its converter.

    ``plain`` converts a whole column at once, where it can; None where the column is read in a way of its own.
    ``packed`` gives the numbers that the texts would say.
    """

    index: int
    column: Column
    read: Read
    required: bool
    plain: Plain | None
    packed: Packed | None

    @property
    def is_bare(self) -> bool:
        """Whether the column's type has no text that COPY would escape."""
        return binary.kind(self.column.type) in BARE


@dataclass
class BoundTable:
    """One legacy table of one file, ready to convert its rows."""

    table: ResolvedTable
    source: SourceTable
    scope: Scope
    names: list[str] = field(init=False)
    """The legacy columns to read, in the order of a row's values."""
    steps: list[Step] = field(init=False)
    missing: str | None = field(init=False, default=None)
    """A legacy column that the file lacks though the target needs it."""
    unmapped: list[int] = field(init=False)
    """Positions of the columns that no mapping knows, by name: the digest must not depend on their order."""

    widths: list[tuple[int, int]] = field(init=False)
    """Vectors of which the row itself says how many numbers they have: their step, and where it says it."""
    link_places: list[int | None] = field(init=False)
    """The steps of the texts that the table's links resolve; None where the file has no such column."""
    packed: bool = field(init=False, default=False)
    """Whether rows go to PostgreSQL in COPY's binary format, for which vectors are read as their floats."""
    has_vectors: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        kinds = {binary.kind(column.type) for column in self.table.columns}
        self.packed = binary.suits(kinds)
        self.has_vectors = self.packed and binary.VECTOR in kinds
        self.names = [c.name for c in self.source.columns if not c.generated or self._is_mapped(c.name)]
        places = {folded(name): index for index, name in enumerate(self.names)}
        self.steps = []
        for column in self.table.columns:
            index = places.get(folded(column.source))
            if index is not None:
                is_vector = self.packed and binary.kind(column.type) == binary.VECTOR
                reads = packed_floats(column) if is_vector else bind_converter(column, self.scope)
                self.steps.append(Step(index, column, reads[0], column.required, *reads[1:]))
            elif not column.has_default:
                self.missing = column.source
        used = {step.index for step in self.steps}
        widths = {folded(name) for name in self.table.declared.widths.values()}
        unmapped = [i for i, n in enumerate(self.names) if i not in used and folded(n) not in widths]
        self.unmapped = sorted(unmapped, key=lambda place: self.names[place])
        self.key_places = [places[folded(name)] for name in self.table.key if folded(name) in places]
        self.key_steps = self._find_key_steps()
        steps = {folded(step.column.source): place for place, step in enumerate(self.steps)}
        self.link_places = [steps.get(folded(link.source)) for _, link in self.table.links]
        self.widths = [
            (position, places[folded(name)])
            for position, step in enumerate(self.steps)
            for field_name, name in self.table.declared.widths.items()
            if step.column.field.name == field_name and folded(name) in places
        ]

    def _is_mapped(self, name: str) -> bool:
        return folded(name) in {folded(column.source) for column in self.table.columns}

    def _find_key_steps(self) -> list[int]:
        """Return, for each key column, the step whose converted value tells the row."""
        found = []
        for place in self.key_places:
            steps = [i for i, step in enumerate(self.steps) if step.index == place]
            plain = [i for i in steps if not self.steps[i].column.field.primary_key]
            found.append((plain or steps)[0])
        return found

    @property
    def columns(self) -> list[str]:
        """The target columns that the steps fill, in order; links and a surrogate key come behind them."""
        return [step.column.name for step in self.steps]

    def convert(self, row: SourceRow) -> Ready | Rejected:
        """Convert one row; the first column that fails names it."""
        values: Sequence[Stored] = row.values
        if self.missing is not None:
            return Rejected(row, "column_missing", self.missing, f"this file has no column {self.missing}")
        if self.table.declared.rewrite:
            named = self.table.declared.rewrite(dict(zip(self.names, values, strict=True)))
            values = [named[name] for name in self.names]
        fields: list[str | None] = []
        step = None
        try:
            for step in self.steps:
                value = values[step.index]
                text = None if value is None else step.read(value)
                if text is None and step.required:
                    raise Invalid("null_required", "NULL where a value is required")
                fields.append(text)
        except Invalid as error:
            name = step.column.source if step else None
            return Rejected(row, error.reason, name, error.message)
        if self.widths and (wrong := self._wrong_width(row, fields, values)):
            return wrong
        identity = self._identity(row, fields)
        if identity is None:
            return Rejected(row, "null_required", self.table.key[0], "NULL in the key")
        return Ready(row, identity, fields, extras=self._extras(values))

    def _wrong_width(
        self, row: SourceRow, fields: list[str | None], values: Sequence[Stored]
    ) -> Rejected | None:
        """Set a row aside whose vector has another width than the row itself says."""
        for position, place in self.widths:
            text, width = fields[position], values[place]
            if text is not None and not self.has_width(text, width):
                message = f"{self._width_of(text)} numbers where the row says {width!r}"
                return Rejected(row, "vector_dimension", self.steps[position].column.source, message)
        return None

    def has_width(self, text: str, width: Stored) -> bool:
        """Tell whether a vector's field has as many numbers as its row says, if it says so."""
        return width is None or self._width_of(text) == width

    def _width_of(self, text: str) -> int:
        return len(text) // binary.BYTES_OF_FLOAT if self.packed else text.count(",") + 1

    def identity_of(self, row: SourceRow) -> str | None:
        """Return by which key provenance knows a row, whatever else it holds; None where its key says nothing."""
        values: Sequence[Stored] = row.values
        if self.table.declared.rewrite:
            named = self.table.declared.rewrite(dict(zip(self.names, values, strict=True)))
            values = [named[name] for name in self.names]
        fields: list[str | None] = [None] * len(self.steps)
        try:
            for place in self.key_steps:
                value = values[self.steps[place].index]
                fields[place] = None if value is None else self.steps[place].read(value)
        except Invalid:
            return None
        return self._identity(row, fields)

    def _identity(self, row: SourceRow, fields: list[str | None]) -> str | None:
        parts = [self._legacy(step, fields[step]) for step in self.key_steps]
        if not parts or None in parts:
            return f"rowid:{row.rowid}" if not self.table.key or self.table.declared.null_key else None
        return parts[0] if len(parts) == 1 else identity_of(parts)

    def plain_position(self, identity: str) -> Position:
        """Return where a row of a table without rowids stands whose key is stored just as its identity says."""
        parts = [identity] if len(self.key_places) == 1 else json.loads(identity)
        values = dict(zip(map(folded, self.table.key), parts, strict=True))
        numbers = {
            folded(c.source) for c in self.table.columns if c.type in ("integer", "bigint", "smallint")
        }
        names = [folded(part.column.name) for part in self.source.parts]
        return tuple(int(values[name]) if name in numbers else values[name] for name in names)

    def _legacy(self, step: int, text: str | None) -> str | None:
        """Return a key's converted value as the file knows it, without the shift of this source."""
        if text is None or not self.scope.shift or not self.steps[step].column.shift:
            return text
        return str(int(text) - self.scope.shift)

    def _extras(self, values: Sequence[Stored]) -> str | None:
        found = {self.names[i]: encode_value(values[i]) for i in self.unmapped if values[i] is not None}
        return json.dumps(found, ensure_ascii=False) if found else None

    def key_of(self, row: SourceRow) -> dict[str, Any]:
        """Return the legacy key as stored, for a person to find the row: column to encoded value."""
        return {self.names[place]: encode_value(row.values[place]) for place in self.key_places}

    def raw(self, row: SourceRow) -> dict[str, Any]:
        """Return every stored value of the row, exactly (conversion_rules.md section 17)."""
        return {name: encode_value(value) for name, value in zip(self.names, row.values, strict=True)}

    def handles(self, row: SourceRow) -> list[str]:
        """Return the names under which other rows may refer to this one: ``column=canonical value``.

        Used for rows in quarantine, whose other columns may hold anything; a column that does not
        convert gives no handle.
        """
        found = []
        for step in self.steps:
            value = row.values[step.index]
            if (
                step.column.name in self.table.handles
                and value is not None
                and not isinstance(value, TooLarge)
            ):
                try:
                    found.append(f"{step.column.name}={step.read(value)}")
                except Invalid:
                    continue
        return found


Reads = tuple[Read, Plain | None, Packed | None]
"""How a value is read, and a whole column: as texts, as numbers; None where each value needs the first."""


def bind_converter(column: Column, scope: Scope) -> Reads:
    """Return the reading functions of a column for one source: with its zone, its scope, its shifted keys."""
    if isinstance(column.converter, SourceKey):
        return column.converter.bind(f"{scope.system}:{scope.source_name}").read, None, None
    if column.local:
        return _local(column.local, scope.zone)
    if column.shift and scope.shift:
        return _shifted(column.converter, scope.shift)
    return column.converter.read, column.converter.plain, column.converter.packed


def packed_floats(column: Column) -> Reads:
    """Return the reading functions of a vector for the binary format."""
    width = column.field.dimensions  # type: ignore[attr-defined]

    def read(value: convert.Stored) -> str:
        return binary.floats(convert.read_floats(value, width).astype(">f4").tobytes())

    def packed(values: Sequence[Any]) -> Any:
        floats = convert.read_column(values, width)
        return None if floats is None else binary.vectors(floats)

    def plain(values: Sequence[Any]) -> list[str] | None:
        floats = convert.read_column(values, width)
        if floats is None:
            return None
        whole = binary.floats(floats.astype(">f4").tobytes())
        length = binary.BYTES_OF_FLOAT * width
        return [whole[start : start + length] for start in range(0, len(whole), length)]

    return (read, plain, packed) if width else (read, None, None)


def _local(form: str, zone: str) -> Reads:
    local, utc = convert.datetime(zone), convert.datetime()
    if form == "all" or zone == "UTC":
        return local.read, local.plain, local.packed

    def read(value: convert.Stored) -> str | None:
        has_t = isinstance(value, str) and value.lstrip(" \t\r\n")[10:11] in ("T", "t")
        return local.read(value) if has_t else utc.read(value)

    return read, None, None


def _shifted(converter: Converter, shift: int) -> Reads:
    def read(value: convert.Stored) -> str | None:
        text = converter.read(value)
        if text is None:
            return None
        number = int(text) + shift
        if number >= BIGINT:
            raise Invalid("number_range", f"{text} is too large a key beside those of other sources")
        return str(number)

    def plain(values: Sequence[Any]) -> list[str] | None:
        if not converter.plain or converter.plain(values) is None or max(values) + shift >= BIGINT:
            return None
        return moved(values, shift)

    return read, plain, None


def moved(numbers: Iterable[str | int], distance: int) -> list[str]:
    """Return whole numbers moved by so much, as text."""
    return list(map(str, map(distance.__add__, map(int, numbers))))


def identity_of(parts: Sequence[str | None]) -> str:
    """Return a key of several columns as one text: a JSON list."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def copy_field(text: str | None) -> str:
    """Return a field as COPY's text format has it."""
    if text is None:
        return "\\N"
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text or "\t" in text or "\r" in text:
        text = text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return text


def copy_fields(texts: Sequence[str | None], bare: bool = False) -> Sequence[str]:
    """Return a column of fields as ``copy_field`` does each, all at once; none of a ``bare`` one has escapes."""
    if bare:
        return ["\\N" if t is None else t for t in texts] if None in texts else texts  # type: ignore[return-value]
    there = [text for text in texts if text is not None] if None in texts else texts
    whole = "\0".join(there)  # type: ignore[arg-type]
    if "\\" in whole or "\n" in whole or "\t" in whole or "\r" in whole:
        fields = copy_field(whole).split("\0")
        if len(fields) != len(there):
            raise AssertionError("a converter let U+0000 pass")
    elif there is texts:
        return texts  # type: ignore[return-value]
    else:
        fields = there  # type: ignore[assignment]
    following = iter(fields)
    return fields if there is texts else ["\\N" if text is None else next(following) for text in texts]


def text_row(fields: Iterable[str | None]) -> bytes:
    """Return a row, or a part of one, as COPY's text format has it, without its end."""
    return "\t".join(map(copy_field, fields)).encode()


def digest(row: bytes, extras: str | None = None) -> str:
    """Return the digest of a converted row, given as COPY takes it: 32 hex digits of XXH3.

    It tells a changed row from an unchanged one, and keeps no secret.
    """
    return xxh3_128_hexdigest(b"\0".join([row, extras.encode()]) if extras else row)
