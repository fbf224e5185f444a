"""The pages of the quarantine: rows grouped by table, column and reason, each row with its raw content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.db.models import Count
from django.http import HttpRequest
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.inspection.base import InspectionAdmin
from apps.core.inspection.changelist import InspectionChangeList
from apps.core.inspection.charts import bar
from apps.core.inspection.keys import list_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import grouped
from apps.importer.admin.clinic import clinic_link, clinic_view
from apps.importer.admin.raw import cells
from apps.importer.admin.reasons import meaning
from apps.importer.models import ArchivedRow, QuarantinedRow

MOST_GROUPS = 40
KEYS = ("system", "source_name", "source_table", "column_name", "reason")


@dataclass(frozen=True)
class Group:
    """Open entries with the same table, column and reason."""

    system: str
    source: str
    table: str
    column: str
    reason: str
    meaning: str
    rows: str
    link: str
    clinic: str
    bar: Any


def groups_panel(request: HttpRequest, own: InspectionAdmin, changes: InspectionChangeList) -> Panel | None:
    """Show what is open, grouped, above the list; the groups follow the list's filters."""
    open_rows = changes.queryset.filter(status=QuarantinedRow.Status.OPEN).order_by().values(*KEYS)
    found = list(open_rows.annotate(rows=Count("pk")).order_by("-rows", *KEYS)[: MOST_GROUPS + 1])
    if len(found) < 2:
        return None
    most = found[0]["rows"]
    context = {
        "groups": [_group(group, most) for group in found[:MOST_GROUPS]],
        "more": len(found) > MOST_GROUPS,
    }
    return Panel("groups", _("Open entries by table, column and reason"), "importer/groups.html", context)


def _group(found: dict[str, Any], most: int) -> Group:
    column = found["column_name"]
    chosen = {key: found[key] for key in KEYS if found[key] is not None} | {"status": "open"}
    if column is None:
        chosen["column_name__isnull"] = "1"
    return Group(
        system=found["system"],
        source=found["source_name"],
        table=found["source_table"],
        column=column or "",
        reason=found["reason"],
        meaning=meaning(found["reason"]),
        rows=grouped(found["rows"]),
        link=f"{list_url(QuarantinedRow)}?{urlencode(chosen)}",
        clinic=clinic_link(found),
        bar=bar(found["rows"], most, "quarantined", width=60),
    )


def raw_panel(request: HttpRequest, own: InspectionAdmin, row: QuarantinedRow) -> Panel:
    """Show the raw row, the column at fault marked, and what the reason means."""
    context = {
        "entry": row,
        "cells": cells(row.raw, row.column_name),
        "meaning": meaning(row.reason),
        "clinic": clinic_link(vars_of(row)) if row.status == QuarantinedRow.Status.OPEN else "",
    }
    return Panel("raw", _("The row as the source has it"), "importer/raw.html", context, first=True)


def vars_of(row: QuarantinedRow) -> dict[str, Any]:
    """Return what tells an entry's group."""
    return {key: getattr(row, key) for key in KEYS}


class QuarantineAdmin(InspectionAdmin):
    """Rows set aside, the newest first."""

    named_by: ClassVar[str | None] = "message"

    columns: ClassVar[tuple[str, ...]] = (
        *("id", "source_table", "source_rowid", "column_name", "reason"),
        *("message", "status", "source_name", "created_at"),
    )
    searched: ClassVar[tuple[str, ...]] = ("source_table", "column_name", "reason", "message", "place")
    hidden: ClassVar[frozenset[str]] = frozenset({"raw", "handles"})
    panels: ClassVar[tuple[Any, ...]] = (raw_panel,)
    list_panels: ClassVar[tuple[Any, ...]] = (groups_panel,)

    def get_urls(self) -> list[Any]:
        """Return the pages' addresses: those of every model, and the clinic's."""
        view = self.admin_site.admin_view(partial(clinic_view, self))
        return [path("clinic/", view, name="importer_quarantinedrow_clinic"), *super().get_urls()]


def archived_panel(request: HttpRequest, own: InspectionAdmin, row: ArchivedRow) -> Panel:
    """Show an archived row."""
    context = {"cells": cells(row.raw, None)}
    return Panel("raw", _("The row as the source has it"), "importer/raw.html", context, first=True)


class ArchiveAdmin(InspectionAdmin):
    """Rows of legacy tables that no mapping knows."""

    columns: ClassVar[tuple[str, ...]] = (
        "id",
        "stream",
        "source_table",
        "source_rowid",
        "first_run",
        "last_run",
    )
    searched: ClassVar[tuple[str, ...]] = ("source_table", "place")
    hidden: ClassVar[frozenset[str]] = frozenset({"raw", "digest"})
    panels: ClassVar[tuple[Any, ...]] = (archived_panel,)
