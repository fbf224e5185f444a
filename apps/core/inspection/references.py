"""What refers to a row: one query counts every incoming foreign key, none beyond a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import ForeignKey, ForeignObjectRel, Model
from django.utils.http import urlencode
from django.utils.text import capfirst

from apps.core.inspection.counts import Count
from apps.core.inspection.keys import list_url

MOST = 1000


@dataclass(frozen=True)
class Incoming:
    """Rows of another table that refer to this row: by which column, how many, and where to see them."""

    title: str
    column: str
    count: Count
    link: str


def foreign_keys_to(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    """Return the foreign keys that point at a model, of those models that have pages."""
    relations = model._meta.get_fields(include_hidden=True)  # also those without a name on this side
    found = [relation.field for relation in relations if isinstance(relation, ForeignObjectRel)]
    keys = [f for f in found if isinstance(f, ForeignKey) and admin.site.is_registered(f.model)]
    return sorted(keys, key=lambda field: (field.model._meta.label, field.name))


def incoming(row: Model) -> list[Incoming]:
    """Return what refers to a row, with counts up to a thousand; tables without a reference are left out."""
    keys = foreign_keys_to(type(row))
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*_counting(row, keys))
        counts = dict(cursor.fetchall())
    return [_incoming(row, key, counts[n]) for n, key in enumerate(keys) if counts[n]]


def _counting(row: Model, keys: list[ForeignKey[Any, Any]]) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    parts, values = [], []
    for number, key in enumerate(keys):
        limited = (
            f"FROM {quote(key.model._meta.db_table)} WHERE {quote(str(key.column))} = %s LIMIT {MOST + 1}"
        )
        parts.append(f"SELECT {number}, count(*) FROM (SELECT 1 {limited}) AS found")  # noqa: S608 - our own names
        values.append(key.target_field.get_db_prep_value(getattr(row, key.target_field.attname), connection))
    return " UNION ALL ".join(parts), values


def _incoming(row: Model, key: ForeignKey[Any, Any], rows: int) -> Incoming:
    count = Count(MOST, "more") if rows > MOST else Count(rows)
    link = f"{list_url(key.model)}?{urlencode({key.name: getattr(row, key.target_field.attname)})}"
    return Incoming(capfirst(str(key.model._meta.verbose_name_plural)), str(key.verbose_name), count, link)


def outgoing(model: type[Model]) -> Iterator[ForeignKey[Any, Any]]:
    """Yield a model's own foreign keys."""
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            yield field
