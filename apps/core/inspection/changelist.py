"""A list of rows: pages by key, honest counts, active filters as chips."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.db.models import BooleanField, Field, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.inspection.cells import Show
from apps.core.inspection.columns import CURSORS, Column, excerpts, narrowed
from apps.core.inspection.containment import CONTAINS, Contained
from apps.core.inspection.counts import EXACT, capped, total
from apps.core.inspection.filters import PERIOD, TRUE
from apps.core.inspection.keys import row_urls
from apps.core.inspection.paging import BadCursor, Page, Place, Sort, read_page
from apps.core.inspection.text import named


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    name: str
    value: str
    without: str


class InspectionChangeList(ChangeList):
    """The admin's list with keys for pages. Templates read ``count``, ``page``, ``chips`` and the links."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.cursors = {name: request.GET[name] for name in CURSORS if name in request.GET}
        super().__init__(request, *args, **kwargs)
        self.title = str(self.opts.verbose_name_plural)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return the parameters that filter: those of the address less the page's."""
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in CURSORS}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return the address with some parameters set or removed, by their exact names, on its first page."""
        gone = {*(remove or ()), *CURSORS}
        kept = {name: value for name, value in self.filter_params.items() if name not in gone}
        for name, value in (new_params or {}).items():
            kept.pop(name, None)
            if value is not None:
                kept[name] = value
        return "?" + urlencode(sorted(kept.items()), doseq=True)

    @property
    def narrow(self) -> bool:
        """Whether anything selects rows: a filter or a search."""
        return bool(self.query) or bool(self.get_filters_params())

    def get_results(self, request: HttpRequest) -> None:
        """Read the page that the address asks for."""
        estimate = self.model_admin.profile(request).rows
        chosen = self.chosen
        self.count = capped(chosen) if self.narrow else total(self.model, estimate)
        few = self.narrow and self.count.how == "exact"
        self.sort = self._sort(few)
        rows = self._rows(chosen if few else self.queryset)
        self.page = self._page(rows) if self.count.rows else Page([], newer=False, older=False)
        self.result_list = self.page.rows
        self.result_count = self.count.rows
        self.full_result_count, self.show_full_result_count = None, False
        self.can_show_all, self.multi_page, self.show_admin_actions = False, False, False
        self.exact_limit = EXACT

    @property
    def chosen(self) -> QuerySet[Model]:
        """The rows that the filters and the search choose, found by the text index where there is one."""
        found: QuerySet[Model] = self.model_admin.quickly(self.queryset, self.query)
        return found

    def _rows(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        fields = [column.field for column in self.list_display if isinstance(column, Column)]
        terms = self.model_admin.search_terms(self.query)
        rows = narrowed(rows, fields, self.model_admin.list_reads)
        return self.model_admin.for_list(rows.annotate(**excerpts(fields, terms)))

    def _sort(self, fenced: bool) -> Sort:
        first = str(self.queryset.query.order_by[0]) if self.queryset.query.order_by else "pk"
        name = first.removeprefix("-")
        column: Field[Any, Any] | None = (
            None if name in ("pk", self.opts.pk.name) else self.opts.get_field(name)
        )
        return Sort(self.model, column, first.startswith("-"), fenced)

    def _page(self, rows: QuerySet[Model]) -> Page:
        older, newer = self.cursors.get("_older"), self.cursors.get("_newer")
        backward = "_last" in self.cursors or newer is not None
        text = newer or older
        return read_page(rows, self.sort, self.list_per_page, self._place(text), backward)

    def _place(self, text: str | None) -> Place | None:
        try:
            return self.sort.decode(text) if text else None
        except BadCursor as error:
            raise IncorrectLookupParameters(error) from error

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[str]:
        """Return the order: one column at most, and the key."""
        found = super().get_ordering(request, queryset)
        return [str(found[0]), "-pk" if str(found[0]).startswith("-") else "pk"] if found else ["pk"]

    def link(self, **cursor: str) -> str:
        """Return the address of another page of the same selection."""
        here = self.get_query_string()
        return here + ("&" if len(here) > 1 else "") + urlencode({f"_{k}": v for k, v in cursor.items()})

    @property
    def headers(self) -> list[dict[str, Any]]:
        """The heads of the columns, in the classes of their cells."""
        found: list[dict[str, Any]] = list(result_headers(self))
        for header, column in zip(found, self.list_display, strict=True):
            known = str(header.get("class_attrib", "")).partition('"')[2] or '"'
            header["class_attrib"] = SafeString(f' class="{self._cells(column)[0]} {known}')
        return found

    @property
    def lines(self) -> list[list[SafeString]]:
        """The rows as lines of the table, each one piece of HTML; the first cell links to the row."""
        (name, key), *others = (self._cells(column) for column in self.list_display)
        address = row_urls(self.model)
        first = f'<th class="{name}" scope="row"><a href="'
        return [
            [
                SafeString(
                    f'{first}{escape(address(row.pk))}">{key(row)}</a></th>'
                    + "".join(f'<td class="{name}">{cell(row)}</td>' for name, cell in others)
                )
            ]
            for row in self.result_list
        ]

    def _cells(self, column: Any) -> tuple[str, Show]:
        """Return a column's classes and what shows its cells; a method of the admin's own gives text or HTML."""
        if isinstance(column, Column):
            return f"field-{column.__name__} {column.shape}".strip(), column.cell
        own = getattr(self.model_admin, column)
        return f"field-{column} {getattr(own, 'shape', '')}".strip(), lambda row: conditional_escape(own(row))

    @property
    def first_link(self) -> str | None:
        """The address of the first page, unless this is it."""
        return self.get_query_string() if self.page.newer else None

    @property
    def newer_link(self) -> str | None:
        """The address of the page before this one."""
        return (
            self.link(newer=self.sort.encode(self.page.rows[0]))
            if self.page.newer and self.page.rows
            else None
        )

    @property
    def older_link(self) -> str | None:
        """The address of the page after this one."""
        return (
            self.link(older=self.sort.encode(self.page.rows[-1]))
            if self.page.older and self.page.rows
            else None
        )

    @property
    def last_link(self) -> str | None:
        """The address of the last page, unless this is it."""
        return self.link(last="1") if self.page.older else None

    @property
    def by_time(self) -> bool:
        """Whether the order is by a date, so that pages are newer and older rather than next and previous."""
        return self.sort.column is not None and self.sort.descending and hasattr(self.sort.column, "auto_now")

    @property
    def chips(self) -> list[Chip]:
        """The active filters, each with the address that is left without it."""
        found = [(name, str(value[-1])) for name, value in self.get_filters_params().items()]
        searched = [(SEARCH_VAR, self.query)] if self.query else []
        told = ((n, *self._told(n, v)) for n, v in searched + found)
        return [
            Chip(_shown(name), _shown(value), self.get_query_string(remove=[n])) for n, name, value in told
        ]

    def _told(self, parameter: str, value: str) -> tuple[str, str]:
        """Return a filter's name and its value as a reader knows them from the filters beside the list."""
        if parameter in (SEARCH_VAR, PERIOD):
            return _("Search") if parameter == SEARCH_VAR else _("Period"), value
        name, _sep, lookup = parameter.partition("__")
        field = next((f for f in self.opts.concrete_fields if name in (f.name, f.attname)), None)
        if field is None:
            return parameter, value
        title = capfirst(str(field.verbose_name))
        if lookup == "isnull":
            return title, _("(null)") if value in TRUE else _("(not null)")
        if lookup == CONTAINS:
            found = Contained.read(value)
            return f"{title}{found.place}", f"= {found.text}"
        yes_or_no = {"True": _("Yes"), "False": _("No")} if isinstance(field, BooleanField) else {}
        names = {str(key): str(label) for key, label in field.flatchoices or ()} | yes_or_no
        return f"{title} {lookup}".strip(), names.get(value, value)

    @property
    def clear_link(self) -> str:
        """The address without any filter, in the same order."""
        order = self.params.get(ORDER_VAR)
        return "?" + urlencode({ORDER_VAR: order}) if order else "?"


def _shown(value: str) -> str:
    return named(value if len(value) <= 40 else value[:39] + "…")


class Selection(InspectionChangeList):
    """A list's selection of rows, without any page of it being read."""

    def get_results(self, request: HttpRequest) -> None:
        """Read nothing."""
        self.result_list, self.result_count = [], 0
