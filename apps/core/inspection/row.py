"""A row's page: its fields in groups, what refers to it, and the rows before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet, Value
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.inspection.cells import whole
from apps.core.inspection.describe import AnyField, fields_of, kind, label_field, moment_field
from apps.core.inspection.keys import row_url
from apps.core.inspection.paging import Sort
from apps.core.inspection.reading import HEAD, SIZE
from apps.core.inspection.text import one_line
from apps.core.inspection.tree import Mark

GROUPS: tuple[tuple[str, Any, frozenset[str]], ...] = (
    ("text", _("Text"), frozenset({"text"})),
    ("values", _("Values"), frozenset({"boolean", "uuid", "number", "string", "other"})),
    ("references", _("References"), frozenset({"reference"})),
    ("times", _("Times"), frozenset({"datetime", "date"})),
    ("content", _("Content"), frozenset({"json", "array", "blob", "vector", "secret"})),
)


SHORT = 60
"""Characters up to which a text is a value like others."""


@dataclass(frozen=True)
class Line:
    """A field of the row: its title, its column's name, its value as HTML."""

    title: str
    column: str
    value: SafeString
    kind: str


@dataclass(frozen=True)
class Group:
    """Fields of one sort, under one heading; ``wide`` ones take the page's whole width."""

    anchor: str
    title: str
    lines: list[Line]

    @property
    def wide(self) -> bool:
        """Whether the group takes the page's whole width."""
        return self.anchor in ("key", "text", "content")


def groups(row: Model, fields: Sequence[AnyField], marks: Mapping[str, Mark]) -> list[Group]:
    """Return the row's fields in groups; the key and the label come first, whatever their type.

    ``marks`` are what stands beside the scalars of JSON fields, by the fields' names.
    """
    lines = [(field, _line(row, field, marks.get(field.name))) for field in fields]
    front = {type(row)._meta.pk, label_field(type(row))}
    found = [Group("key", "", [line for field, line in lines if field in front])]
    for anchor, title, kinds in GROUPS:
        members = [line for field, line in lines if line.kind in kinds and field not in front]
        if members:
            found.append(Group(anchor, str(title), members))
    return found


def _line(row: Model, field: AnyField, mark: Mark | None) -> Line:
    return Line(str(field.verbose_name), str(field.column), whole(row, field, mark), _sort_of(row, field))


def _sort_of(row: Model, field: AnyField) -> str:
    """Return the field's kind; a text that turns out to be short stands among the values."""
    size = row.__dict__.get(SIZE + field.name)
    return "string" if kind(field) == "text" and (size is None or size <= SHORT) else kind(field)


def title(row: Model) -> SafeString:
    """Return what a row is called: its label, else its key."""
    label = label_field(type(row))
    text = row.__dict__.get(HEAD + label.name, row.__dict__.get(label.attname)) if label is not None else None
    return one_line(str(row.pk), 40) if text in (None, "") else one_line(str(text), 80)


@dataclass(frozen=True)
class Neighbours:
    """The addresses of the rows before and after a row in its list's order."""

    before: str | None
    after: str | None


def neighbours(rows: QuerySet[Any], row: Model) -> Neighbours:
    """Find the rows beside a row, in the order of its list."""
    model = type(row)
    moment = moment_field(model)
    sort = Sort(model, moment, moment is not None or kind(model._meta.pk) == "number")
    place = sort.place_of(row)
    before, after = (
        rows.filter(sort.beyond(place, back)).order_by(*sort.order(back)).values_list(Value(back), "pk")[:1]
        for back in (True, False)
    )
    links = {back: row_url(model, key) for back, key in before.union(after, all=True)}
    return Neighbours(links.get(True), links.get(False))


def plain(row: Model, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield a row's columns and values for JSON: those of ``names``, without secrets."""
    for field in fields_of(type(row)):
        if field.name in names and kind(field) != "secret":
            yield str(field.column), getattr(row, field.attname)
