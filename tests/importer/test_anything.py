"""The converter of columns that hold anything: every stored value can be told again from its JSON."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.db import connection
from hypothesis import given

from apps.importer import convert
from apps.importer.convert import Invalid, Stored, TooLarge
from tests.importer import values

READ = convert.anything()


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (5, "5"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1.0"),
        (-0.0, '{"r": "-0.0"}'),
        (float("inf"), '{"r": "inf"}'),
        (5e-324, "5e-324"),
        ("", '""'),
        ("5", '"5"'),
        ('say "你好"\n', '"say \\"你好\\"\\n"'),
        ("a\x00", '{"tb": "YQA="}'),
        ("\udcff", '{"tb": "/w=="}'),
        (b"\xff", '{"b": "/w=="}'),
    ],
)
def test_cases(stored: Stored, text: str) -> None:
    assert READ(stored) == text


def test_only_what_is_too_large_is_refused() -> None:
    with pytest.raises(Invalid, match="value_too_large"):
        READ(TooLarge(70_000_000, "ab" * 32))


def told_again(found: Any) -> Stored:
    """The stored value that a JSON value stands for."""
    if not isinstance(found, dict):
        return found  # type: ignore[no-any-return]
    ((tag, content),) = found.items()
    if tag == "r":
        return float(content)
    data = base64.b64decode(content)
    return data if tag == "b" else data.decode("utf-8", "surrogateescape")


@given(values.anything)
def test_every_value_can_be_told_again(stored: Any) -> None:
    if isinstance(stored, str):  # as it comes from a file: bytes that are no UTF-8 as lone surrogates
        stored = stored.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    found = told_again(json.loads(READ(stored) or ""))
    assert (type(found), repr(found)) == (type(stored), repr(stored))


@pytest.mark.django_db
def test_postgresql_keeps_numbers_apart() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text, %s::jsonb::text", [READ(1), READ(1.0)])
        assert cursor.fetchone() == ("1", "1.0")
