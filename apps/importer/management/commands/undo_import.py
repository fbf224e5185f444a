"""``manage.py undo_import``: a run taken back, but for rows that were edited or are referred to since."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.importer import report
from apps.importer.commands import ImporterCommand
from apps.importer.management.commands.import_runs import find_run
from apps.importer.management.commands.import_sqlite import HELD
from apps.importer.runs import SourceHeld
from apps.importer.undo import NotUndoable, Undone, undo

KEPT = 3


class Command(ImporterCommand):
    """Undo a run."""

    help = (
        "Takes a run back: rows it created go, rows it updated or deleted get their former values. Rows edited "
        "since, changed by a later run, or referred to by rows that stay are kept and named. Exit codes: 0, "
        "3 some rows are kept, 2 a run that cannot be undone, 5 PostgreSQL unusable, 6 an import holds its source."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of the contract."""
        parser.add_argument("run", metavar="RUN", help="the run's id or number; import_runs lists them")
        parser.add_argument("--dry-run", action="store_true", help="report the same, leave nothing behind")
        parser.add_argument(
            "--report", metavar="FILE", help="write the JSON report here; - is standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Undo, say what was done, end with the contract's exit code."""
        try:
            undone = undo(find_run(options["run"]), options["dry_run"], self.stderr.write)
        except NotUndoable as error:
            raise CommandError(str(error), returncode=2) from error
        except SourceHeld as error:
            raise CommandError(str(error), returncode=HELD) from error
        if options["report"]:
            report.write(undone.report, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(as_text(undone))
        if undone.kept:
            sys.exit(KEPT)


def as_text(undone: Undone) -> str:
    """Return what an undo did, table by table, as a person reads it."""
    lines = [line for source in undone.report["sources"] for line in _lines(source)]
    word = "dry run, nothing changed" if undone.report["dry_run"] else f"run {undone.report['run_id']}"
    kept = f"; {undone.kept:,} rows are kept" if undone.kept else ""
    return "\n".join([*lines, f"{word}: {undone.report['status']}{kept}"])


def _lines(source: dict[str, Any]) -> list[str]:
    lines = [f"{source['path']} (source {source['source_name']})"]
    for table in source["tables"]:
        figures = (
            (table["deleted"], "removed"),
            (table["updated"], "as they were before"),
            (table["imported"], "back again"),
            (table["skipped"], "kept"),
        )
        said = ", ".join(f"{count:,} {what}" for count, what in figures if count)
        lines.append(f"  {table['source_table']}: {said or 'nothing'}")
        kept = table.get("kept", [])
        lines += [f"    kept {row['key']}: {row['message']}" for row in kept]
        if table["skipped"] > len(kept):
            lines.append(f"    … and {table['skipped'] - len(kept):,} more")
    return lines
