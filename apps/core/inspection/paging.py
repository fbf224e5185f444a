"""Pages by key instead of by number: the first page costs as much as the last, and no row is missed.

The order is one column, which may hold NULL, and the primary key; both run in the same direction.
PostgreSQL places NULLs last going up and first going down, and so does the comparison here.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce


class BadCursor(ValueError):
    """A cursor that this list did not make."""


@dataclass(frozen=True)
class Sort:
    """The order of a list: a column (None: the key alone) and a direction.

    ``fenced`` hides the columns from the planner's indexes: for a selection known to be small, which is
    then found first and sorted afterwards, instead of walking the whole table in order.
    """

    model: type[Model]
    column: Field[Any, Any] | None
    descending: bool
    fenced: bool = False

    @property
    def pk(self) -> Field[Any, Any]:
        """The primary key's field."""
        return self.model._meta.pk

    def order(self, backward: bool = False) -> list[OrderBy]:
        """Return the terms of ORDER BY, for reading forward or backward."""
        down = self.descending != backward
        names = [f.attname for f in (self.column, self.pk) if f is not None]
        terms = [Coalesce(F(name), F(name)) if self.fenced else F(name) for name in names]
        return [term.desc() if down else term.asc() for term in terms]

    def beyond(self, place: Place, backward: bool = False) -> Q:
        """Return the condition for rows after ``place`` (before it, when backward)."""
        step = "lt" if self.descending != backward else "gt"
        later = Q((f"pk__{step}", place.key))
        if self.column is None:
            return later
        name = self.column.attname
        empty = Q((f"{name}__isnull", True))
        if place.value is None:
            same = empty & later
            return same | ~empty if step == "lt" else same
        beyond = Q((f"{name}__{step}e", place.value)) & (Q((f"{name}__{step}", place.value)) | later)
        return beyond | empty if step == "gt" and self.column.null else beyond

    def place_of(self, row: Model) -> Place:
        """Return the place of a row in this order."""
        value = getattr(row, self.column.attname) if self.column is not None else None
        return Place(value, row.pk)

    def encode(self, row: Model) -> str:
        """Return a row's place as text for an address."""
        place = self.place_of(row)
        parts = [_text(self.column, place.value), _text(self.pk, place.key)]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    def decode(self, text: str) -> Place:
        """Return the place that ``encode`` wrote; raise BadCursor for anything else."""
        try:
            value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return Place(_value(self.column, value), _value(self.pk, key))
        except (ValueError, TypeError, binascii.Error, ValidationError) as error:
            raise BadCursor(text) from error


@dataclass(frozen=True)
class Place:
    """Where a row stands: the value of the order's column and the row's key."""

    value: Any
    key: Any


def _text(field: Field[Any, Any] | None, value: Any) -> str | None:
    if field is None or value is None:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _value(field: Field[Any, Any] | None, text: str | None) -> Any:
    if field is None or text is None:
        return None
    target = field.target_field if field.remote_field else field
    return target.to_python(text)


@dataclass(frozen=True)
class Page:
    """Rows in their order, and whether there are others before and after them."""

    rows: list[Any]
    newer: bool
    older: bool


def read_page(rows: QuerySet[Model], sort: Sort, size: int, place: Place | None, backward: bool) -> Page:
    """Read one page from ``place`` on (from the end, when backward without a place)."""
    if place is not None:
        rows = rows.filter(sort.beyond(place, backward))
    found = list(rows.order_by(*sort.order(backward))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        return Page(found[::-1], newer=more, older=place is not None)
    return Page(found, newer=place is not None, older=more)
