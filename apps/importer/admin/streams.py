"""The pages of legacy tables: from each imported row of one, its X-ray."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from apps.core.inspection.base import InspectionAdmin
from apps.core.inspection.keys import decode, encode
from apps.core.inspection.row import title
from apps.importer.admin.origins import Origin, may_compare, origins
from apps.importer.admin.xray import xray
from apps.importer.mapping import model_of
from apps.importer.models import Provenance, Stream


class StreamAdmin(InspectionAdmin):
    """The legacy tables of all sources."""

    named_by: ClassVar[str | None] = "source_table"

    def get_urls(self) -> list[Any]:
        """Return the pages' addresses: those of every model, and a row's X-ray."""
        view = self.admin_site.admin_view(self.origin_view)
        own = path("<int:stream>/origin/<path:identity>/", view, name="importer_stream_origin")
        return [own, *super().get_urls()]

    def origin_view(self, request: HttpRequest, stream: int, identity: str) -> HttpResponse:
        """Show a row's X-ray, to people who may see the row and raw rows."""
        if request.method not in ("GET", "HEAD") or not may_compare(request):
            raise PermissionDenied
        model, row = self._row(request, stream, decode(identity))
        origin = self._origin(row, stream, decode(identity))
        context = {
            **self.admin_site.each_context(request),
            "opts": model._meta,
            "title": _("X-ray"),
            "name": title(row),
            "key": encode(row.pk),
            "origin": origin,
            "xray": xray(origin, row),
        }
        return TemplateResponse(request, "importer/xray.html", context)

    def _row(self, request: HttpRequest, stream: int, identity: str) -> tuple[type[Model], Model]:
        found = Provenance.objects.filter(stream_id=stream, identity=identity).first()
        model = model_of(Stream.objects.get(pk=stream).target_table) if found is not None else None
        own = admin.site._registry.get(model) if model is not None else None
        if found is None or not isinstance(own, InspectionAdmin):
            raise Http404
        if not own.has_view_permission(request):
            raise PermissionDenied
        row = own.get_object(request, found.target_pk if found.target_pk is not None else identity)
        if row is None:
            raise Http404
        return own.model, row

    def _origin(self, row: Model, stream: int, identity: str) -> Origin:
        return next(o for o in origins(row) if (o.stream, o.identity) == (stream, identity))
