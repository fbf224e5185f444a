"""Every converter against a judge that reaches its verdict by other means, on values nobody thought of."""

import json
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from apps.importer import convert
from apps.importer.convert import Converter, Invalid, Stored
from tests.importer import values
from tests.importer.cases import outcome
from tests.importer.judges import Verdict, scalars, times, trees
from tests.importer.values import stored


def agree(converter: Converter, value: Stored, verdict: Verdict) -> None:
    result = outcome(converter, value)
    if isinstance(verdict, frozenset):
        assert isinstance(result, Invalid), (result, verdict)
        assert result.reason in verdict
    else:
        assert result == verdict


@given(stored(values.characters))
def test_text(value: Stored) -> None:
    agree(convert.text(), value, scalars.text(value, None))
    agree(convert.text(8), value, scalars.text(value, 8))


@given(stored(values.enums))
def test_enum(value: Stored) -> None:
    agree(convert.enum(values.STATUS), value, scalars.enum(value, values.STATUS))


@given(stored(values.characters, st.binary()))
def test_blob(value: Stored) -> None:
    agree(convert.blob(), value, scalars.blob(value))


@given(stored(values.uuids, st.binary(min_size=15, max_size=17)))
def test_uuid(value: Stored) -> None:
    agree(convert.uuid(), value, scalars.uuid(value))


@given(stored(values.whole_numbers), st.sampled_from([16, 32, 64]))
def test_integer(value: Stored, bits: int) -> None:
    agree(convert.integer(bits), value, scalars.integer(value, bits))


@given(stored(values.truths, values.flags))
def test_boolean(value: Stored) -> None:
    agree(convert.boolean(), value, scalars.boolean(value))


@given(stored(values.literals))
def test_real(value: Stored) -> None:
    agree(convert.real(), value, scalars.real(value))


@given(stored(values.literals, values.cents), st.sampled_from([(10, 2), (4, 4), (18, 0)]))
def test_decimal(value: Stored, size: tuple[int, int]) -> None:
    agree(convert.decimal(*size), value, scalars.decimal(value, *size))


@given(stored(values.times_of_day, values.epoch_numbers))
def test_datetime(value: Stored) -> None:
    agree(convert.datetime(), value, times.moment(value))


@given(stored(st.one_of(values.near_changes, values.moments)), st.sampled_from(values.ZONES))
def test_datetime_in_a_zone(value: Stored, zone: str) -> None:
    agree(convert.datetime(zone), value, times.moment(value, zone))


@given(stored(values.times_of_day, values.epoch_numbers))
def test_date(value: Stored) -> None:
    agree(convert.date(), value, times.day(value))


@given(
    stored(values.times_of_day, values.epoch_numbers),
    st.sampled_from(["s", "ms"]),
    st.sampled_from(["integer", "datetime"]),
)
def test_epoch(value: Stored, unit: Literal["s", "ms"], target: Literal["integer", "datetime"]) -> None:
    agree(convert.epoch(unit, target), value, times.epoch(value, unit, target))


@given(stored(values.documents, values.nests))
def test_json(value: Stored) -> None:
    agree(convert.json(), value, trees.json(value))


@given(stored(values.lists), st.booleans())
def test_string_array(value: Stored, commas: bool) -> None:
    agree(convert.string_array(commas), value, trees.string_array(value, commas))


@given(values.reprs)
def test_every_repr_of_a_list_is_read(value: str) -> None:
    agree(convert.python_list(), value, trees.python_list(value))


@given(stored(values.reprs))
def test_python_list(value: Stored) -> None:
    """A list that no repr writes may be refused, though Python reads it: two texts side by side, a comment."""
    verdict, result = trees.python_list(value), outcome(convert.python_list(), value)
    if isinstance(verdict, str) and isinstance(result, Invalid):
        assert repr(json.loads(verdict)) != str(value).strip()
        assert result.reason == "json_invalid"
    else:
        agree(convert.python_list(), value, verdict)


@given(stored(values.embeddings, values.packed, values.twelve_bytes), st.sampled_from([None, 3]))
def test_vector(value: Stored, width: int | None) -> None:
    verdict, result = trees.vector(value, width), outcome(convert.vector(width), value)
    if isinstance(verdict, frozenset):
        assert isinstance(result, Invalid), (result, verdict)
        assert result.reason in verdict
    else:
        assert isinstance(result, str), (result, verdict)
        assert trees.pack(result) == verdict


@given(
    st.lists(values.embeddings, min_size=1, max_size=4)
    | st.lists(values.twelve_bytes | values.packed, min_size=1, max_size=4)
)
def test_column_of_vectors(column: list[Stored]) -> None:
    """What is read at once is what is read one by one, to the bit."""
    floats = convert.read_column(column, 3)
    if floats is not None:
        assert [row.tobytes() for row in floats] == [convert.read_floats(v, 3).tobytes() for v in column]
