"""The balance of a run, of its files and tables: counts, how fast, and a bar that shows their shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.charts import bar, stacked
from apps.core.inspection.keys import list_url
from apps.core.inspection.text import grouped
from apps.importer.admin.reasons import meaning
from apps.importer.mapping import model_of
from apps.importer.models import ImportRun, QuarantinedRow, RunFile, RunTable
from apps.importer.report import CLASSES, COUNTS


@dataclass(frozen=True)
class Reason:
    """How many rows were set aside for one reason, and where to see those that still are."""

    code: str
    rows: str
    link: str
    bar: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Line:
    """A table of a run, or a sum of tables: its counts in the order of ``COUNTS``."""

    name: str
    link: str | None
    note: str
    counts: tuple[int, ...]
    seconds: float
    reasons: tuple[Reason, ...] = ()

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Each count's name and its figure; empty for nothing, so that what is there stands out."""
        shown = (grouped(count) if count or not n else "" for n, count in enumerate(self.counts))
        return list(zip(COUNTS, shown, strict=True))

    @property
    def bar(self) -> SafeString:
        """The shares of the classes."""
        return shares(self.counts[1:])

    @property
    def rate(self) -> str:
        """Rows for each second."""
        return grouped(round(self.counts[0] / self.seconds)) if self.seconds else ""

    @property
    def balanced(self) -> bool:
        """Whether every row is in exactly one class."""
        return self.counts[0] == sum(self.counts[1:])


@dataclass(frozen=True)
class FileBalance:
    """A file of a run with its tables."""

    file: RunFile
    lines: list[Line]
    total: Line


def shares(counts: Iterable[int]) -> SafeString:
    """Return a bar of the five classes of rows."""
    return stacked([(name, class_title(name), count) for name, count in zip(CLASSES, counts, strict=True)])


def class_title(name: str) -> str:
    """Return what a class of rows is called."""
    titles = {
        "source_rows": _("rows"),
        "imported": _("imported"),
        "updated": _("updated"),
        "unchanged": _("unchanged"),
        "quarantined": _("quarantined"),
        "skipped": _("skipped"),
    }
    return titles[name]


def of_run(run: ImportRun) -> list[FileBalance]:
    """Return the balance of each file of a run."""
    files = RunFile.objects.filter(run=run).order_by("position").prefetch_related("tables")
    return [_of_file(file) for file in files]


def _of_file(file: RunFile) -> FileBalance:
    tables = sorted(file.tables.all(), key=lambda table: table.position)
    shown = [table for table in tables if table.kind != RunTable.Kind.SKIPPED or table.source_rows]
    lines = [_of_table(file, table) for table in shown]
    return FileBalance(file, lines, sum_of(_("total"), [_of_table(file, table) for table in tables]))


def _of_table(file: RunFile, table: RunTable) -> Line:
    found = sorted(table.reasons.items(), key=lambda item: -item[1])
    reasons = tuple(Reason(code, grouped(count), _where(code, file, table)) for code, count in found)
    counts = tuple(getattr(table, name) for name in COUNTS)
    return Line(
        table.source_table, target_link(table.target_table), _note(table), counts, table.seconds, reasons
    )


def _note(table: RunTable) -> str:
    if table.kind == RunTable.Kind.SKIPPED:
        return table.skip_reason or ""
    return _("archived") if table.kind == RunTable.Kind.ARCHIVED else ""


def _where(code: str, file: RunFile, table: RunTable) -> str:
    chosen = {"reason": code, "source_table": table.source_table, "source_name": file.source_name}
    return f"{list_url(QuarantinedRow)}?{urlencode(chosen)}"


def target_link(table: str | None) -> str | None:
    """Return the address of the list of a PostgreSQL table's rows, if it has one."""
    model = model_of(table)
    return list_url(model) if model is not None and admin.site.is_registered(model) else None


def sum_of(name: str, lines: list[Line]) -> Line:
    """Add lines up."""
    counts = tuple(sum(line.counts[n] for line in lines) for n in range(len(COUNTS)))
    return Line(name, None, "", counts, sum(line.seconds for line in lines))


def reasons_of(files: list[FileBalance], run: ImportRun) -> list[Reason]:
    """Return a run's reasons over all tables, the most frequent first, with bars."""
    found: dict[str, int] = {}
    for file in files:
        for table in file.file.tables.all():
            for code, count in table.reasons.items():
                found[code] = found.get(code, 0) + count
    most = max(found.values(), default=0)
    return [
        Reason(code, grouped(count), _of_run(run, code), bar(count, most, "quarantined"), meaning(code))
        for code, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _of_run(run: ImportRun, code: str) -> str:
    return f"{list_url(QuarantinedRow)}?{urlencode({'run': str(run.pk), 'reason': code})}"


def columns() -> list[tuple[str, Any]]:
    """Return the names and titles of the counts, for a table's head."""
    return [(name, class_title(name)) for name in COUNTS]
