"""What a model's fields are to somebody who looks at its rows: which to list, filter, sort and search by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Field, Model
from pgvector.django import VectorField

from apps.core.inspection.secrets import is_secret

AnyField = Field

KINDS: tuple[tuple[type, str], ...] = (
    (models.ForeignKey, "reference"),
    (VectorField, "vector"),
    (SearchVectorField, "index"),
    (models.JSONField, "json"),
    (ArrayField, "array"),
    (models.BinaryField, "blob"),
    (models.BooleanField, "boolean"),
    (models.UUIDField, "uuid"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.CharField, "string"),
    (models.TextField, "text"),
    (models.IntegerField, "number"),
    (models.FloatField, "number"),
    (models.DecimalField, "number"),
)
HEAVY = frozenset({"secret", "vector", "index", "json", "array", "blob", "other"})
"""Kinds that a list neither shows nor reads."""

LABELS = (
    "username",
    "name",
    "title",
    "display_name",
    "word",
    "topic",
    "pattern_name",
    "profile_name",
    "capability",
    "source_name",
    "path",
    "content",
    "text_preview",
    "summary",
    "pattern",
    "intent",
    "message",
    "heading",
    "group_id",
    "key",
    "number",
)
"""Columns that tell a person which row this is, the best first."""

LEADING = ("status", "state", "outcome", "reason", "role", "type", "kind", "level", "severity", "event_type")
MOMENTS = ("created_at", "started_at", "timestamp", "added_at", "occurred_at", "collected_at")
LIST_WIDTH = 8


def kind(field: AnyField) -> str:
    """Return what a field is to a reader: ``secret``, ``vector``, ``json``, ``text`` and so on."""
    if is_secret(field.column or field.name):
        return "secret"
    stored = field.output_field if isinstance(field, models.GeneratedField) else field
    return next((name for cls, name in KINDS if isinstance(stored, cls)), "other")


def is_light(field: AnyField) -> bool:
    """Tell whether a list may read the field whole; of long text it reads the beginning only."""
    return kind(field) not in HEAVY


def fields_of(model: type[Model]) -> list[AnyField]:
    """Return the model's own columns in their order, without those that only serve a search."""
    return [field for field in model._meta.concrete_fields if kind(field) != "index"]


def label_field(model: type[Model]) -> AnyField | None:
    """Return the column that names a row to a person, or None where only the key does.

    The model's admin may say which (``named_by``); otherwise it is the first of ``LABELS`` that there is.
    """
    named = getattr(admin.site._registry.get(model), "named_by", None)
    return model._meta.get_field(named) if named else _usual_label(model)


@cache
def _usual_label(model: type[Model]) -> AnyField | None:
    found = {field.name: field for field in fields_of(model) if kind(field) in ("string", "text")}
    return next((found[name] for name in LABELS if name in found and not found[name].primary_key), None)


def parents(fields: Iterable[AnyField]) -> Iterator[tuple[str, list[str]]]:
    """Yield the references whose rows a page needs, with what it needs of them.

    That is the label; and the key, where the reference holds another column than the key.
    """
    for field in fields:
        if kind(field) == "reference":
            label, target = label_field(field.related_model), field.target_field
            needed = [label.name] if label is not None else []
            if needed or not target.primary_key:
                yield field.name, needed or ["pk"]


def leading_columns(model: type[Model]) -> frozenset[str]:
    """Return the names of fields that stand first in a plain index, so that sorting by them reads an index."""
    return frozenset(_leading(model))


def _leading(model: type[Model]) -> Iterator[str]:
    meta = model._meta
    for field in meta.concrete_fields:
        if field.primary_key or field.unique or field.db_index:
            yield field.name
    for index in meta.indexes:
        if index.suffix == "idx" and index.fields and index.condition is None:
            yield index.fields[0].lstrip("-")
    for constraint in meta.constraints:
        if (
            isinstance(constraint, models.UniqueConstraint)
            and constraint.fields
            and constraint.condition is None
        ):
            yield constraint.fields[0]


@cache
def moment_field(model: type[Model]) -> AnyField | None:
    """Return the indexed date column by which rows are newest first, or None."""
    leading = leading_columns(model)
    dated = [
        f for f in fields_of(model) if kind(f) == "datetime" and f.name in leading and f.name != "deleted_at"
    ]
    return min(dated, key=_moment_rank, default=None)


def _moment_rank(field: AnyField) -> int:
    return MOMENTS.index(field.name) if field.name in MOMENTS else len(MOMENTS)


def ordering(model: type[Model]) -> tuple[str, ...]:
    """Return the order of a list: newest first by an indexed date, otherwise by the key, newest number first."""
    moment = moment_field(model)
    if moment is not None:
        return (f"-{moment.name}", "-pk")
    return ("-pk",) if kind(model._meta.pk) == "number" else ("pk",)


def _rank(field: AnyField, label: AnyField | None, moment: AnyField | None) -> int:
    what = kind(field)
    if field.primary_key or field == label:
        return 0
    if field.name in LEADING or field.choices or field == moment:
        return 1
    if what in ("text", "string", "reference"):
        return 2
    if what == "uuid" and field.name in leading_columns(field.model):
        return 2
    if field.name in MOMENTS:
        return 3
    return {"number": 4, "boolean": 5, "datetime": 6, "date": 6}.get(what, 7)


@cache
def list_fields(model: type[Model]) -> tuple[AnyField, ...]:
    """Return the columns of a model's list: the telling ones, the key and the label in front."""
    label, moment = label_field(model), moment_field(model)
    light = [field for field in fields_of(model) if is_light(field)]
    chosen = sorted(light, key=lambda field: _rank(field, label, moment))[:LIST_WIDTH]
    front = [field for field in (model._meta.pk, label) if field is not None and field in chosen]
    rest = [field for field in light if field in chosen and field not in front]
    if moment in rest:
        front.append(moment)
        rest.remove(moment)
    return (*front, *sorted(rest, key=lambda field: kind(field) == "datetime"))


def search_fields(model: type[Model]) -> tuple[str, ...]:
    """Return the columns that a search looks into: text, but for words that repeat and have a filter instead."""
    texts = [f for f in fields_of(model) if kind(f) in ("string", "text") and not f.choices]
    return tuple(f.name for f in texts if f == label_field(model) or not _is_word(f))


def listed_values(model: type[Model]) -> tuple[AnyField, ...]:
    """Return the columns that hold a few different values each, or may: candidates for a filter."""
    light = [f for f in fields_of(model) if not f.primary_key and not f.unique]
    return tuple(f for f in light if f.choices or kind(f) == "boolean" or _is_word(f))


def _is_word(field: AnyField) -> bool:
    return kind(field) in ("string", "text") and field.name.rpartition("_")[2] in WORDS


WORDS = frozenset(
    {
        "status",
        "state",
        "type",
        "kind",
        "role",
        "level",
        "severity",
        "source",
        "system",
        "reason",
        "outcome",
        "mode",
        "phase",
        "language",
        "model",
        "method",
        "topic",
        "category",
        "scope",
        "channel",
        "provider",
        "visibility",
        "permission",
        "verdict",
        "operation",
        "event",
        "group",
        "agent",
        "name",
        "table",
        "stage",
    }
)
"""Last words of the names of columns that often repeat a few values."""
