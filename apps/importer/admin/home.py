"""What the importer adds to the home page: the last runs, and what is in quarantine."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Count, F, Max, Min, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.inspection.cells import moment
from apps.core.inspection.charts import bar
from apps.core.inspection.home import Facts
from apps.core.inspection.keys import list_url, row_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import grouped
from apps.importer.admin import balance
from apps.importer.admin.reasons import meaning
from apps.importer.admin.runs import seconds_of
from apps.importer.mapping import LegacySystem, load_systems
from apps.importer.models import ImportRun, QuarantinedRow, RunTable, Verification
from apps.importer.report import COUNTS

RUNS = 5


def latest_runs(request: HttpRequest) -> Panel | None:
    """Show the last runs with their balance."""
    if not request.user.has_perm("importer.view_importrun"):
        return None
    runs = [
        _run(run)
        for run in ImportRun.objects.order_by("-started_at").prefetch_related("files__tables")[:RUNS]
    ]
    context = {"runs": runs, "columns": balance.columns(), "all": list_url(ImportRun)}
    return Panel("runs", _("The last runs"), "importer/latest_runs.html", context)


def _run(run: ImportRun) -> dict[str, object]:
    files = list(run.files.all())
    tables = [table for file in files for table in file.tables.all()]
    counts = tuple(sum(getattr(table, name) for table in tables) for name in COUNTS)
    line = balance.Line(
        str(run.number), row_url(ImportRun, run.pk), run.get_status_display(), counts, seconds_of(run)
    )
    return {"run": run, "line": line, "files": files, "seconds": seconds_of(run) if run.finished_at else None}


def open_quarantine(request: HttpRequest) -> Panel | None:
    """Show how many rows are in quarantine, by reason."""
    if not request.user.has_perm("importer.view_quarantinedrow"):
        return None
    rows = QuarantinedRow.objects.filter(status=QuarantinedRow.Status.OPEN).values("reason")
    found = list(rows.annotate(rows=Count("pk")).order_by("-rows", "reason"))
    most = max((group["rows"] for group in found), default=0)
    reasons = [
        {
            "code": group["reason"],
            "meaning": meaning(group["reason"]),
            "rows": grouped(group["rows"]),
            "bar": bar(group["rows"], most, "quarantined"),
            "link": f"{list_url(QuarantinedRow)}?{urlencode({'reason': group['reason'], 'status': 'open'})}",
        }
        for group in found
    ]
    context = {"reasons": reasons, "all": list_url(QuarantinedRow)}
    return Panel("quarantine", _("In quarantine"), "importer/open_quarantine.html", context)


def table_facts(request: HttpRequest) -> Facts:
    """Group the tables by legacy system, and say when each was last imported."""
    last = dict(
        RunTable.objects.filter(target_table__isnull=False)
        .order_by()
        .values_list("target_table")
        .annotate(last=Max("file__run__started_at"))
    )
    groups = tuple((system.title, tuple(_targets(system))) for system in load_systems().values())
    own = tuple(model._meta.db_table for model in apps.get_app_config("importer").get_models())
    verified = _verified()
    cells = {table: (moment(when), verified.get(table, "")) for table, when in last.items()}
    return Facts((_("last import"), _("verified")), (*groups, (_("The importer"), own)), cells)


def _verified() -> dict[str, str]:
    """Say of each table whether its last verification found it equal to its files, and when it was."""
    rows = Verification.objects.order_by().values_list("target_table")
    found = rows.annotate(wrong=Sum(F("different") + F("missing") + F("extra")), when=Min("checked_at"))
    return {
        table: format_html("{} {}", _("differs") if wrong else _("same"), moment(when))
        for table, wrong, when in found
    }


def _targets(system: LegacySystem) -> list[str]:
    return list(dict.fromkeys(table.model._meta.db_table for table in system.tables))
