"""``manage.py import_runs``: the runs so far, or one of them whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db.models import Q

from apps.importer import report, runs
from apps.importer.commands import ImporterCommand
from apps.importer.keys import Unbuildable
from apps.importer.models import ImportRun


class Command(ImporterCommand):
    """List import runs."""

    help = "Lists the import runs, newest first, or shows one of them whole."

    def finish_left_behind(self, options: Mapping[str, Any]) -> None:
        """Say what cannot be built, and show the runs all the same."""
        try:
            super().finish_left_behind(options)
        except Unbuildable as error:
            self.stderr.write(str(error))

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("run", nargs="?", metavar="RUN", help="a run's id or number")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the runs."""
        if options["run"]:
            whole = runs.as_report(find_run(options["run"]))
            self._show(whole, report.as_text(whole), options)
        else:
            found = [summary(run) for run in ImportRun.objects.order_by("-number")]
            self._show(found, "\n".join(map(line_of, found)) or "no runs yet", options)

    def _show(self, found: Any, text: str, options: dict[str, Any]) -> None:
        as_json = options["format"] == "json"
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) if as_json else text)


def find_run(name: str) -> ImportRun:
    """Return the run of this id or number; a wrong one is told in one line."""
    try:
        wanted = Q(number=int(name)) if name.lstrip("-").isdigit() and len(name) < 10 else Q(pk=name)
        return ImportRun.objects.get(wanted)
    except (ImportRun.DoesNotExist, ValidationError):
        raise CommandError(
            f"there is no run {name}; `manage.py import_runs` lists them", returncode=2
        ) from None


def summary(run: ImportRun) -> dict[str, Any]:
    """Return a run in short: its report without the tables."""
    found = runs.as_report(run)
    return {
        **{name: found[name] for name in ("run_id", "kind", "status", "batch", "started_at", "finished_at")},
        "number": run.number,
        "resumed": run.resumed,
        "message": run.message,
        "sources": [
            {name: source[name] for name in ("path", "source_name", "system", "variant", "status", "reason")}
            for source in found["sources"]
        ],
        "totals": found["totals"],
        "deleted": sum(table["deleted"] for source in found["sources"] for table in source["tables"]),
    }


def line_of(run: dict[str, Any]) -> str:
    """Return a run as one line of text."""
    counts = run["totals"]
    names = ", ".join(source["source_name"] for source in run["sources"])
    shown = {name: counts[name] for name in report.CLASSES} | {"deleted": run["deleted"]}
    figures = ", ".join(f"{count:,} {name}" for name, count in shown.items() if count)
    head = (
        f"{run['number']:>4}  {run['run_id']}  {run['started_at'][:19]}  {run['kind']:<7}{run['status']:<12}"
    )
    return f"{head} {names}: {figures or 'no rows'}"
