"""Reading one row for its page: of what may be large only the beginning, and how large it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BinaryField, F, Func, IntegerField, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Left, Length

from apps.core.inspection.describe import AnyField, fields_of, kind, parents

HEAD = "head_"
SIZE = "size_"
TEXT = 20_000
"""Characters of a text that a page shows."""
JSON = 60_000
"""Characters of a JSON value up to which it is shown as a tree."""
BYTES = 48


class _Octets(Func):
    function = "octet_length"
    output_field = IntegerField()


class _FirstBytes(Func):
    function = "substring"
    output_field = BinaryField()


class _Items(Func):
    function = "cardinality"
    output_field = IntegerField()


def _text(name: str) -> tuple[Any, Any]:
    return Left(F(name), TEXT), Length(F(name))


def _json(name: str) -> tuple[Any, Any]:
    whole = Cast(F(name), TextField())
    return Left(whole, JSON + 1), Length(whole)


def _array(name: str) -> tuple[Any, Any]:
    return Left(Cast(F(name), TextField()), JSON + 1), _Items(F(name))


def _blob(name: str) -> tuple[Any, Any]:
    return _FirstBytes(F(name), Value(1), Value(BYTES)), _Octets(F(name))


def _secret(name: str) -> tuple[Any, Any]:
    return Value(None, output_field=IntegerField()), Length(Cast(F(name), TextField()))


PARTS = {"text": _text, "json": _json, "array": _array, "blob": _blob, "secret": _secret}


def is_partial(field: AnyField) -> bool:
    """Tell whether a page reads only a part of the field."""
    return kind(field) in PARTS and not field.primary_key and not field.choices


def for_page(rows: QuerySet[Model]) -> QuerySet[Model]:
    """Make a query read what a row's page shows: large values in part, parents by their labels."""
    fields = fields_of(rows.model)
    partial = [field for field in fields if is_partial(field)]
    found: dict[str, Any] = {}
    for field in partial:
        found[HEAD + field.name], found[SIZE + field.name] = PARTS[kind(field)](field.name)
    return with_parents(rows, [field.name for field in fields if field not in partial], fields).annotate(
        **found
    )


def with_parents(rows: QuerySet[Any], names: Sequence[str], fields: Sequence[AnyField]) -> QuerySet[Any]:
    """Make a query read ``names`` only, and of the rows that ``fields`` refer to what names them."""
    needed = dict(parents(fields))
    rows = rows.only(*names, *(f"{name}__{part}" for name, parts in needed.items() for part in parts))
    return rows.select_related(*needed) if needed else rows
