"""A batch in COPY's binary format, put together by NumPy: the same bytes as ``binary.Format`` writes row by row.

Fields of fixed width stand side by side at the head of a row. So all of a batch make one block, which is filled
column by column, and cut into rows at the end; texts that follow belong to it where all have one length.
"""

from __future__ import annotations

import struct
from binascii import unhexlify
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from apps.importer import binary
from apps.importer.binary import ENCODERS, NULL, WIDTHS, Format

Array = np.ndarray[Any, np.dtype[Any]]
Texts = Sequence[str | None]

STORED = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "double precision": ">f8",
    "boolean": "u1",
    "timestamp with time zone": ">i8",
}
"""How PostgreSQL takes the numbers of a type."""
MICROS_TO_2000 = 946_684_800 * 10**6
LENGTH = 4
TRIED, FEW = 64, 40
"""So many fields of a column are looked at first; where few of them are distinct, each text is encoded once."""

_length = struct.Struct(">i").pack
_head_of_document = struct.Struct(">ib").pack


class Numbers:
    """A column of fixed width as an array, a row for each field; ``there`` tells those that are not NULL."""

    def __init__(self, values: Array, there: Array | None = None) -> None:
        self.values = values
        self.there = there

    def __len__(self) -> int:
        return len(self.values)

    def put(self, place: int, text: str, kind: str) -> None:
        """Set the field that is NULL so far to what a text says."""
        self.values[place] = NUMBERS[kind](text)
        if self.there is not None:
            self.there[place] = True

    def keep(self, flags: Sequence[bool]) -> Numbers:
        """Return the fields that the flags name."""
        wanted = np.array(flags, bool)
        return Numbers(self.values[wanted], None if self.there is None else self.there[wanted])


def spread(there: Sequence[bool], values: Array | None) -> Numbers:
    """Return a column in which the values stand where there is one, and NULL elsewhere."""
    flags = np.array(there, bool)
    if values is None:
        return Numbers(np.zeros(len(there), np.int8), flags)
    found = np.zeros((len(there), *values.shape[1:]), values.dtype)
    found[flags] = values
    return Numbers(found, flags)


def joined(arrays: Sequence[Array]) -> Array:
    """Return arrays behind one another as one."""
    return np.concatenate(arrays)


def constant(number: int, count: int) -> Numbers:
    """Return a column of one number."""
    return Numbers(np.broadcast_to(np.int64(number), count))


def whole_numbers(numbers: Sequence[int]) -> Numbers:
    """Return a column of numbers."""
    return Numbers(np.fromiter(numbers, np.int64, len(numbers)))


class Blocks:
    """Writes batches in one format."""

    def __init__(self, form: Format) -> None:
        self._fixed = [(place, form.kinds[place]) for place in form.order if form.kinds[place] in WIDTHS]
        self._others = [(place, form.kinds[place]) for place in form.order if form.kinds[place] not in WIDTHS]

    def rows(self, columns: Sequence[Texts | Numbers]) -> list[bytes]:
        """Encode a batch, given column by column."""
        count = len(columns[0])
        cells = [_cells(columns[place], kind) for place, kind in self._fixed]
        others: list[list[bytes]] = []
        for place, kind in self._others:
            fields: Any = columns[place]
            uniform = None if others else _uniform(fields, kind)
            if uniform:
                cells.append(uniform)
            elif isinstance(fields, Numbers):
                others.append(_heads([_cells(fields, kind)], count))
            else:
                others.append(_pieces(fields, kind))
        heads = [_heads(cells, count)] if cells else []
        return list(map(b"".join, zip(*heads, *others, strict=True))) if others else heads[0]


class _Cells(NamedTuple):
    """The fields of a column that takes so many bytes in each row of a batch."""

    head: bytes
    """What stands before the bytes of each field: their number, or that it is NULL."""
    values: Array
    missing: Array | None = None
    """Those that are NULL, where only some are."""


def _cells(column: Texts | Numbers, kind: str) -> _Cells:
    """Return the fields of a type of fixed width, or of vectors."""
    found = column if isinstance(column, Numbers) else _numbers(column, kind)
    if found.there is not None and not found.there.any():
        return _no_cells(len(found))
    missing = None if found.there is None or found.there.all() else ~found.there
    values = _stored(found.values, kind)
    return _Cells(_length(values.shape[1]), values, missing)


def _no_cells(count: int) -> _Cells:
    return _Cells(NULL, np.empty((count, 0), np.uint8))


def _uniform(fields: Texts | Numbers, kind: str) -> _Cells | None:
    """Return the fields of a type of any length, where all are NULL, or of as many bytes."""
    if isinstance(fields, Numbers):
        return _cells(fields, kind)
    first = fields[0] if fields else None
    if first is None:
        return _no_cells(len(fields)) if fields.count(None) == len(fields) else None
    if kind not in ("text", "varchar") or None in fields or set(map(len, fields)) != {len(first)}:  # type: ignore[arg-type]
        return None
    whole = "".join(fields)  # type: ignore[arg-type]
    if not whole.isascii():
        return None
    values = np.frombuffer(whole.encode(), np.uint8).reshape(len(fields), len(first))
    return _Cells(_length(len(first)), values)


def _heads(cells: Sequence[_Cells], count: int) -> list[bytes]:
    """Encode columns side by side."""
    row = b"".join(column.head + bytes(column.values.shape[1]) for column in cells)
    block = np.empty((count, len(row)), np.uint8)
    block[:] = np.frombuffer(row, np.uint8)
    holes: list[tuple[Array, int, int]] = []
    start = 0
    for head, values, missing in cells:
        stop = start + len(head) + values.shape[1]
        block[:, start + len(head) : stop] = values
        if missing is not None:
            block[missing, start : start + len(head)] = np.frombuffer(NULL, np.uint8)
            holes.append((missing, start + len(head), stop))
        start = stop
    if holes:
        return _without(block, holes)
    whole = block.tobytes()
    return [whole[at : at + len(row)] for at in range(0, count * len(row), len(row))]


def _without(block: Array, holes: Iterable[tuple[Array, int, int]]) -> list[bytes]:
    """Cut a block into rows, and what is no field out of them."""
    wanted = np.ones(block.shape, bool)
    for missing, start, stop in holes:
        wanted[missing, start:stop] = False
    whole = block[wanted].tobytes()
    ends = wanted.sum(axis=1).cumsum().tolist()
    return [whole[start:stop] for start, stop in pairwise([0, *ends])]


def _stored(values: Array, kind: str) -> Array:
    """Return numbers as PostgreSQL takes them: a row of bytes for each, which some are already."""
    if values.ndim == 2:
        return values
    if kind == "timestamp with time zone":
        values = values - MICROS_TO_2000
    return np.ascontiguousarray(values, STORED[kind]).view(np.uint8).reshape(len(values), WIDTHS[kind])


def _numbers(fields: Texts, kind: str) -> Numbers:
    """Return the column that texts write."""
    if None not in fields:
        return Numbers(FROM_TEXTS.get(kind, _encoded(kind))(fields))  # type: ignore[arg-type]
    texts = [field for field in fields if field is not None]
    values = FROM_TEXTS.get(kind, _encoded(kind))(texts) if texts else None
    return spread([field is not None for field in fields], values)


def _encoded(kind: str) -> Callable[[Sequence[str]], Array]:
    """Return what reads texts one by one, by the encoder of their type."""
    encode, width = ENCODERS[kind], WIDTHS[kind]

    def read(texts: Sequence[str]) -> Array:
        whole = b"".join(map(encode, texts))
        return np.frombuffer(whole, np.uint8).reshape(len(texts), LENGTH + width)[:, LENGTH:]

    return read


def _uuids(texts: Sequence[str]) -> Array:
    return np.frombuffer(unhexlify("".join(texts).replace("-", "")), np.uint8).reshape(len(texts), 16)


def _whole(texts: Sequence[str]) -> Array:
    found: Array = np.fromiter(map(int, texts), np.int64, len(texts))
    return found


def _bytes_of_uuid(text: str) -> Array:
    found: Array = _uuids([text])[0]
    return found


def _bytes_of_vector(text: str) -> Array:
    return np.frombuffer(ENCODERS[binary.VECTOR](text), np.uint8)[LENGTH:]


NUMBERS: dict[str, Callable[[str], Any]] = {
    "uuid": _bytes_of_uuid,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "double precision": float,
    "boolean": "t".__eq__,
    "vector": _bytes_of_vector,
    "timestamp with time zone": lambda text: binary.micros(text) + MICROS_TO_2000,
}
"""What a text of a type says, as it stands in an array."""
FROM_TEXTS: dict[str, Callable[[Sequence[str]], Array]] = {
    "uuid": _uuids,
    "smallint": _whole,
    "integer": _whole,
    "bigint": _whole,
}
"""How the texts of a type are read all at once."""


# -- fields of any length


def _pieces(fields: Texts, kind: str) -> list[bytes]:
    """Encode the fields of a column of texts."""
    encode = ENCODERS[kind]
    if len(set(fields[:TRIED])) <= FEW < len(fields):
        known = {field: NULL if field is None else encode(field) for field in set(fields)}
        return [known[field] for field in fields]
    written = WRITTEN.get(kind)
    if written is None or None in fields:
        return binary.column(fields, encode)
    return written(fields)  # type: ignore[arg-type]


def _texts(fields: Sequence[str]) -> list[bytes]:
    return [_length(len(value)) + value for value in map(str.encode, fields)]


def _documents(fields: Sequence[str]) -> list[bytes]:
    return [_head_of_document(len(value) + 1, 1) + value for value in map(str.encode, fields)]


WRITTEN: dict[str, Callable[[Sequence[str]], list[bytes]]] = {
    "text": _texts,
    "varchar": _texts,
    "jsonb": _documents,
}
"""The columns that are worth a function of their own."""
