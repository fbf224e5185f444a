"""The pages of runs: each with its balance, its speed, its reasons and its files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.inspection.base import InspectionAdmin
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import grouped
from apps.importer.admin import balance
from apps.importer.admin.undoing import undo_view
from apps.importer.models import ImportRun, RunFile, RunTable
from apps.importer.report import CLASSES, COUNTS


def balance_panel(request: HttpRequest, own: InspectionAdmin, run: ImportRun) -> Panel:
    """Show what became of every row of a run."""
    files, seconds = balance.of_run(run), seconds_of(run)
    total = balance.sum_of(_("all files"), [file.total for file in files])
    context = {
        "run": run,
        "files": files,
        "columns": balance.columns(),
        "total": replace(total, seconds=seconds),
        "reasons": balance.reasons_of(files, run),
        "seconds": seconds,
    }
    return Panel("balance", _("Balance"), "importer/balance.html", context, first=True)


def seconds_of(run: ImportRun) -> float:
    """Return how long a run took, or has been running."""
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def _sum(name: str) -> Subquery:
    tables = RunTable.objects.filter(file__run=OuterRef("pk")).order_by().values("file__run")
    return Subquery(tables.annotate(total=Sum(name)).values("total"))


def _files() -> Subquery:
    files = RunFile.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return Subquery(files.annotate(total=Count("pk")).values("total"))


def _figure(name: str, title: Any) -> Any:
    @admin.display(description=title)
    def figure(self: InspectionAdmin, run: Any) -> str:
        count = getattr(run, f"sum_{name}")
        return grouped(count) if count else ""

    figure.shape = "num"  # type: ignore[attr-defined]
    return figure


class RunAdmin(InspectionAdmin):
    """Runs, the newest first."""

    named_by: ClassVar[str | None] = "number"

    columns: ClassVar[tuple[str, ...]] = (
        *("number", "kind", "status", "started_at", "took", "files_read", "shares"),
        *("rows", "quarantined", "imported", "updated", "unchanged", "skipped"),
    )
    list_reads: ClassVar[tuple[str, ...]] = ("started_at", "finished_at")
    panels: ClassVar[tuple[Any, ...]] = (balance_panel,)

    rows = _figure("source_rows", gettext_lazy("rows"))
    imported = _figure("imported", gettext_lazy("imported"))
    updated = _figure("updated", gettext_lazy("updated"))
    unchanged = _figure("unchanged", gettext_lazy("unchanged"))
    quarantined = _figure("quarantined", gettext_lazy("quarantined"))
    skipped = _figure("skipped", gettext_lazy("skipped"))

    def get_urls(self) -> list[Any]:
        """Return the pages' addresses: those of every model, and that of taking a run back."""
        view = self.admin_site.admin_view(partial(undo_view, self))
        return [path("<path:object_id>/undo/", view, name="importer_importrun_undo"), *super().get_urls()]

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return runs with the sums of their tables."""
        sums = {f"sum_{name}": _sum(name) for name in COUNTS}
        found: QuerySet[Any] = rows.annotate(sum_files=_files(), **sums)
        return found

    @admin.display(description=gettext_lazy("files"))
    def files_read(self, run: Any) -> str:
        """Return the number of a run's files."""
        return str(run.sum_files or 0)

    @admin.display(description=gettext_lazy("seconds"))
    def took(self, run: ImportRun) -> str:
        """Return how long a run took."""
        return f"{seconds_of(run):.1f}" if run.finished_at else "…"

    @admin.display(description=gettext_lazy("shares"))
    def shares(self, run: Any) -> SafeString:
        """Return a bar of what became of the rows."""
        return balance.shares(getattr(run, f"sum_{name}") or 0 for name in CLASSES)


class FileAdmin(InspectionAdmin):
    """The files of all runs."""

    columns: ClassVar[tuple[str, ...]] = (
        *("source_name", "run", "system", "variant"),
        *("status", "reason", "message", "sha256"),
    )
    ordering = ("source_name",)


class TableAdmin(InspectionAdmin):
    """The tables of all runs."""

    columns: ClassVar[tuple[str, ...]] = ("source_table", "target_table", "file", "kind", "stage", *COUNTS)
    ordering = ("source_table",)
