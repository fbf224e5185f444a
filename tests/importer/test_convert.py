"""Every converter against its table of cases, and what holds for all of them."""

import subprocess
import sys

import pytest

from apps.importer import convert
from apps.importer.convert import Converter, Invalid, Stored, TooLarge
from apps.importer.convert.base import shown
from tests.importer.cases import Refused, Taken, documents, moments, numbers, outcome, texts, vectors

CASES = [*texts.ALL, *numbers.ALL, *moments.ALL, *documents.ALL, *vectors.ALL]
TAKEN = [case for case in CASES if isinstance(case, Taken)]
REFUSED = [case for case in CASES if isinstance(case, Refused)]
CONVERTERS = list({case.converter.logical: case.converter for case in CASES}.values())

AWKWARD: list[Stored] = [
    *("", " ", "\x00", "\udcff", "[", "{", '"', "'", "-", ".", "e", "null", "１", "😀" * 100, "\\" * 10_001),
    *("9" * 10_000, "[" * 10_000, "{'a':" * 2000, "1e" + "9" * 10_000, "0." + "0" * 10_000),
    *(b"", b"\x00", bytes(64), b"\x93NUMPY"),
    *(
        0,
        -1,
        2**63 - 1,
        -(2**63),
        10**30,
        0.0,
        -0.0,
        1e308,
        5e-324,
        float("inf"),
        float("-inf"),
        float("nan"),
    ),
]
OF_WHOLE_ROWS = {
    *("null_required", "column_missing", "value_too_large", "duplicate_key", "missing_parent"),
    *("parent_quarantined", "target_edited", "rejected_by_database"),
}


@pytest.mark.parametrize("case", TAKEN, ids=str)
def test_taken(case: Taken) -> None:
    assert outcome(case.converter, case.stored) == case.text


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    refusal = outcome(case.converter, case.stored)
    assert isinstance(refusal, Invalid)
    assert refusal.reason == case.reason


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_message_is_one_short_printable_line(case: Refused) -> None:
    refusal = outcome(case.converter, case.stored)
    assert isinstance(refusal, Invalid)
    assert refusal.reason in convert.REASONS
    assert refusal.message.isprintable()
    assert 10 < len(refusal.message) < 200
    assert str(refusal) == f"{case.reason}: {refusal.message}"


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda converter: converter.logical)
def test_no_value_raises_anything_else(converter: Converter) -> None:
    for value in AWKWARD:
        result = outcome(converter, value)
        assert result is None or isinstance(result, str | Invalid)


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda converter: converter.logical)
def test_value_above_the_limit_is_named_by_size_and_hash(converter: Converter) -> None:
    refusal = outcome(converter, TooLarge(70_000_000, "ab" * 32))
    assert isinstance(refusal, Invalid)
    assert refusal.reason == "value_too_large"
    assert "70000000" in refusal.message
    assert "ab" * 32 in refusal.message


def test_every_reason_of_a_converter_has_a_case() -> None:
    assert {case.reason for case in REFUSED} == set(convert.REASONS) - OF_WHOLE_ROWS


def test_reasons_are_explained_in_a_line() -> None:
    assert len(convert.REASONS) == 30
    assert all(text and text[0].isupper() and "\n" not in text for text in convert.REASONS.values())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "'plain'"),
        ("a" * 58, "'" + "a" * 58 + "'"),
        ("a" * 59, "'" + "a" * 59 + "…"),
        ("a" * 1_000_000, "'" + "a" * 59 + "…"),
        ("\x00\udcff\n", r"'\x00\udcff\n'"),
        (b"\x00\x01", "BLOB of 2 bytes x'0001'"),
        (bytes(17), "BLOB of 17 bytes x'" + "00" * 16 + "…'"),
        (1.5, "1.5"),
        (10**100, "1" + "0" * 59 + "…"),
    ],
)
def test_shown(value: Stored, text: str) -> None:
    assert shown(value) == text


def test_factories_return_the_same_converter_for_the_same_parameters() -> None:
    assert convert.vector(3) is convert.vector(3)
    assert convert.datetime() is convert.datetime()
    assert convert.text(5) is not convert.text(6)


def test_unknown_zone_is_refused_at_once() -> None:
    with pytest.raises(KeyError, match="Nowhere"):
        convert.datetime("Nowhere/Land")


def test_floats_of_a_vector() -> None:
    floats = convert.read_floats("[0.1, -0.0]", 2)
    assert floats.dtype == "float32"
    assert floats.tobytes() == vectors.packed(0.1, -0.0)


@pytest.mark.parametrize(
    "column",
    [
        ["[0.1, -0.5, 3]", "[1,2,3 ] \n"],
        ["[-0.0,0.0,1e-07]"],
        [vectors.packed(0.1, -0.0, 3e-45), vectors.packed(1, 2, 3)],
    ],
)
def test_plain_vectors_are_read_at_once(column: list[str | bytes]) -> None:
    floats = convert.read_column(column, 3)
    assert floats is not None
    assert floats.tobytes() == b"".join(convert.read_floats(value, 3).tobytes() for value in column)


@pytest.mark.parametrize(
    "value",
    [
        "[1,2]",
        "[1,2,3,4]",
        "[-0,1,2]",
        "[16777217,0,0]",
        "[1e-46,0,0]",
        "[1e39,0,0]",
        "[true,1,2]",
        "[null,1,2]",
        '["1",2,3]',
        "[[1],2,3]",
        "[{},2,3]",
        "{}",
        "3",
        "[1,2,3",
        "[NaN,1,2]",
        "[18446744073709551616,1,2]",
        "\ufeff[1,2,3]",
        "[\udcff,2,3]",
        " [1,2,3]",
        f"[1,2,3{' ' * 1000}]",
        f"[{10**400},1,2]",
        vectors.packed(1, 2),
        vectors.packed(float("nan"), 1, 2),
        b"\x93NUMPY\x01\x00\x00\x00\x00\x00",
        5,
        1.5,
    ],
)
def test_other_vectors_are_read_one_by_one(value: Stored) -> None:
    plain = vectors.packed(1, 2, 3) if isinstance(value, bytes) else "[1,2,3]"
    assert convert.read_column([plain], 3) is not None
    assert convert.read_column([plain, value], 3) is None


def test_module_needs_neither_django_nor_numpy() -> None:
    """Start-up pays for what is used: NumPy comes with the first vector, Django not at all."""
    code = (
        "import sys; from apps.importer import convert; convert.uuid();"
        "print(sorted({'django', 'numpy', 'psycopg2'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
