"""Columns of plain values: what is converted at once is what the converter gives for each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.importer import convert
from apps.importer.convert import Converter
from tests.importer.legacy import uid

CONVERTERS = [
    convert.uuid(), convert.datetime(), convert.date(), convert.boolean(), convert.integer(), convert.integer(32),
    convert.text(), convert.text(5), convert.enum({"OPEN": "OPEN", "done": "done"}), convert.epoch("s"),
    convert.epoch("ms"), convert.epoch("s", "datetime"), convert.epoch("ms", "datetime"), convert.blob(),
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
    ],
)
def test_other_values_need_the_converter(converter: Converter, value: Any) -> None:
    assert converter.plain is not None
    assert converter.plain([value]) is None
