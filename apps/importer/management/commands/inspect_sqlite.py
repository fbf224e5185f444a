"""``manage.py inspect_sqlite``: what a legacy file holds, and what an import of it would do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.importer import report
from apps.importer.commands import ImporterCommand
from apps.importer.management.commands.import_sqlite import REFUSED
from apps.importer.pipeline import UsageError, run_import
from apps.importer.progress import Progress
from apps.importer.runs import Options


class Command(ImporterCommand):
    """Read a file and say what would become of it; nothing is kept."""

    help = (
        "Reads a legacy file only: its system, variant, tables and rows, and what an import would make of them: "
        "imported, unchanged, skipped, quarantined and why. Exit codes: 0, or 4 for a file that would be refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("path", metavar="PATH", help="a legacy file, or a folder of them")
        parser.add_argument(
            "--report", metavar="FILE", help="write the JSON report here; - is standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import without keeping anything, and show the balance."""
        try:
            result = run_import(
                [options["path"]], Options(dry_run=True), Progress(sys.stderr, options["verbosity"] > 0)
            )
        except UsageError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["report"]:
            report.write(result.report, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(report.as_text(result.report))
        if any(source["status"] == "refused" for source in result.report["sources"]):
            sys.exit(REFUSED)
