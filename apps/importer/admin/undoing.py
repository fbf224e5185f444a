"""Taking a run back: what would go and what would stay, and doing it by a second click."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.core.inspection.keys import decode, row_url
from apps.importer.keys import Unbuildable
from apps.importer.models import ImportRun
from apps.importer.runs import SourceHeld, refuse_to_wait
from apps.importer.undo import NotUndoable, Undone, undo

RIGHT = "importer.change_importrun"


def undo_view(own: Any, request: HttpRequest, object_id: str) -> HttpResponseBase:
    """Show what taking a run back does; preview it, or do it, when asked."""
    if not own.has_view_permission(request):
        raise PermissionDenied
    if request.method == "POST" and not request.user.has_perm(RIGHT):
        raise PermissionDenied
    run = ImportRun.objects.filter(pk=_key(object_id)).first()
    if run is None:
        raise Http404
    context = {
        **own.admin_site.each_context(request),
        "opts": own.opts,
        "title": _("Undo run %(number)s") % {"number": run.number},
        "run": run,
        "may_undo": request.user.has_perm(RIGHT),
        "back": row_url(ImportRun, run.pk),
    }
    return _answer(request, run, context) if request.method == "POST" else _page(request, context)


def _key(object_id: str) -> Any:
    try:
        return ImportRun._meta.pk.to_python(decode(object_id))
    except Exception as error:  # whatever a field raises: the text is no key
        raise Http404 from error


def _page(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    return TemplateResponse(request, "importer/undo.html", context)


def _answer(request: HttpRequest, run: ImportRun, context: dict[str, Any]) -> HttpResponseBase:
    really = request.POST.get("do") == "undo"
    try:
        undone = undo(run, dry_run=not really, say=refuse_to_wait)
    except (NotUndoable, SourceHeld, Unbuildable) as error:
        messages.error(request, str(error))
        return _page(request, context)
    if not really:
        told = lines(undone)
        total = {name: sum(line[name] for line in told) for name in ("removed", "restored", "back", "kept")}
        return _page(request, context | {"undone": undone, "lines": told, "total": total})
    words = _("The run is undone; %(kept)s rows were kept.") if undone.kept else _("The run is undone.")
    messages.success(request, words % {"kept": undone.kept} if undone.kept else words)
    return HttpResponseRedirect(row_url(ImportRun, undone.report["run_id"]))


def lines(undone: Undone) -> list[dict[str, Any]]:
    """Return a line for each table that an undo changes."""
    return [
        {
            "source": source["source_name"],
            "table": table["source_table"],
            "removed": table.get("deleted", 0),
            "restored": table["updated"],
            "back": table["imported"],
            "kept": table["skipped"],
            "why": table.get("kept", []),
        }
        for source in undone.report["sources"]
        for table in source["tables"]
        if table.get("deleted", 0) or table["updated"] or table["imported"] or table["skipped"]
    ]
