"""Stored values, positions in a table, and their exact form as JSON.

A stored value is what SQLite keeps in one cell, by storage class: None, int, float, str (TEXT) or bytes
(BLOB). TEXT is decoded as UTF-8 with "surrogateescape": bytes that are no UTF-8 come as lone surrogates
U+DC80..U+DCFF and go back to the same bytes. This module knows neither SQLite nor the target.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from apps.importer import convert


@dataclass(frozen=True, slots=True)
class TooLarge(convert.TooLarge):
    """Stands for a value over the limit: its size in stored bytes, their SHA-256, and "text" or "blob"."""

    kind: str


Stored: TypeAlias = int | float | str | bytes | TooLarge | None
Position: TypeAlias = int | tuple[Stored, ...]
Range: TypeAlias = tuple[int | None, int | None]
"""Rows of a table by their rowids: behind the first of the two, up to the second; None where the table ends."""
Encoded: TypeAlias = dict[str, Any] | None


def encode_value(value: Stored) -> Encoded:
    """Write a stored value as JSON that PostgreSQL's jsonb takes and `decode_value` turns back exactly.

    Text that jsonb cannot hold (no clean UTF-8, or with U+0000) travels as base64 under "tb".
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _encode_text(value)
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode("ascii")}
    if isinstance(value, TooLarge):
        return {"too_large": {"kind": value.kind, "size": str(value.size), "sha256": value.sha256}}
    return {"r": repr(value)} if isinstance(value, float) else {"i": str(int(value))}


def _encode_text(value: str) -> Encoded:
    stored = value.encode("utf-8", "surrogateescape")
    if "\0" in value or not _is_utf8(stored):
        return {"tb": base64.b64encode(stored).decode("ascii")}
    return {"t": value}


def _is_utf8(stored: bytes) -> bool:
    try:
        stored.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_too_large(fields: dict[str, str]) -> TooLarge:
    return TooLarge(int(fields["size"]), fields["sha256"], fields["kind"])


_DECODERS: dict[str, Callable[[Any], Stored]] = {
    "i": int,
    "r": float,
    "t": str,
    "tb": lambda text: base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape"),
    "b": lambda text: base64.b64decode(text, validate=True),
    "too_large": _decode_too_large,
}


def decode_value(encoded: Encoded) -> Stored:
    """Rebuild the stored value that `encode_value` wrote; ValueError for anything it never writes."""
    if encoded is None:
        return None
    if len(encoded) != 1 or not encoded.keys() <= _DECODERS.keys():
        raise ValueError(f"no stored value: {encoded!r}")
    ((tag, content),) = encoded.items()
    return _DECODERS[tag](content)


def raw(values: Mapping[str, Stored]) -> dict[str, Encoded]:
    """Write a row, column by column, so that every stored value can be rebuilt from it."""
    return {column: encode_value(value) for column, value in values.items()}


def encode_position(position: Position) -> Any:
    """Write the place of a row as JSON: one encoded value for a rowid, a list of them for a key."""
    if isinstance(position, int):
        return encode_value(position)
    return [encode_value(value) for value in position]


def decode_position(encoded: Any) -> Position:
    """Rebuild the position that `encode_position` wrote."""
    if isinstance(encoded, list):
        return tuple(decode_value(value) for value in encoded)
    position = decode_value(encoded)
    if not isinstance(position, int):
        raise ValueError(f"no position: {encoded!r}")
    return position
