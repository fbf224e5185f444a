"""What type a column is given for what it holds: a table of cases."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from apps.importer.scaffold.judge import Facts, Hints
from apps.importer.scaffold.verdict import Verdict, decide
from apps.importer.source import TooLarge

UUID = "123e4567-e89b-12d3-a456-426614174000"
OTHER = "00000000-0000-4000-8000-000000000001"
SECOND = 1_700_000_000
WIDE = json.dumps([n / 7 for n in range(40)])


def judged(values: list[Any], name: str = "thing", declared: str = "", step: int = 3) -> Verdict:
    facts = Facts(len(values))
    for start in range(0, len(values), step):
        held = values[start : start + step]
        facts.add(held, [f"row {n}" for n in range(start + 1, start + 1 + len(held))])
    return decide(facts, Hints(name, declared))


CASES: list[tuple[str, list[Any], str, str, str, Any]] = [
    # what it is about, values, name, declared type, kind, detail
    ("whole numbers", [1, 2, -3, None], "n", "TEXT", "integer", None),
    ("large numbers", [1, 2**31], "n", "", "bigint", None),
    ("numbers that may grow", [10**8], "n", "", "bigint", None),
    ("the largest", [2**63 - 1, -(2**63)], "n", "", "bigint", None),
    ("nought and one", [0, 1, 1], "n", "INTEGER", "integer", None),
    ("nought and one, declared", [0, 1, 1], "n", "BOOLEAN", "boolean", None),
    ("nought and one, named", [0, 1, 1], "is_done", "INTEGER", "boolean", None),
    ("three truth values", [0, 1, 2], "is_done", "BOOLEAN", "integer", None),
    ("seconds, named", [SECOND, SECOND + 9, None], "created_at", "", "epoch", "s"),
    ("seconds, camel case", [SECOND, SECOND + 9], "createdAt", "", "epoch", "s"),
    ("seconds, not named", [SECOND, SECOND + 9], "size", "", "bigint", None),
    ("milliseconds", [SECOND * 1000, SECOND * 1000 + 1], "ts", "", "epoch", "ms"),
    ("seconds with fractions", [SECOND + 0.25, SECOND], "mtime", "", "epoch", "s"),
    ("seconds, one of them none", [SECOND] * 9 + [0], "created", "", "bigint", None),
    ("microseconds are no unit of ours", [SECOND * 10**6], "created", "", "bigint", None),
    ("fractions", [1.5, 2.0, -0.0], "x", "", "real", None),
    ("fractions and whole numbers", [1.5, 2], "x", "INTEGER", "real", None),
    ("infinite", [float("inf"), 1.0], "x", "", "real", None),
    ("numbers that no double holds", [1.5, 2**53 + 1], "x", "", "any", None),
    ("numbers and texts", [1, 2, "n/a"], "x", "INTEGER", "any", None),
    ("texts and bytes", ["a", b"b"], "x", "", "any", None),
    ("uuids", [UUID, OTHER], "x", "", "uuid", None),
    ("uuids otherwise written", [UUID.upper(), OTHER.replace("-", "")], "x", "", "uuid", "spelled"),
    ("uuids in bytes", [bytes(16)], "uuid", "", "uuid", None),
    ("sixteen bytes", [bytes(16)], "checksum", "", "blob", None),
    ("a uuid missing", [UUID, ""], "x", "", "text", None),
    ("days", ["2025-01-31", "2024-02-29"], "x", "", "date", None),
    ("no days", ["2025-01-31", "2025-02-29"], "x", "DATE", "text", None),
    ("moments", ["2025-01-31 10:20:30", "2025-01-31T10:20:30.123456Z"], "x", "", "datetime", None),
    ("moments and days", ["2025-01-31 10:20:30", "2025-01-31"], "x", "", "datetime", None),
    ("a moment too exact", ["2025-01-31 10:20:30.1234567"], "x", "", "text", None),
    ("digits that only look like a day", ["20250131"], "x", "", "bigint", None),
    ("truth in words", ["true", "False"], "x", "", "boolean", None),
    ("truth in two languages", ["yes", "true"], "x", "", "text", None),
    ("only one of the two", ["no", "no"], "answer", "", "text", None),
    ("only one of the two, named", ["no", "no"], "has_car", "", "boolean", None),
    ("nought and one as texts", ["0", "1"], "x", "", "bigint", None),
    ("nought and one as texts, named", ["0", "1"], "is_active", "", "boolean", None),
    ("whole numbers as texts", ["1", "-20", "0"], "x", "", "bigint", None),
    ("leading zeros", ["007", "1"], "x", "", "text", None),
    ("more than 64 bits", ["9223372036854775808"], "x", "", "text", None),
    ("a code of digits", ["10115", "20095"], "zip", "", "text", None),
    ("a phone number", ["13800138000"], "mobilePhone", "", "text", None),
    ("prices", ["12.50", "3", "-0.99"], "price", "", "real", None),
    ("a version", ["1.10", "1.9"], "version", "", "text", None),
    ("more digits than a double has", ["0.1234567890123456789"], "x", "", "text", None),
    ("exponents", ["1e5", "12"], "x", "", "text", None),
    ("objects", ['{"a": 1}', "[]"], "x", "", "json", None),
    ("twice the same key", ['{"a": 1, "a": 2}'], "x", "JSON", "text", None),
    ("not a number", ['{"a": NaN}'], "x", "", "text", None),
    ("lists of texts", ['["a"]', "[]"], "x", "", "strings", None),
    ("empty lists", ["[]", "[]"], "x", "", "json", None),
    ("lists of anything", ['["a", 1]'], "x", "", "json", None),
    ("bare JSON values", ["null", '"a"'], "x", "", "text", None),
    ("an embedding", [WIDE, WIDE], "x", "", "vector", 40),
    ("a short embedding, named", ["[0.5, 1]", "[1, 2]"], "embedding", "", "vector", 2),
    ("a pair of coordinates", ["[0.5, 1]"], "place", "", "json", None),
    ("embeddings of several widths", ["[0.5, 1]", "[1]"], "embedding", "", "json", None),
    ("forty whole numbers", [json.dumps(list(range(40)))], "tokens", "", "json", None),
    ("bytes", [b"", b"\x00"], "x", "", "blob", None),
    ("floats in bytes", [struct.pack("<4f", 1, 2, 3, 4)], "embedding", "", "blob", None),
    ("texts", ["a", "", "b"], "x", "INTEGER", "text", None),
    ("texts that PostgreSQL does not take", ["a\x00", "\udcff"], "x", "", "text", None),
    ("nothing, declared", [None], "x", "VARCHAR(20)", "text", None),
    ("nothing, a date", [], "x", "date", "date", None),
    ("nothing, a time", [], "x", "TIMESTAMP", "datetime", None),
    ("nothing, a number", [], "x", "UNSIGNED BIG INT", "bigint", None),
    ("nothing, a price", [], "x", "DECIMAL(10,2)", "real", None),
    ("nothing at all", [], "x", "", "any", None),
]


@pytest.mark.parametrize(
    ("values", "name", "declared", "kind", "detail"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_type(values: list[Any], name: str, declared: str, kind: str, detail: Any) -> None:
    found = judged(values, name, declared)
    assert (found.kind, found.detail) == (kind, detail)


NOTES = [
    (
        ["2025-01-01"] * 98 + ["soon", "later"],
        "when",
        "98 of 100 values are dates; row 99 holds 'soon'; row 100 holds 'later'",
    ),
    (["1"] * 9 + [""], "age", "9 of 10 values are whole numbers; row 10 holds ''"),
    (["2025-01-01 10:00", "2025-01-02"], "x", "1 of 2 values have no time of day: taken as midnight"),
    (["2025-01-01 10:00"], "x", "no zone is written: taken as UTC"),
    (
        ["2025-01-01 10:00Z", "2025-01-01 10:00"],
        "x",
        "1 of 2 values name their zone, the others are taken as UTC",
    ),
    ([5] * 8 + ["n/a", b"x"], "x", "8 of 10 values are whole numbers; row 9 holds 'n/a'; row 10 holds BLOB"),
    ([5, 1.5, 2, "n/a"], "x", "3 of 4 values are numbers; row 4 holds 'n/a'"),
    (
        [SECOND] * 9 + [0],
        "created",
        "9 of 10 values could be seconds since 1970; row 10 holds 0",
    ),
    ([SECOND], "size", "all values could be seconds since 1970; the name does not say so"),
    ([0, 1], "x", "only 0 and 1: truth values, perhaps"),
    (["on"], "x", "nothing but 'on': truth values, perhaps"),
    (["1.50"], "price", "numbers, stored as text; zeros at their end are not kept"),
    (["1.5"], "price", "numbers, stored as text"),
    (["1"], "code", "digits only, but named like a code: left as text"),
    (["[1, 2]", "[1]"], "vector", "lists of 1 to 2 numbers"),
    (
        ["ok", "a\x00b"],
        "x",
        r"PostgreSQL does not take every value (U+0000, no UTF-8, or too large); row 2 holds",
    ),
    ([TooLarge(70_000_000, "ab", "text"), "a"], "x", "row 1 holds 70,000,000 bytes"),
    ([None], "x", "no value to judge the type by: declared without a type"),
]


@pytest.mark.parametrize(("values", "name", "note"), NOTES, ids=[note[2][:40] for note in NOTES])
def test_what_was_not_sure_is_told(values: list[Any], name: str, note: str) -> None:
    assert any(note in said for said in judged(values, name).notes)


@pytest.mark.parametrize("values", [[1, 2], ["a", "b"], [UUID], ["2025-01-01"], [1.5], [b"x"]])
def test_what_was_sure_needs_no_word(values: list[Any]) -> None:
    assert judged(values).notes == ()


def test_the_last_value_counts_as_much_as_the_first() -> None:
    values: list[Any] = [str(n) for n in range(50_000)]
    assert judged(values, step=1000).kind == "bigint"
    assert judged([*values, "x"], step=1000).kind == "text"
    assert "50,000 of 50,001" in judged([*values, "x"], step=1000).notes[0]


def test_a_type_that_few_values_have_is_given_up_early() -> None:
    facts = Facts(100_000)
    for _ in range(10):
        facts.add(["word"] * 1000, ["row 1"] * 1000)
    assert not any(tally.alive for tally in facts.tallies.values())
    assert {tally.misses for tally in facts.tallies.values()} == {1000}
