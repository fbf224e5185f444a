"""COPY's binary format, for tables with embeddings: PostgreSQL takes floats as bytes, not as text to parse.

Fields come as the converters' texts; that of a vector as the text whose characters are the bytes of its
big-endian 32-bit floats, one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">II", 0, 0)
TRAILER = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(2000, 1, 1).toordinal()
BYTES_OF_FLOAT = 4

Encode = Callable[[str], bytes]
"""Returns a field as COPY takes it, behind its length."""

_length = struct.Struct(">i").pack
_small, _whole, _big = (struct.Struct(f">i{form}").pack for form in "hiq")
_double = struct.Struct(">id").pack
_vector_head = struct.Struct(">ihh").pack


def _text(field: str) -> bytes:
    value = field.encode()
    return _length(len(value)) + value


def _document(field: str) -> bytes:
    value = field.encode()
    return _length(len(value) + 1) + b"\1" + value


def _moment(field: str) -> bytes:
    span = datetime.fromisoformat(field) - EPOCH
    return _big(8, (span.days * 86400 + span.seconds) * 10**6 + span.microseconds)


def _vector(field: str) -> bytes:
    return _vector_head(len(field) + 4, len(field) // BYTES_OF_FLOAT, 0) + field.encode("latin-1")


ENCODERS: dict[str, Encode] = {
    "uuid": lambda field: b"\0\0\0\x10" + bytes.fromhex(field.replace("-", "")),
    "text": _text,
    "varchar": _text,
    "smallint": lambda field: _small(2, int(field)),
    "integer": lambda field: _whole(4, int(field)),
    "bigint": lambda field: _big(8, int(field)),
    "double precision": lambda field: _double(8, float(field)),
    "boolean": lambda field: b"\0\0\0\1\1" if field == "t" else b"\0\0\0\1\0",
    "timestamp with time zone": _moment,
    "date": lambda field: _whole(4, date.fromisoformat(field).toordinal() - EPOCH_DAY),
    "jsonb": _document,
    "vector": _vector,
}
"""How a field is written for each type of PostgreSQL."""


def kind(pg_type: str) -> str:
    """Return a type's name without its modifier."""
    return pg_type.partition("(")[0]


def suits(types: Iterable[str]) -> bool:
    """Tell whether a table is worth the binary format, and can be written in it."""
    kinds = {kind(pg_type) for pg_type in types}
    return "vector" in kinds and kinds <= ENCODERS.keys()


def encoders(types: Iterable[str]) -> list[Encode]:
    """Return the encoders of a table's columns."""
    return [ENCODERS[kind(pg_type)] for pg_type in types]


def floats(packed: bytes) -> str:
    """Return the field of a vector: big-endian 32-bit floats, of one vector or of several behind one another."""
    return packed.decode("latin-1")


def column(fields: Sequence[str | None], encode: Encode) -> list[bytes]:
    """Encode the fields of one column."""
    if None in fields:
        return [NULL if field is None else encode(field) for field in fields]
    return list(map(encode, fields))  # type: ignore[arg-type]


def row(fields: Iterable[str | None], encode: Iterable[Encode]) -> bytes:
    """Encode the fields of one row, or some of them: what belongs to a row may be put together."""
    return b"".join(
        [NULL if field is None else write(field) for field, write in zip(fields, encode, strict=True)]
    )


def whole(rows: Iterable[bytes], columns: int) -> bytes:
    """Return a whole COPY of rows with so many columns."""
    return struct.pack(">h", columns).join([HEADER, *rows]) + TRAILER
