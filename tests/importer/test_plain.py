"""Columns of plain values: what is converted at once is what the converter gives for each."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.importer import convert
from apps.importer.blocks import NUMBERS
from apps.importer.convert import Converter, documents
from tests.importer.legacy import uid

CONVERTERS = [
    convert.uuid(), convert.datetime(), convert.date(), convert.boolean(), convert.integer(), convert.integer(32),
    convert.text(), convert.text(5), convert.enum({"OPEN": "OPEN", "done": "done"}), convert.epoch("s"),
    convert.epoch("ms"), convert.epoch("s", "datetime"), convert.epoch("ms", "datetime"), convert.blob(),
    convert.json(),
]  # fmt: skip

values = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(900_000_000, 5_000_000_000),
    st.integers(900_000_000_000, 5_000_000_000_000),
    st.sampled_from([0, 1, 2, 1.0, 0.5, "0", "1", "OPEN", "open", "OPEN ", "done", "", " "]),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.uuids().map(str),
    st.uuids().map(lambda u: u.hex),
    st.uuids().map(lambda u: str(u).upper()),
    st.datetimes().map(str),
    st.datetimes().map(lambda t: t.isoformat()),
    st.datetimes().map(lambda t: t.isoformat(" ", "seconds")),
    st.dates().map(str),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?(Z|\+00:00)?", fullmatch=True
    ),
    st.sampled_from(
        ['{"a": [1, 2.5e3, null], "说明": "\\u8bf4"}', "[]", "1", '"x"', " {} ", '{"a":1,"a":2}']
    ),
)


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda c: c.logical)
@settings(deadline=None)
@given(one=values, others=st.lists(st.none() | values, max_size=3))
def test_a_plain_column_is_what_the_converter_gives(
    converter: Converter, one: Any, others: list[Any]
) -> None:
    """``others``: None for the first value once more."""
    column = [one, *(one if value is None else value for value in others)]
    assert converter.plain is not None
    for stored in ([one], column):
        texts = converter.plain(stored)
        if texts is not None:
            assert texts == [converter(value) for value in stored]


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        (convert.uuid(), uid(1)),
        (convert.uuid(), uid(1).replace("-", "")),
        (convert.datetime(), "2024-02-28 10:20:30.123456"),
        (convert.datetime(), "2024-12-31T23:59:59"),
        (convert.datetime(), "2024-12-31T23:59:59.000001+00:00"),
        (convert.date(), "2024-02-28"),
        (convert.boolean(), 1),
        (convert.integer(32), -(2**31)),
        (convert.text(2), "中文"),
        (convert.text(), "ascii"),
        (convert.epoch("s"), 1_730_000_000),
        (convert.epoch("ms", "datetime"), 1_730_000_000_001),
        (convert.epoch("ms", "datetime"), 1_730_000_000_000),
        (convert.enum({"OPEN": "OPEN"}), "OPEN"),
        (convert.blob(), b"\x00\xff"),
        (convert.json(), '{"a": [1, -2.5e3, null, "\\u8bf4", "中"]}'),
        (convert.json(), " [] "),
        (convert.json(), "[" * 200 + "]" * 200),
        (convert.json(), '"Infinity"'),
        (convert.json(), '["\\ud83d\\ude80", "4e12345", "1e123456a"]'),
        (convert.json(), "[1e300, -1.5e-9999]"),
        (convert.json(), '"NaN"'),
    ],
)
def test_the_usual_value_is_plain(converter: Converter, value: Any) -> None:
    assert converter.plain is not None
    assert converter.plain([value, value]) == [converter(value)] * 2


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        *((converter, None) for converter in CONVERTERS),
        (convert.uuid(), uid(1).upper().replace("0", "A")),
        (convert.datetime(), "2024-02-29 10:20:30"),
        (convert.datetime(), "2024-02-28 10:20:30+08:00"),
        (convert.date(), "2023-02-30"),
        (convert.boolean(), 2),
        (convert.integer(32), 2**31),
        (convert.text(), "\0"),
        (convert.text(), "\udcff"),
        (convert.text(2), "abc"),
        (convert.enum({"OPEN": "OPEN", "done": "done"}), "open"),
        (convert.epoch("s"), 0),
        (convert.epoch("ms", "datetime"), 5),
        (convert.json(), '{"a": 1, "a": 2}'),
        (convert.json(), '"\\u0000"'),
        (convert.json(), '"\\ud800"'),
        (convert.json(), '"\udcff"'),
        (convert.json(), '"\x01"'),
        (convert.json(), "1e200000"),
        (convert.json(), "9" * 5000),
        (convert.json(), "NaN"),
        (convert.json(), "-Infinity"),
        (convert.json(), '["\\u003a"]'),
        (convert.json(), "[1e12345]"),
        (convert.json(), "[1e-12345 ]"),
        (convert.json(), "1E+12345"),
        (convert.json(), "[" * 500 + "]" * 500),
        (convert.json(), ""),
        (convert.json(), "1, 2"),
        (convert.json(), "[" * 501 + "]" * 501),
        (convert.json(), '"' + "a" * documents.MANY + '"'),
    ],
)
def test_other_values_need_the_converter(converter: Converter, value: Any) -> None:
    assert converter.plain is not None
    assert converter.plain([value]) is None


@pytest.mark.parametrize(
    "column",
    [
        ["[1", "2]"],
        ['"a', 'b"'],
        ["[1", "2]", "3, 4"],
        ['"a', 'b"', "1, 2"],
        ['"a', 'b"', "1,Infinity,2"],
        ["[1", "2]", "3,Infinity,4", "5"],
        ['{"a":', "1}", "2, 3"],
        ["[", "]", "1, 2, 3"],
    ],
)
def test_a_document_that_another_one_would_complete_is_not_plain(column: list[str]) -> None:
    prove = convert.json().plain
    assert prove is not None
    for order in permutations(column):
        assert prove(order) is None


pieces = st.lists(
    st.sampled_from(
        ["1", "-", ",", '"', '"a"', ":", "[", "]", "{", "}", "\\", " ", "null", "Infinity", "NaN", "e"]
    ),
    max_size=5,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=6))
def test_pieces_of_documents_are_plain_only_where_each_is_one(column: list[str]) -> None:
    prove = convert.json().plain
    assert prove is not None
    assert prove(column) is None or [convert.json()(value) for value in column] == column


PACKED = {
    convert.uuid(): "uuid",
    convert.datetime(): "timestamp with time zone",
    convert.boolean(): "boolean",
    convert.integer(): "bigint",
    convert.integer(16): "smallint",
    convert.real(): "double precision",
    convert.epoch("s"): "bigint",
    convert.epoch("s", "datetime"): "timestamp with time zone",
    convert.epoch("ms", "datetime"): "timestamp with time zone",
}

moments = st.from_regex(
    r"(000[01]|1900|20[0-2][0-9]|9999)-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[ T]([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9]"
    r"(\.[0-9]{3}|\.[0-9]{6})?(Z|[+-](0[0-9]|1[0-6]):[0-6][0-9])?",
    fullmatch=True,
)


def _same(converter: Converter, column: list[Any]) -> bool:
    """Whether a column is packed; if so, its numbers are those that the converter's texts say."""
    assert converter.packed is not None
    found = converter.packed(column)
    if found is None:
        return False
    said = [NUMBERS[PACKED[converter]](converter(value) or "") for value in column]
    assert [np.asarray(number).tolist() for number in found] == [np.asarray(n).tolist() for n in said]
    return True


@pytest.mark.parametrize("converter", PACKED, ids=lambda c: c.logical)
@settings(deadline=None)
@given(one=values | moments | st.floats(), others=st.lists(st.none() | values | moments, max_size=3))
def test_a_packed_column_is_what_a_plain_column_says(
    converter: Converter, one: Any, others: list[Any]
) -> None:
    _same(converter, [one])
    _same(converter, [one, *(one if value is None else value for value in others)])


@pytest.mark.parametrize(
    ("converter", "column"),
    [
        (convert.uuid(), [uid(1), uid(3)]),
        (convert.uuid(), [uid(1).replace("-", "")]),
        (convert.datetime(), ["2024-02-29 10:20:30.123456", "0001-01-01T00:00:00.000000"]),
        (convert.datetime(), ["9999-12-31 23:59:59Z", "2024-03-01T00:00:00.123Z", "1900-02-28 00:00:00"]),
        (convert.datetime(), ["2024-01-01 00:00:00+08:00", "2024-01-01 00:00:00-15:59"]),
        (convert.datetime(), ["2024-01-01 00:00:00.001-00:30", "2024-01-01 00:00:00.000001+00:00"]),
        (convert.boolean(), [0, 1]),
        (convert.integer(), [-(2**63), 2**63 - 1]),
        (convert.integer(16), [-(2**15), 2**15 - 1]),
        (convert.real(), [0.1, -0.0, 5e-324]),
        (convert.epoch("s"), [946_684_800]),
        (convert.epoch("s", "datetime"), [946_684_800, 4_102_444_799]),
        (convert.epoch("ms", "datetime"), [946_684_800_001]),
    ],
)
def test_the_usual_column_is_packed(converter: Converter, column: list[Any]) -> None:
    assert _same(converter, column)


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        (convert.uuid(), "ABCDEF00-0000-4000-8000-000000000001"),
        (convert.uuid(), 1),
        *(
            (convert.datetime(), text)
            for text in [
                "2023-02-29 00:00:00", "1900-02-29 00:00:00", "0000-01-01 00:00:00", "2024-00-01 00:00:00",
                "2024-13-01 00:00:00", "2024-01-00 00:00:00", "2024-04-31 00:00:00", "2024-01-01 24:00:00",
                "2024-01-01 00:60:00", "2024-01-01 00:00:60", "2024-01-01_00:00:00", "2024/01-01 00:00:00",
                "2024-01-01 00:00:00z", "2024-01-01 00:00:00+16:00", "2024-01-01 00:00:00 08:00",
                "0001-01-01 00:00:00+00:01", "9999-12-31 23:59:59-00:01", "2024-01-01 00:00:0/",
                "２024-01-01 00:00:00", "2024-01-01", 1_730_000_000,
            ]
        ),
        (convert.boolean(), 2),
        (convert.boolean(), "1"),
        (convert.integer(16), 2**15),
        (convert.real(), float("inf")),
        (convert.real(), 1),
        (convert.epoch("s"), 4_102_444_800),
        (convert.epoch("ms", "datetime"), 946_684_799_999),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_not_packed(converter: Converter, value: Any) -> None:
    assert converter.packed is not None
    assert converter.packed([value]) is None
    usual = {"datetime": "2024-01-01 00:00:00.000001", "uuid": uid(1)}.get(converter.logical, value)
    assert converter.packed([usual, value]) is None
