"""The columns of a list: how each reads its field, shows a cell, and lets a click filter by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, Func, Model, QuerySet, Value
from django.db.models.functions import Greatest, Left, Lower, StrIndex, Substr
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.core.inspection.cells import EMPTY, EXCERPT, Show, cells_of, filtering
from apps.core.inspection.describe import AnyField, is_light, kind, label_field
from apps.core.inspection.export import PARAMETERS
from apps.core.inspection.highlight import AROUND, marked
from apps.core.inspection.reading import with_parents

SHORT = 24
"""Characters up to which a cell is as wide as its text."""
READ = 240
"""How many characters of a long text a list reads."""

CURSORS = ("_older", "_newer", "_last", *PARAMETERS)
"""Parameters of the address that say which page of a list is shown, or how it is exported."""


@dataclass(frozen=True)
class Column:
    """A field as a column of a list; the admin calls it with each row.

    ``pick`` is the rest of the address that a click on the cell keeps, or None where the column is no filter.
    """

    field: AnyField
    pick: str | None = None
    terms: tuple[str, ...] = ()
    sortable: bool = True

    @property
    def __name__(self) -> str:
        return str(self.field.name)

    @property
    def short_description(self) -> str:
        """The column's title."""
        return str(self.field.verbose_name)

    @property
    def admin_order_field(self) -> str | None:
        """The field that a click on the title sorts by, where an index or a small table allows it."""
        return str(self.field.name) if self.sortable else None

    @property
    def shape(self) -> str:
        """The class of the column's cells: numbers stand to the right, a long text that names the row is wide."""
        what = kind(self.field)
        if what == "text" and self.field == label_field(self.field.model):
            return "wide"
        return "num" if what == "number" and not self.field.primary_key else ""

    @cached_property
    def cell(self) -> Show:
        """What shows the column in a line; what all lines share is settled once."""
        field, terms, pick = self.field, self.terms, self.pick
        show, excerpt, name = cells_of(field), EXCERPT + field.name, field.attname
        clip = (
            '<span class="t main">{}</span>'
            if field == label_field(field.model)
            else '<span class="t">{}</span>'
        )
        link = filtering(f"?{pick}{field.name}=")

        def cell(row: Model) -> SafeString:
            part = row.__dict__.get(excerpt)
            value = part if part is not None else row.__dict__.get(name)
            if value is None:
                return EMPTY
            text = str(value)
            found = any(term.lower() in text.lower() for term in terms)
            shown = marked(text, terms) if found else show(row)
            if part is not None or len(text) > SHORT:
                shown = SafeString(clip.format(shown))
            if pick is None or len(text) >= READ:
                return shown
            return SafeString(shown + link(text))

        return cell

    def __call__(self, row: Model) -> SafeString:
        """Return the cell of a row."""
        return self.cell(row)


def kept(request: HttpRequest, without: Iterable[str]) -> str:
    """Return the present address's parameters less some and less the page, ready to be added to."""
    gone = {*without, *CURSORS, "e"}
    rest = [(name, value) for name, values in request.GET.lists() for value in values if name not in gone]
    return urlencode(rest) + "&" if rest else ""


def narrowed(rows: QuerySet[Model], fields: Sequence[AnyField], extra: Sequence[str] = ()) -> QuerySet[Model]:
    """Make a list read its columns only: the beginning of long text, and of a parent its key and its label."""
    short = [f.name for f in fields if kind(f) != "text" or f.primary_key or f.choices]
    return with_parents(rows, ["pk", *extra, *short], fields)


def excerpts(fields: Sequence[AnyField], terms: Sequence[str] = ()) -> dict[str, Func]:
    """Return annotations with the beginning of each long text, or the part around the first term."""
    long = [f for f in fields if kind(f) == "text" and not f.primary_key and not f.choices]
    return {EXCERPT + field.name: _excerpt(field.name, terms) for field in long}


def _excerpt(name: str, terms: Sequence[str]) -> Func:
    if not terms:
        return Left(F(name), READ)
    at = StrIndex(Lower(F(name)), Lower(Value(terms[0])))
    return Substr(F(name), Greatest(at - 2 * AROUND, 1), READ)


def light_fields(fields: Iterable[AnyField]) -> list[AnyField]:
    """Return the fields that a list may read."""
    return [field for field in fields if is_light(field)]


def columns_for(names: Sequence[Any], by_name: dict[str, AnyField], make: Any) -> list[Any]:
    """Return a list's columns: fields as ``Column``, the admin's own methods as they are."""
    return [make(by_name[name]) if name in by_name else name for name in names]
