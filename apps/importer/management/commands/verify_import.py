"""``manage.py verify_import``: every cell of PostgreSQL against the legacy file it came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from apps.importer import certificate, report
from apps.importer.commands import ImporterCommand, add_jobs
from apps.importer.mapping import load_systems
from apps.importer.pipeline import UsageError, expand
from apps.importer.runs import Options
from apps.importer.verify import remember, verify_file
from apps.importer.workers import WorkerLost

DIFFERENT, REFUSED = 3, 4
COUNTS = ("source_rows", "compared", "different", "missing", "extra", "quarantined")


class Command(ImporterCommand):
    """Compare files with what was imported from them."""

    help = (
        "Compares every cell with the legacy file, by key. Exit codes: 0 equal (rows in quarantine are listed, and "
        "no difference), 3 different, 4 a file refused, 5 PostgreSQL unusable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder; default: LEGACY_SQLITE")
        parser.add_argument(
            "--report", metavar="FILE", help="write the JSON report here; - is standard output"
        )
        parser.add_argument("--system", choices=list(load_systems()), help="take the file as this system's")
        parser.add_argument(
            "--source-name", metavar="NAME", help="the source's identity; default: the file's name"
        )
        add_jobs(parser, "processes that compare a large table, side by side")
        parser.add_argument("--certify", metavar="FILE", help="write a certificate here, where all is equal")
        parser.add_argument(
            "--certificate",
            metavar="FILE",
            help="repeat this certificate against PostgreSQL; needs no legacy file",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and end with the contract's exit code."""
        if options["certificate"]:
            sys.exit(self._repeat(options["certificate"]))
        try:
            found = self._verify(options)
        except UsageError as error:
            raise CommandError(str(error), returncode=2) from error
        except WorkerLost as error:
            raise CommandError(f"{error}; --jobs 1 does without further processes") from error
        if options["report"]:
            report.write(found, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(as_text(found))
        self._certify(found, options["certify"])
        if code := exit_code(found):
            sys.exit(code)

    def _verify(self, options: dict[str, Any]) -> dict[str, Any]:
        paths = options["paths"] or [str(path) for path in settings.LEGACY_SQLITE]
        name, system = options["source_name"], options["system"]
        files: list[tuple[str, Path]] = expand(paths, Options(source_name=name))
        sources = [verify_file(shown, path, name, system, options["jobs"]) for shown, path in files]
        for source in sources:
            remember(source)
        tables = [table for source in sources for table in source["tables"]]
        found = {"sources": sources, "totals": {count: sum(t[count] for t in tables) for count in COUNTS}}
        return found | {"certificate": certificate.issue(sources) if not exit_code(found) else None}

    def _certify(self, found: dict[str, Any], path: str | None) -> None:
        if path and found["certificate"]:
            report.write(found["certificate"], path)
            self.stderr.write(f"certificate: {path}")
        elif path:
            self.stderr.write(f"no certificate was written to {path}: not everything is equal")

    def _repeat(self, path: str) -> int:
        try:
            given = certificate.read(path)
        except certificate.NoCertificate as error:
            raise CommandError(str(error), returncode=2) from error
        for name in certificate.rules_changed(given):
            self.stderr.write(f"{name}: the mapping has changed since the certificate was issued")
        differences = certificate.repeat(given)
        for one in differences:
            self.stdout.write(
                f"{one['source_name']}: {one['source_table']} was {one['certified']}, is {one['today'] or 'gone'}"
            )
        tables = sum(len(source["tables"]) for source in given["sources"])
        self.stdout.write(
            f"{tables - len(differences)} of {tables} tables are as certified {given['issued_at']}"
        )
        return DIFFERENT if differences else 0


def exit_code(found: dict[str, Any]) -> int:
    """Return the contract's exit code."""
    if any(source["status"] == "refused" for source in found["sources"]):
        return REFUSED
    totals = found["totals"]
    return DIFFERENT if totals["different"] or totals["missing"] or totals["extra"] else 0


def as_text(found: dict[str, Any]) -> str:
    """Return the findings as a person reads them."""
    lines = []
    for source in found["sources"]:
        if source["status"] == "refused":
            lines.append(f"{source['path']}: refused ({source['reason']}): {source['message']}")
            continue
        lines.append(f"{source['path']}: {source['system']}, {source['variant']}")
        for table in source["tables"]:
            if table["source_rows"] or table["extra"]:
                lines += _table_lines(table)
    totals = found["totals"]
    verdict = "different" if exit_code(found) == DIFFERENT else "equal"
    figures = ", ".join(f"{totals[name]:,} {name}" for name in COUNTS[1:])
    return "\n".join([*lines, f"{verdict}: {figures}"])


def _table_lines(table: dict[str, Any]) -> list[str]:
    figures = ", ".join(f"{table[name]:,} {name}" for name in COUNTS[1:] if table[name])
    lines = [f"  {table['source_table']}: {figures}"]
    for one in table["differences"]:
        where = f" column {one['column']}" if one["column"] else ""
        values = (
            f": file {one['source']!r}, PostgreSQL {one['target']!r}" if one["kind"] == "different" else ""
        )
        lines.append(f"    {one['kind']} {one['key']}{where}{values}")
    return lines
