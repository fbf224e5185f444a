"""The admin class of every imported model: it shows rows, quickly and safely, and changes none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from apps.core.inspection import describe, export, row
from apps.core.inspection.changelist import InspectionChangeList, Selection
from apps.core.inspection.columns import Column, columns_for, kept
from apps.core.inspection.containment import CONTAINS, QUICK, JsonIndex, is_guess, markers, quick
from apps.core.inspection.counts import EXACT, Profile, profile
from apps.core.inspection.filters import PERIOD, ContainsFilter, PeriodFilter, ValueFilter
from apps.core.inspection.indexes import LARGE, OptionalIndex
from apps.core.inspection.keys import decode, encode, list_url
from apps.core.inspection.maps import plane_context
from apps.core.inspection.panels import Panel, row_panels
from apps.core.inspection.reading import for_page
from apps.core.inspection.references import incoming
from apps.core.inspection.search import TextIndex, candidates, containing
from apps.core.inspection.secrets import is_secret, without_secrets
from apps.core.inspection.survey import survey_context
from apps.core.inspection.vectors import vector_fields


class InspectionAdmin(admin.ModelAdmin):
    """A view-only admin that reads what to show off the model.

    A subclass may name its ``columns`` (fields or own methods), the fields that these methods read
    (``list_reads``), the field that names a row (``named_by``), the fields that a search looks into
    (``searched``), its ``panels`` on a row's page and its ``list_panels`` above the list, and fields that
    only these panels show (``hidden``). Opening, listing and searching need the view permission; anything
    else is refused with 403.
    """

    columns: ClassVar[Sequence[str]] = ()
    named_by: ClassVar[str | None] = None
    list_reads: ClassVar[Sequence[str]] = ()
    panels: ClassVar[Sequence[Callable[..., Any]]] = ()
    list_panels: ClassVar[Sequence[Callable[..., Any]]] = ()
    searched: ClassVar[Sequence[str]] = ()
    hidden: ClassVar[frozenset[str]] = frozenset()

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "core/inspection/list.html"

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.ordering = self.ordering or describe.ordering(model)
        self.search_fields = tuple(self.searched) or describe.search_fields(model)
        self.fields_by_name = {f.name: f for f in describe.fields_of(model) if f.name not in self.hidden}

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows here."""
        return False

    def get_urls(self) -> list[Any]:
        """Return the pages' addresses: the list, a row, a row as JSON."""
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path("<path:object_id>/json/", self.admin_site.admin_view(self.json_view), name=f"{info}_json")
        ]
        own.append(path("export/", self.admin_site.admin_view(self.export_view), name=f"{info}_export"))
        own.append(path("columns/", self.admin_site.admin_view(self.columns_view), name=f"{info}_columns"))
        if vector_fields(self.model):
            own.append(path("map/", self.admin_site.admin_view(self.map_view), name=f"{info}_map"))
        return [*own, *super().get_urls()]

    # A list

    def profile(self, request: HttpRequest) -> Profile:
        """Return what the planner's statistics say of the table, read once for a page."""
        read: dict[str, Profile] = request.__dict__.setdefault("inspection_profiles", {})
        table = self.opts.db_table
        if table not in read:
            columns = [str(field.column) for field in describe.listed_values(self.model)]
            read[table] = profile(table, columns)
        return read[table]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns, made for this request."""
        names = self.columns or [field.name for field in describe.list_fields(self.model)]
        sortable = self.sortable_names(request)
        terms = self.search_terms(request.GET.get("q", ""))
        return columns_for(names, self.fields_by_name, partial(self._column, request, sortable, terms))

    def _column(
        self, request: HttpRequest, sortable: frozenset[str], terms: tuple[str, ...], field: describe.AnyField
    ) -> Column:
        terms = terms if field.name in self.search_fields else ()
        return Column(field, self._pick(request, field), terms, field.name in sortable)

    def _pick(self, request: HttpRequest, field: describe.AnyField) -> str | None:
        quick = field.name in describe.leading_columns(self.model) or field in describe.listed_values(
            self.model
        )
        if field.primary_key or field.unique or not quick or describe.kind(field) == "datetime":
            return None
        return kept(request, [field.name, f"{field.name}__isnull"])

    def sortable_names(self, request: HttpRequest) -> frozenset[str]:
        """Return the fields that a list may be sorted by: any light one of a small table, else indexed ones.

        An index of a few values that repeat is none to sort by: millions of rows would be equal.
        """
        known = self.profile(request)
        light = [field for field in self.fields_by_name.values() if describe.is_light(field)]
        if 0 <= known.rows <= EXACT:
            return frozenset(field.name for field in light)
        leading = describe.leading_columns(self.model)
        return frozenset(f.name for f in light if f.name in leading and str(f.column) not in known.values)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters: the time, frequent values of columns that repeat them, what JSON holds."""
        values = [partial(ValueFilter, f, self.profile(request)) for f in describe.listed_values(self.model)]
        moment = describe.moment_field(self.model)
        contents = [partial(ContainsFilter, field) for field in self.json_fields]
        return [*([partial(PeriodFilter, moment)] if moment is not None else []), *values, *contents]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[InspectionChangeList]:
        """Return the list's class: an export needs its selection only."""
        page = (request.resolver_match.url_name or "").rpartition("_")[2] if request.resolver_match else ""
        return Selection if page in ("export", "map") else InspectionChangeList

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the list's rows with what the admin's own columns need beside the fields."""
        return rows

    def panels_above(self, request: HttpRequest, changes: InspectionChangeList) -> list[Panel]:
        """Return the panels above the list."""
        found = (make(request, self, changes) for make in self.list_panels)
        return [panel for panel in found if panel is not None]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow lookups in the table's own columns that a list may read; never in a secret."""
        name, _sep, rest = lookup.partition("__")
        field = next((f for f in self.fields_by_name.values() if name in (f.name, f.attname)), None)
        if field in self.json_fields and rest == CONTAINS:
            return not is_guess(value)
        if field is None or describe.kind(field) in describe.HEAVY or is_secret(name):
            return lookup in ("pk", PERIOD)
        return rest in ("", "exact", "isnull", "gte", "gt", "lte", "lt", "in")

    def search_terms(self, query: str) -> tuple[str, ...]:
        """Return the words to mark in what a search finds: the query is one phrase."""
        return (query.strip(),) if query.strip() else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that contain the text in one of the searched columns, whatever its case, or as key."""
        text = search_term.strip()
        if not text:
            return queryset, False
        condition = containing(self.search_fields, text)
        key = self._key(text)
        if key is not None:
            condition |= Q(pk=key)
        return queryset.filter(condition) if condition else queryset.none(), False

    @property
    def json_fields(self) -> list[describe.AnyField]:
        """The fields that hold JSON."""
        return [field for field in self.fields_by_name.values() if describe.kind(field) == "json"]

    @property
    def text_index(self) -> TextIndex:
        """The index of the searched columns, whether or not it is built."""
        columns = (str(self.opts.get_field(name).column) for name in self.search_fields)
        return TextIndex(self.model, tuple(columns))

    @property
    def indexes(self) -> list[OptionalIndex]:
        """The indexes that may be made for the search and for what JSON holds, built or not."""
        json_index = JsonIndex(self.model, tuple(str(field.column) for field in self.json_fields))
        return [index for index in (self.text_index, json_index) if index.columns]

    def quickly(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        """Return the same found rows, by the text index where there is one."""
        text = query.strip()
        if not text or self._key(text) is not None:
            return rows
        return candidates(rows, self.text_index, text)

    def _key(self, text: str) -> Any:
        try:
            return self.opts.pk.to_python(text)
        except Exception:  # whatever a field raises: the text is no key
            return None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Show the list; anything but reading it is refused."""
        _only_reading(request)
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            changes = response.context_data["cl"]
            response.context_data["panels"] = self.panels_above(request, changes)
            response.context_data["exports"] = self.exports(request, changes)
            response.context_data["unindexed"] = bool(changes.query) and self._lacks_text_index(request)
            response.context_data["map"] = "map/" + changes.link() if vector_fields(self.model) else ""
        return response

    def _lacks_text_index(self, request: HttpRequest) -> bool:
        """Tell whether a search reads the whole of a table that is worth an index."""
        return self.profile(request).rows >= LARGE and not self.text_index.is_built()

    def exports(self, request: HttpRequest, changes: InspectionChangeList) -> list[tuple[str, str]]:
        """Return the titles and addresses of the files that a list may be taken away as."""
        if not self.may_export(request):
            return []
        kinds = {describe.kind(field) for field in self.fields_by_name.values()}
        ways = [("CSV", {"format": "csv"}), (_("CSV for Excel"), {"format": "csv", "bom": "1"})]
        ways.append(("JSON Lines", {"format": "jsonl"}))
        if "vector" in kinds:
            ways.append((_("JSON Lines with vectors"), {"format": "jsonl", "vectors": "1"}))
        return [(title, "export/" + changes.link(**how)) for title, how in ways]

    def may_export(self, request: HttpRequest) -> bool:
        """Tell whether a person may take rows away."""
        return bool(request.user.has_perm("core.export_rows")) and self.has_view_permission(request)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the list's selection as a file."""
        _only_reading(request)
        if not self.may_export(request):
            raise PermissionDenied
        form = request.GET.get("_format", "")
        if form not in export.FORMS:
            return HttpResponseRedirect(list_url(self.model))
        try:
            chosen = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(list_url(self.model) + "?e=1")
        fields = export.exported(list(self.fields_by_name.values()), bool(request.GET.get("_vectors")))
        content = export.stream(chosen.chosen, form, fields, bool(request.GET.get("_bom")))
        return export.response(content, self.opts.db_table, form)

    def map_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show the vectors of the list's selection on a plane."""
        _only_reading(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            chosen = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(list_url(self.model) + "?e=1")
        return TemplateResponse(request, "core/inspection/plane.html", plane_context(request, self, chosen))

    def columns_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show what the planner knows of the table's columns."""
        _only_reading(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "core/inspection/survey.html", survey_context(request, self))

    # A row

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Show a row; anything but reading it is refused."""
        _only_reading(request)
        found = self.row_or_none(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return TemplateResponse(request, "core/inspection/row.html", self.row_context(request, found))

    def row_or_none(self, request: HttpRequest, object_id: str) -> Model | None:
        """Return the row that a part of an address names, or None; raise PermissionDenied for who may not see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, decode(object_id))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """Return the row with a key, read for its page, or None."""
        try:
            key = self.opts.pk.to_python(object_id)
            return self.for_row(for_page(self.get_queryset(request))).get(pk=key)
        except (self.model.DoesNotExist, ValidationError, ValueError, OverflowError):
            return None

    def for_row(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with what a row's page needs beside the fields."""
        fields = self.json_fields
        return rows.annotate(**{QUICK: quick(self.model, fields)}) if fields else rows

    def row_context(self, request: HttpRequest, found: Model) -> dict[str, Any]:
        """Return what the page of a row shows."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.title(found),
            "row": found,
            "groups": row.groups(found, list(self.fields_by_name.values()), markers(found, self.json_fields)),
            "json_link": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_json", args=(encode(found.pk),)
            ),
            "incoming": incoming(found),
            "neighbours": row.neighbours(self.get_queryset(request), found),
            "panels": list(row_panels(request, self, found)),
            "media": self.media,
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows, those that a default manager would hide too, with parents' labels where needed."""
        return self.model._base_manager.all()

    def json_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return a row as JSON, its secrets left out."""
        _only_reading(request)
        found = self.row_or_none(request, object_id)
        if found is None:
            return HttpResponse(status=404)
        values = dict(_storable(found, self.fields_by_name))
        content = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        return HttpResponse(content, content_type="application/json; charset=utf-8")


def _storable(found: Model, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name, value in row.plain(found, names):
        if isinstance(value, (bytes, memoryview)):
            yield name, bytes(value).hex()
        else:
            yield name, without_secrets(value)


def _only_reading(request: HttpRequest) -> None:
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
