"""The page with a table's vectors on a plane."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.inspection.changelist import InspectionChangeList
from apps.core.inspection.describe import AnyField
from apps.core.inspection.keys import list_url
from apps.core.inspection.plane import colouring, picture, plane, sample
from apps.core.inspection.vectors import vector_fields


def plane_context(request: HttpRequest, own: Any, chosen: InspectionChangeList) -> dict[str, Any]:
    """Return what the page shows for a list's selection."""
    model = own.model
    fields = vector_fields(model)
    field = _named(fields, request.GET.get("_field")) or fields[0]
    colours = [f for f in colouring(model) if f.name in own.fields_by_name]
    colour = _named(colours, request.GET.get("_colour")) or _default(colours)
    found = plane(sample(chosen.chosen, field, chosen.narrow), field, colour)
    ways = [(str(f.verbose_name), _with(request, _colour=f.name), f == colour) for f in colours]
    return {
        **own.admin_site.each_context(request),
        "opts": own.opts,
        "title": _("Map of %(column)s") % {"column": field.verbose_name},
        "plane": found,
        "picture": picture(found),
        "kept": found.kept * 100,
        "colour": colour,
        "ways": ways,
        "fields": [(str(f.verbose_name), _with(request, _field=f.name), f == field) for f in fields],
        "list_link": list_url(model) + chosen.get_query_string(),
    }


def _named(fields: list[AnyField], name: str | None) -> AnyField | None:
    return next((field for field in fields if field.name == name), None)


def _default(fields: list[AnyField]) -> AnyField | None:
    references = [field for field in fields if field.remote_field is not None]
    return next(iter([*references, *fields]), None)


def _with(request: HttpRequest, **changes: str) -> str:
    kept = {name: values for name, values in request.GET.lists() if name not in changes}
    return "?" + urlencode({**kept, **changes}, doseq=True)
