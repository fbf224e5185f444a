"""``manage.py retry_quarantine``: open entries of the quarantine again, with the children that wait for them."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.importer import report
from apps.importer.commands import ImporterCommand, whole
from apps.importer.management.commands.import_runs import find_run
from apps.importer.management.commands.import_sqlite import HELD, LARGEST_BATCH, QUARANTINED
from apps.importer.retry import Choice, Outcome, retry
from apps.importer.runs import SourceHeld


class Command(ImporterCommand):
    """Try rows of the quarantine again from what their entries hold; the legacy file is not needed."""

    help = (
        "Tries open entries of the quarantine again, parents first, with the children that wait for them. "
        "Exit codes: 0 none of them is left open, 3 some are, 5 PostgreSQL unusable, 6 an import holds the source."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of the contract."""
        parser.add_argument("--run", metavar="ID", help="only entries of this run: its id or number")
        parser.add_argument("--reason", metavar="CODE", help="only entries with this reason code")
        parser.add_argument("--table", metavar="T", help="only entries of this legacy table")
        parser.add_argument("--batch", type=whole(1, LARGEST_BATCH), default=1000, metavar="N")
        parser.add_argument(
            "--report", metavar="FILE", help="write the run's JSON report here; - is standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Retry, show the balance, end with the contract's exit code."""
        run = find_run(options["run"]) if options["run"] else None
        choice = Choice(run=run, reason=options["reason"], table=options["table"])
        try:
            outcome = retry(choice, batch=options["batch"], say=self.stderr.write)
        except SourceHeld as error:
            raise CommandError(str(error), returncode=HELD) from error
        self._show(outcome, options)
        if outcome.left:
            sys.exit(QUARANTINED)

    def _show(self, outcome: Outcome, options: dict[str, Any]) -> None:
        if outcome.report is None:
            self.stderr.write("no open entry fits; nothing was tried")
            return
        if options["report"]:
            report.write(outcome.report, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(report.as_text(outcome.report))
