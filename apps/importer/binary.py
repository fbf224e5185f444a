"""COPY's binary format, for tables with embeddings: PostgreSQL takes floats as bytes, not as text to parse.

Made from the lines of the text format, in which a vector is the hex of its big-endian 32-bit floats; so digests
and everything else see the same lines, whichever format goes to PostgreSQL.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">II", 0, 0)
TRAILER = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(2000, 1, 1).toordinal()

Encode = Callable[[bytes], bytes]


def _moment(field: bytes) -> bytes:
    span = datetime.fromisoformat(field.decode()) - EPOCH
    return struct.pack(">q", (span.days * 86400 + span.seconds) * 10**6 + span.microseconds)


def _day(field: bytes) -> bytes:
    return struct.pack(">i", date.fromisoformat(field.decode()).toordinal() - EPOCH_DAY)


def _vector(field: bytes) -> bytes:
    floats = bytes.fromhex(field.decode())
    return struct.pack(">hh", len(floats) // 4, 0) + floats


ENCODERS: dict[str, Encode] = {
    "uuid": lambda field: bytes.fromhex(field.replace(b"-", b"").decode()),
    "text": bytes,
    "varchar": bytes,
    "smallint": lambda field: struct.pack(">h", int(field)),
    "integer": lambda field: struct.pack(">i", int(field)),
    "bigint": lambda field: struct.pack(">q", int(field)),
    "double precision": lambda field: struct.pack(">d", float(field)),
    "boolean": lambda field: b"\1" if field == b"t" else b"\0",
    "timestamp with time zone": _moment,
    "date": _day,
    "jsonb": lambda field: b"\1" + field,
    "vector": _vector,
}
"""How a field of the text format, unescaped, is written for each type of PostgreSQL."""

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\"}


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


def pack(lines: Iterable[bytes], encode: Sequence[Encode]) -> bytes:
    """Turn lines of the text format, without their line ends, into a whole COPY in binary."""
    start = struct.pack(">h", len(encode))
    parts = [HEADER]
    for line in lines:
        parts.append(start)
        for field, write in zip(line.split(b"\t"), encode, strict=True):
            if field == b"\\N":
                parts.append(NULL)
                continue
            value = write(_ESCAPE.sub(_unescape, field) if b"\\" in field else field)
            parts.append(struct.pack(">i", len(value)))
            parts.append(value)
    parts.append(TRAILER)
    return b"".join(parts)


def _unescape(match: re.Match[bytes]) -> bytes:
    return _ESCAPED[match[1]]
