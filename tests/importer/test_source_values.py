"""Stored values and positions as JSON: exact both ways, and fit for jsonb."""

import json
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.importer.source import (
    Stored,
    TooLarge,
    decode_position,
    decode_value,
    encode_position,
    encode_value,
    raw,
)

TEXTS = st.binary(max_size=20).map(lambda stored: stored.decode("utf-8", "surrogateescape"))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = (
    st.none()
    | INTEGERS
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.text(max_size=20).filter(lambda text: text.isprintable())
    | TEXTS
)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, None),
        (123, {"i": "123"}),
        (-(2**63), {"i": "-9223372036854775808"}),
        (1.5, {"r": "1.5"}),
        (math.inf, {"r": "inf"}),
        ("text", {"t": "text"}),
        ("", {"t": ""}),
        ("a\0b", {"tb": "YQBi"}),
        (b"\xff".decode("utf-8", "surrogateescape"), {"tb": "/w=="}),
        (b"\xed\xa0\x80".decode("utf-8", "surrogateescape"), {"tb": "7aCA"}),
        (b"", {"b": ""}),
        (b"\0\1", {"b": "AAE="}),
        (
            TooLarge(70_000_000, "ab", "text"),
            {"too_large": {"kind": "text", "size": "70000000", "sha256": "ab"}},
        ),
    ],
)
def test_a_value_as_json(value: Stored, encoded: object) -> None:
    assert encode_value(value) == encoded
    assert decode_value(encode_value(value)) == value


@settings(deadline=None)
@given(VALUES)
def test_every_value_comes_back(value: Stored) -> None:
    written = json.dumps(encode_value(value))
    assert "\\u0000" not in written
    assert "\\ud" not in written or json.dumps(value) == json.dumps(json.loads(json.dumps(value)))
    back = decode_value(json.loads(written))
    assert type(back) is type(value)
    assert _bits(back) == _bits(value)


def _bits(value: Stored) -> object:
    """Tell -0.0 from 0.0."""
    return struct.pack(">d", value) if isinstance(value, float) else value


@settings(deadline=None)
@given(INTEGERS | st.lists(VALUES, min_size=1, max_size=3).map(tuple))
def test_every_position_comes_back(position: int | tuple[Stored, ...]) -> None:
    assert decode_position(json.loads(json.dumps(encode_position(position)))) == position


def test_a_row_as_json() -> None:
    assert raw({"a": 1, "b": None}) == {"a": {"i": "1"}, "b": None}


@pytest.mark.parametrize("encoded", [{}, {"x": "1"}, {"i": "1", "t": "1"}, {"i": "one"}, {"b": "???"}])
def test_what_is_no_encoded_value(encoded: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no stored value|invalid literal|[Bb]ase64|padding"):
        decode_value(encoded)


def test_what_is_no_encoded_position() -> None:
    with pytest.raises(ValueError, match="no position"):
        decode_position({"t": "text"})
