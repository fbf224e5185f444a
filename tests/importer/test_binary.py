"""The binary format of COPY against its text format: the same fields, the same rows."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.importer import binary, convert
from apps.importer.binding import text_row
from apps.importer.blocks import FEW, NUMBERS, Blocks, Numbers, spread
from apps.importer.sql import copy_binary, copy_bytes, query

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
VALUES = {
    "uuid": st.uuids().map(str),
    "text": texts,
    "varchar": texts,
    "smallint": st.integers(-(2**15), 2**15 - 1).map(str),
    "integer": st.integers(-(2**31), 2**31 - 1).map(str),
    "bigint": st.integers(-(2**63), 2**63 - 1).map(str),
    "double precision": st.floats(allow_nan=False).map(lambda x: convert.real()(x)),
    "boolean": st.booleans().map(lambda x: "t" if x else "f"),
    "timestamp with time zone": st.datetimes().map(lambda x: convert.datetime()(str(x))),
    "date": st.dates().map(str),
    "jsonb": st.sampled_from(["null", "{}", '{"a": [1.0, "中\\\\"]}', '"\\t"', "1e400"]),
    "bytea": st.binary(max_size=5).map(lambda x: convert.blob()(x)),
    "vector": st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
}

REPEATED = FEW + 1
"""So often a column's few texts are to come again, to be encoded once."""


def test_every_type_has_values_here() -> None:
    assert VALUES.keys() == binary.ENCODERS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("pg_type", VALUES)
def test_both_formats_store_the_same(pg_type: str) -> None:
    def both(value: object) -> tuple[str | None, str | None]:
        """The field as each format has it: they differ for vectors alone."""
        if pg_type == "vector":
            floats = np.array(value, dtype=np.float32)
            return f"[{','.join(map(repr, floats.tolist()))}]", binary.floats(floats.astype(">f4").tobytes())
        field = None if value is None else str(value)
        return field, field

    query(f"CREATE TEMPORARY TABLE formats (n integer, v {pg_type}) ON COMMIT DROP")
    stored = {"vector": "vector_send(v)", "double precision": "float8send(v)", "jsonb": "v::text"}.get(
        pg_type, "v"
    )

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        values=st.lists(VALUES[pg_type] | (st.none() if pg_type != "vector" else st.nothing()), min_size=1)
    )
    def judge(values: list[object]) -> None:
        pairs = [both(value) for value in values]
        lines = [b"%d\t%b\n" % (n, text_row([text])) for n, (text, _) in enumerate(pairs)]
        copy_bytes("formats", "n, v", b"".join(lines))
        encode = binary.encoders(["integer", pg_type])
        rows = [binary.row([str(n), field], encode) for n, (_, field) in enumerate(pairs)]
        assert [row[8:] for row in rows] == binary.column([field for _, field in pairs], encode[1])
        copy_binary("formats", "n, v", rows, 2)
        found = query(f"SELECT count(*), count(DISTINCT ({stored})) FROM formats GROUP BY n")
        assert all(count == 2 and kinds <= 1 for count, kinds in found)
        assert len(found) == len(values)
        query("TRUNCATE formats")

    judge()
    assert connection.is_usable()


def test_what_suits_the_binary_format() -> None:
    assert binary.suits(["uuid", "varchar(20)", "vector(1536)"])
    assert binary.suits(["bytea", "text"])
    assert not binary.suits(["vector(3)", "numeric(10, 2)"])
    assert not binary.suits(["text[]"])


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_batch_put_together_by_numpy_has_the_same_bytes(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from([*VALUES]), min_size=1, max_size=6))
    count = data.draw(st.integers(0, 5))
    fields = {kind: VALUES[kind].map(_field) for kind in VALUES}
    columns = [
        data.draw(st.lists(fields[kind] | st.none(), min_size=count, max_size=count)) for kind in kinds
    ]
    form = binary.Format(kinds)
    rows = form.rows(columns)
    assert rows == [form.row(row) for row in zip(*columns, strict=True)]
    blocks = Blocks(form)
    assert blocks.rows(columns) == rows
    as_numbers = data.draw(st.lists(st.booleans(), min_size=len(kinds), max_size=len(kinds)))
    mixed = [
        _numbers(column, kind) if wanted and kind in NUMBERS else column
        for column, kind, wanted in zip(columns, kinds, as_numbers, strict=True)
    ]
    assert blocks.rows(mixed) == rows
    repeated = [column * REPEATED for column in columns]
    assert blocks.rows(repeated) == rows * REPEATED


def _numbers(column: list[str | None], kind: str) -> Numbers:
    """The same fields as an array."""
    said = [None if text is None else NUMBERS[kind](text) for text in column]
    there = [number is not None for number in said]
    return spread(there, np.array([number for number in said if number is not None]) if any(there) else None)


def _field(value: object) -> str:
    if isinstance(value, list):
        return binary.floats(np.array(value, ">f4").tobytes())
    return str(value)
