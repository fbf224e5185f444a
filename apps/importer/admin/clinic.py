"""The clinic of the quarantine: a group of entries, the repairs that fit it, what each would do, and doing it.

Nothing happens unasked: a repair is chosen, previewed on all the rows of the group, and applied by a second click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.inspection.cells import EMPTY
from apps.core.inspection.keys import list_url, row_url
from apps.core.inspection.secrets import HIDDEN, is_secret
from apps.core.inspection.text import one_line
from apps.importer import repairs, retry
from apps.importer.admin.balance import class_title
from apps.importer.admin.raw import cells
from apps.importer.admin.reasons import meaning
from apps.importer.keys import Unbuildable
from apps.importer.models import ImportRun, QuarantinedRow
from apps.importer.repairs import REPAIRS, Repaired, Unfit
from apps.importer.report import CLASSES
from apps.importer.runs import SourceHeld, refuse_to_wait

RIGHT = "importer.change_quarantinedrow"
MOST = 20_000
"""Rows of a group that a page takes on; more are for the command line."""
KEYS = ("system", "source_name", "source_table", "column_name", "reason")

WORDS: dict[str, Any] = {
    "set_null": gettext_lazy("Set the column to NULL"),
    "placeholder_parent": gettext_lazy("Make the missing parent, marked as a placeholder"),
    "strip_nul": gettext_lazy("Take the NUL characters out of the text"),
    "decode_as": gettext_lazy("Read the bytes as this encoding"),
    "as_zone": gettext_lazy("Take the time as one of this zone"),
    "as_unit": gettext_lazy("Take the number as a time in this unit since 1970 (s, ms, us, ns)"),
    "truncate": gettext_lazy("Cut the text to what the column holds"),
    "drop_duplicate": gettext_lazy("Leave the row out for good"),
}


@dataclass(frozen=True)
class Change:
    """What a repair makes of a row: its key, the value before and after, and what comes of it."""

    key: str
    before: SafeString
    after: SafeString
    outcome: str


def clinic_link(found: Mapping[str, Any]) -> str:
    """Return the address of the clinic for a group of entries."""
    chosen = {key: found[key] for key in KEYS if found[key] is not None}
    return f"{reverse('admin:importer_quarantinedrow_clinic')}?{urlencode(chosen)}"


def choice_of(request: HttpRequest) -> retry.Choice:
    """Return the group that the address names."""
    get = request.GET.get
    return retry.Choice(
        None,
        *(get("reason"), get("source_table"), get("column_name")),
        system=get("system"),
        source_name=get("source_name"),
    )


def clinic_view(own: Any, request: HttpRequest) -> HttpResponseBase:
    """Show a group with the repairs that fit; preview or apply one, or try the group again, when asked."""
    if not own.has_view_permission(request):
        raise PermissionDenied
    if request.method == "POST" and not request.user.has_perm(RIGHT):
        raise PermissionDenied
    choice = choice_of(request)
    rows = _rows(request)
    context = _context(own, request, choice, rows)
    if request.method != "POST" or not rows or context["too_many"]:
        return TemplateResponse(request, "importer/clinic.html", context)
    return _answer(own, request, choice, context)


def _rows(request: HttpRequest) -> int:
    chosen = {key: request.GET.get(key) for key in KEYS}
    chosen["column_name"] = chosen["column_name"] or None
    if not all(chosen[key] for key in KEYS if key != "column_name"):
        return 0
    return QuarantinedRow.objects.filter(status=QuarantinedRow.Status.OPEN, **chosen).count()


def _context(own: Any, request: HttpRequest, choice: retry.Choice, rows: int) -> dict[str, Any]:
    reason = choice.reason or ""
    names = repairs.fitting(
        choice.system or "", choice.source_name or "", choice.table or "", choice.column, reason
    )
    return {
        **own.admin_site.each_context(request),
        "opts": own.opts,
        "title": _("Clinic"),
        "choice": choice,
        "rows": rows,
        "meaning": meaning(reason),
        "repairs": [(name, WORDS.get(name, REPAIRS[name].does), REPAIRS[name].argument) for name in names],
        "may_repair": request.user.has_perm(RIGHT),
        "too_many": rows > MOST,
        "entries": _entries_link(choice),
        "list_link": list_url(QuarantinedRow),
    }


def _entries_link(choice: retry.Choice) -> str:
    chosen = {
        "system": choice.system,
        "source_name": choice.source_name,
        "source_table": choice.table,
        "reason": choice.reason,
        "status": "open",
        "column_name" if choice.column else "column_name__isnull": choice.column or "1",
    }
    return f"{list_url(QuarantinedRow)}?{urlencode({k: v for k, v in chosen.items() if v})}"


def _answer(
    own: Any, request: HttpRequest, choice: retry.Choice, context: dict[str, Any]
) -> HttpResponseBase:
    name, argument = request.POST.get("repair", ""), request.POST.get("argument", "").strip() or None
    try:
        if request.POST.get("do") == "retry":
            return _retried(own, request, choice)
        if request.POST.get("do") == "apply":
            return _applied(own, request, repairs.apply(choice, name, argument, say=refuse_to_wait))
        found = repairs.preview(choice, name, argument, say=refuse_to_wait)
    except (Unfit, SourceHeld, Unbuildable) as error:
        messages.error(request, str(error))
    else:
        context |= {"preview": found, "chosen": name, "argument": argument, "words": WORDS.get(name, name)}
        context |= {"changes": _changes(found.shown), "failing": _changes(found.failing)}
    return TemplateResponse(request, "importer/clinic.html", context)


def _retried(own: Any, request: HttpRequest, choice: retry.Choice) -> HttpResponseBase:
    outcome = retry.retry(choice, say=refuse_to_wait)
    totals = (outcome.report or {}).get("totals", {})
    came = totals.get("imported", 0) + totals.get("updated", 0) + totals.get("unchanged", 0)
    words = _("%(came)s rows came in; %(left)s stay in quarantine.")
    messages.success(request, words % {"came": came, "left": outcome.left})
    return HttpResponseRedirect(_run_link(outcome.report))


def _applied(own: Any, request: HttpRequest, found: Repaired) -> HttpResponseBase:
    words = _("%(done)s of %(rows)s rows are repaired; %(left)s stay in quarantine.")
    messages.success(request, words % {"done": found.repaired, "rows": found.rows, "left": found.left})
    return HttpResponseRedirect(_run_link(found.report))


def _run_link(report: Mapping[str, Any] | None) -> str:
    return row_url(ImportRun, report["run_id"]) if report else list_url(QuarantinedRow)


def _changes(told: Sequence[Mapping[str, Any]]) -> list[Change]:
    return [_change(row) for row in told]


def _change(row: Mapping[str, Any]) -> Change:
    column = str(row.get("column") or "")
    key = ", ".join(f"{name} {_plain(name, value)}" for name, value in row["key"].items())
    before, after = (_shown(column, row.get(side)) if side in row else EMPTY for side in ("before", "after"))
    outcome = str(row.get("outcome") or "")
    return Change(
        key,
        before,
        after,
        str(row.get("message") or (class_title(outcome) if outcome in CLASSES else outcome)),
    )


def _plain(name: str, value: Any) -> str:
    if is_secret(name):
        return HIDDEN
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else str(value)


def _shown(column: str, value: Any) -> SafeString:
    if value is not None and not isinstance(value, dict):
        return one_line(HIDDEN if is_secret(column) else str(value), 200)
    [cell] = cells({column: value}, None)
    return cell.value
