"""What PostgreSQL stores for each text of a converter, and that it refuses what converters call unstorable."""

import ast
import datetime as dt
import io
import json
import struct
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import DataError, connection, transaction

from apps.importer.convert import Stored
from tests.importer.cases import Case, Refused, Taken, documents, moments, numbers, texts, vectors
from tests.importer.judges import trees

pytestmark = pytest.mark.django_db

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def far_from_utc(db: None) -> None:
    """A session whose zone, date order and interval style would change any text that leans on them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Tokyo'; SET LOCAL datestyle = 'SQL, DMY'")


def ask(expression: str, value: str | None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", [value])
        (answer,) = cursor.fetchone()
    return bytes(answer) if isinstance(answer, memoryview) else answer


def taken(cases: list[Case]) -> list[Taken]:
    found = [case for case in cases if isinstance(case, Taken)]
    assert found
    return found


def refused(cases: list[Case], reason: str) -> list[str]:
    """The texts among the values that are refused for this reason."""
    of_reason = [case.stored for case in cases if isinstance(case, Refused) and case.reason == reason]
    found = [stored for stored in of_reason if isinstance(stored, str)]
    assert found
    return found


def is_refused(expression: str, value: str) -> bool:
    try:
        with transaction.atomic():
            ask(expression, value)
    except (DataError, ValueError):  # psycopg2 itself refuses U+0000
        return True
    return False


def exact_json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def items_of(stored: Stored) -> Any:
    text = str(stored)
    if text.strip()[:1] == "[" or text.strip() == "null":
        return json.loads(text)
    return text.split(",") if text else []


def float32_of(stored: Stored) -> Any:
    """Elements as the big-endian float32 that pgvector sends."""
    if isinstance(stored, str):
        return np.frombuffer(trees.pack(stored), "<f4").astype(">f4").tobytes()  # type: ignore[arg-type]
    assert isinstance(stored, bytes)
    if stored.startswith(b"\x93NUMPY"):
        return np.load(io.BytesIO(stored), allow_pickle=False).astype(">f4").tobytes()
    return np.frombuffer(stored, "<f4").astype(">f4").tobytes()


def test_texts() -> None:
    for case in taken(texts.TEXTS):
        assert ask("%s::text", case.text) == case.stored
        assert ask("octet_length(%s)", case.text) == len(str(case.stored).encode())


def test_texts_that_are_too_long_are_cut_or_refused() -> None:
    assert all(
        ask("%s::varchar(5)", case.text) == case.stored
        for case in taken(texts.TEXTS)
        if len(case.text or "") <= 5
    )
    assert all(ask("%s::varchar(5)", text) != text for text in refused(texts.TEXTS, "text_too_long"))


def test_texts_without_form_in_postgresql() -> None:
    assert all(is_refused("%s::text", text) for text in refused(texts.TEXTS, "text_nul"))


def test_blobs() -> None:
    for case in taken(texts.BLOBS):
        assert ask("%s::bytea", case.text) == case.stored


def test_uuids() -> None:
    for case in taken(texts.UUIDS):
        assert ask("uuid_send(%s::uuid)", case.text) == bytes.fromhex(str(case.text).replace("-", ""))
        assert ask("%s::uuid::text", case.text) == case.text


def test_integers() -> None:
    for case in taken([*numbers.INTEGERS, *moments.EPOCHS_AS_INTEGERS]):
        assert ask("%s::bigint", case.text) == int(str(case.text))
    for bits, kind in ((32, "integer"), (16, "smallint")):
        for number in (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1):
            assert ask(f"%s::{kind}", str(number)) == number


def test_booleans() -> None:
    for case in taken(numbers.BOOLEANS):
        assert ask("%s::boolean", case.text) is (case.text == "t")


def test_reals() -> None:
    for case in taken(numbers.REALS):
        exact = case.stored if isinstance(case.stored, float) else float(str(case.stored))
        assert ask("float8send(%s::double precision)", case.text) == struct.pack(">d", exact)
    assert all(is_refused("%s::double precision", text) for text in refused(numbers.REALS, "number_range"))


def test_decimals() -> None:
    for case in taken(numbers.DECIMALS):
        size = "numeric(10, 2)" if case.converter is numbers.MONEY else "numeric(4, 4)"
        assert ask(f"%s::{size}", case.text) == Decimal(str(case.stored))


def test_instants() -> None:
    for case in taken(moments.MOMENTS):
        instant = dt.datetime.fromisoformat(f"{case.text}:00")
        micros = (instant - EPOCH) // dt.timedelta(microseconds=1)
        assert ask("(extract(epoch FROM %s::timestamptz) * 1000000)::bigint", case.text) == micros


def test_days() -> None:
    for case in taken(moments.DAYS):
        year, month, day = map(int, str(case.text).split("-"))
        assert ask("make_date(1, 1, 1) - %s::date", case.text) == 1 - dt.date(year, month, day).toordinal()


def test_documents() -> None:
    for case in taken(documents.DOCUMENTS):
        assert ask("jsonb_typeof(%s::jsonb)", case.text) in (
            "object",
            "array",
            "string",
            "number",
            "boolean",
            "null",
        )
        assert exact_json(ask("%s::jsonb::text", case.text)) == exact_json(str(case.stored))


def test_documents_that_jsonb_cannot_hold() -> None:
    for reason in ("json_unstorable", "json_invalid"):
        assert [
            text for text in refused(documents.DOCUMENTS, reason) if not is_refused("%s::jsonb", text)
        ] == []


def test_lists() -> None:
    for case in taken(documents.LISTS):
        assert ask("%s::text[]", case.text) == items_of(case.stored)


def test_python_lists() -> None:
    for case in taken(documents.PYTHON_LISTS):
        assert json.loads(ask("%s::jsonb::text", case.text)) == ast.literal_eval(str(case.stored).strip())


def test_vectors() -> None:
    for case in taken(vectors.ALL):
        assert ask("vector_send(%s::vector)", case.text)[4:] == float32_of(case.stored)
    assert all(is_refused("%s::vector", text) for text in refused(vectors.IN_TEXT, "vector_value"))
