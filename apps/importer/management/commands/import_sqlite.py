"""``manage.py import_sqlite``: legacy SQLite files into PostgreSQL, every row accounted for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from apps.importer import report
from apps.importer.commands import ImporterCommand, add_jobs, whole
from apps.importer.mapping import load_systems
from apps.importer.pipeline import Result, UsageError, run_import
from apps.importer.progress import Progress
from apps.importer.runs import Options, SourceHeld
from apps.importer.workers import WorkerLost

DELETES_REFUSED, QUARANTINED, REFUSED, HELD, STOPPED = 2, 3, 4, 6, 7
LARGEST_BATCH = 100_000


def zone(text: str) -> str:
    """Argument type: the name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, KeyError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time zone; write one such as Asia/Shanghai"
        ) from None


class Command(ImporterCommand):
    """Import legacy SQLite files; a folder stands for every SQLite file in it."""

    help = (
        "Imports legacy SQLite files (or folders of them) of "
        + ", ".join(system.title for system in load_systems().values())
        + ". Exit codes: 0 all imported or unchanged, 3 some rows in quarantine, 4 a file refused, 5 PostgreSQL "
        "unusable or gone, 6 another import holds the source, 7 stopped by --max-quarantine, 2 deletions refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of the contract."""
        parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder; default: LEGACY_SQLITE")
        parser.add_argument(
            "--batch",
            type=whole(1, LARGEST_BATCH),
            default=1000,
            metavar="N",
            help="source rows in one transaction, 1 to 100000 (default 1000); the result is the same for every N",
        )
        parser.add_argument("--system", choices=list(load_systems()), help="take the file as this system's")
        parser.add_argument(
            "--source-name", metavar="NAME", help="the source's identity; default: the file's name"
        )
        parser.add_argument(
            "--local-zone",
            type=zone,
            default="UTC",
            metavar="ZONE",
            help="zone of host-local columns (default UTC)",
        )
        parser.add_argument(
            "--table", action="append", default=[], metavar="T", help="only this legacy table (repeatable)"
        )
        parser.add_argument("--limit", type=whole(0), metavar="N", help="at most N rows of each table")
        parser.add_argument(
            "--dry-run", action="store_true", help="do everything, report it, leave nothing behind"
        )
        parser.add_argument(
            "--report", metavar="FILE", help="write the JSON report here; - is standard output"
        )
        parser.add_argument(
            "--max-quarantine", type=whole(0), metavar="N", help="stop when more rows are set aside"
        )
        parser.add_argument(
            "--sync-deletes",
            action="store_true",
            help="delete rows that are gone from the source, but for edited or referenced ones; refused (exit code 2) "
            "where more than 5 %% of a table would go or the table came back empty",
        )
        parser.add_argument(
            "--allow-deletes", type=whole(0), metavar="N", help="let up to N rows of each table be deleted"
        )
        add_jobs(parser, "processes that fill a large table, and builds of indexes, side by side")
        parser.add_argument("--no-progress", action="store_true", help="no progress bar")

    def finish_left_behind(self, options: Mapping[str, Any]) -> None:
        """Leave it to the import, which may go on with the very run; but for a dry one, which only looks on."""
        if options["dry_run"]:
            super().finish_left_behind(options)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, show the balance sheet, end with the contract's exit code."""
        progress = Progress(sys.stderr, not options["no_progress"] and options["verbosity"] > 0)
        paths = options["paths"] or [str(path) for path in settings.LEGACY_SQLITE]
        try:
            result = run_import(paths, _options(options), progress)
        except UsageError as error:
            raise CommandError(str(error), returncode=2) from error
        except SourceHeld as error:
            raise CommandError(str(error), returncode=HELD) from error
        except WorkerLost as error:
            raise CommandError(
                f"{error}; what was committed stays, the same command goes on from there"
            ) from error
        finally:
            progress.stop()
        self._show(result, options)
        if code := exit_code(result):
            sys.exit(code)

    def _show(self, result: Result, options: dict[str, Any]) -> None:
        if options["report"]:
            report.write(result.report, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(report.as_text(result.report))
        if result.stopped:
            self.stderr.write(f"stopped: {result.report['message']}; the same command goes on from there")


def _options(given: dict[str, Any]) -> Options:
    if given["sync_deletes"] and given["limit"] is not None:
        raise UsageError("--sync-deletes needs tables that are read whole; leave --limit out")
    if given["allow_deletes"] is not None and not given["sync_deletes"]:
        raise UsageError("--allow-deletes says how much --sync-deletes may delete; give both")
    return Options(
        batch=given["batch"],
        system=given["system"],
        source_name=given["source_name"],
        zone=given["local_zone"],
        tables=tuple(given["table"]),
        limit=given["limit"],
        dry_run=given["dry_run"],
        max_quarantine=given["max_quarantine"],
        sync_deletes=given["sync_deletes"],
        allow_deletes=given["allow_deletes"],
        jobs=given["jobs"],
    )


def exit_code(result: Result) -> int:
    """Return the contract's exit code: a stop wins over a refused file, that over refused deletions and quarantine."""
    if result.stopped:
        return STOPPED
    if any(source["status"] == "refused" for source in result.report["sources"]):
        return REFUSED
    if any("deletes_refused" in table for source in result.report["sources"] for table in source["tables"]):
        return DELETES_REFUSED
    return QUARANTINED if result.report["totals"]["quarantined"] else 0
