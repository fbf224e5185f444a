"""The columns of a list: how each reads its field, shows a cell, and lets a click filter by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Model, QuerySet, Value
from django.db.models.functions import Greatest, Left, Lower, StrIndex, Substr
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import EXCERPT, cell
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
    def main(self) -> bool:
        """Whether this column names the row."""
        return self.field == label_field(self.field.model)

    @property
    def short_description(self) -> str:
        """The column's title."""
        return str(self.field.verbose_name)

    @property
    def admin_order_field(self) -> str | None:
        """The field that a click on the title sorts by, where an index or a small table allows it."""
        return str(self.field.name) if self.sortable else None

    def __call__(self, row: Model) -> SafeString:
        """Return the cell of a row."""
        excerpt = row.__dict__.get(EXCERPT + self.field.name)
        if self.terms and excerpt is not None:
            return clipped(marked(excerpt, self.terms), self.main)
        shown = cell(row, self.field)
        value = excerpt if excerpt is not None else row.__dict__.get(self.field.attname)
        if EXCERPT + self.field.name in row.__dict__ or len(str(value)) > SHORT:
            shown = clipped(shown, self.main)
        if self.pick is None or value is None or len(str(value)) >= READ:
            return shown
        link = urlencode({self.field.name: value})
        return format_html(
            '{} <a class="pick" href="?{}{}" title="{}">⊂</a>',
            shown,
            self.pick,
            link,
            _("Only rows with this value"),
        )


def clipped(shown: SafeString, main: bool) -> SafeString:
    """Return a cell that takes no more than its share of the width; the one that names the row takes most."""
    return format_html('<span class="t{}">{}</span>', " main" if main else "", shown)


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
