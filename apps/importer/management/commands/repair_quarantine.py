"""``manage.py repair_quarantine``: named repairs for rows in quarantine, previewed, and applied when asked."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.importer import repairs, report
from apps.importer.commands import ImporterCommand, whole
from apps.importer.convert.base import shown
from apps.importer.management.commands.import_runs import find_run
from apps.importer.management.commands.import_sqlite import HELD, LARGEST_BATCH, QUARANTINED
from apps.importer.mapping import load_systems
from apps.importer.mend import DROP, PLACEHOLDER
from apps.importer.repairs import REPAIRS, Group, Repaired, Unfit
from apps.importer.retry import ANY, Choice
from apps.importer.runs import SourceHeld
from apps.importer.source import decode_value


class Command(ImporterCommand):
    """List what may be repaired, show what a repair would do, apply it."""

    help = (
        "Repairs rows in quarantine, as a person chooses: "
        + "; ".join(f"{name}: {repair.does}" for name, repair in REPAIRS.items())
        + ". Without --apply it shows what would become of each row, and changes nothing. Exit codes: 0, 3 some rows "
        "stay in quarantine, 2 a repair that does not fit, 5 PostgreSQL unusable, 6 an import holds the source."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--list", action="store_true", help="list the groups of open entries and what fits them"
        )
        parser.add_argument("--table", metavar="T", help="the legacy table")
        parser.add_argument("--reason", metavar="CODE", help="the reason code")
        parser.add_argument(
            "--column", metavar="C", default=ANY, help="the legacy column, where there are several"
        )
        parser.add_argument(
            "--system", choices=list(load_systems()), help="the legacy system, where there are several"
        )
        parser.add_argument("--source-name", metavar="NAME", help="only rows of this source")
        parser.add_argument("--run", metavar="ID", help="only entries of this run: its id or number")
        parser.add_argument("--repair", metavar="NAME", help=f"one of {', '.join(REPAIRS)}")
        parser.add_argument("--with", dest="argument", metavar="VALUE", help="an encoding, a zone or a unit")
        parser.add_argument("--batch", type=whole(1, LARGEST_BATCH), default=1000, metavar="N")
        parser.add_argument("--report", metavar="FILE", help="write JSON here; - is standard output")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--preview", action="store_true", help="only show what would happen (the default)")
        mode.add_argument("--apply", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        """List, preview or apply."""
        if options["list"]:
            self._list(options)
            return
        missing = [name for name in ("table", "reason", "repair") if not options[name]]
        if missing:
            raise CommandError(f"--{missing[0]} is needed, or --list to see what there is", returncode=2)
        work = partial(repairs.apply if options["apply"] else repairs.preview, say=self.stderr.write)
        try:
            repaired = work(_choice(options), options["repair"], options["argument"], batch=options["batch"])
        except Unfit as error:
            raise CommandError(str(error), returncode=2) from error
        except SourceHeld as error:
            raise CommandError(str(error), returncode=HELD) from error
        self._show(repaired, options)
        if repaired.left:
            sys.exit(QUARANTINED)

    def _list(self, options: dict[str, Any]) -> None:
        groups = repairs.groups()
        if options["report"]:
            report.write({"groups": [vars(group) for group in groups]}, options["report"])
        if options["report"] != "-":
            self.stdout.write("\n".join(map(line_of, groups)) or "nothing is open")

    def _show(self, repaired: Repaired, options: dict[str, Any]) -> None:
        if options["report"]:
            mode = {"applied": options["apply"], "run": repaired.report if options["apply"] else None}
            report.write(repaired.as_json() | mode, options["report"])
        if options["report"] != "-" and options["verbosity"] > 0:
            self.stdout.write(as_text(repaired, options["apply"]))


def _choice(given: dict[str, Any]) -> Choice:
    return Choice(
        run=find_run(given["run"]) if given["run"] else None,
        reason=given["reason"],
        table=given["table"],
        column=given["column"],
        system=given["system"],
        source_name=given["source_name"],
    )


def line_of(group: Group) -> str:
    """Return a group as one line of text."""
    where = f"{group.table}.{group.column}" if group.column else group.table
    fits = ", ".join(group.repairs) or "no repair fits"
    return f"{group.rows:>8,}  {group.system} {group.source_name}  {where}  {group.reason}: {fits}"


def as_text(repaired: Repaired, applied: bool) -> str:
    """Return what a repair did, row by row, as a person reads it."""
    lines = [*map(row_of, repaired.shown)]
    if repaired.repaired > len(repaired.shown):
        lines.append(f"… and {repaired.repaired - len(repaired.shown):,} more")
    if repaired.left:
        lines += ["fails:", *map(row_of, repaired.failing)]
        if repaired.left > len(repaired.failing):
            lines.append(f"… and {repaired.left - len(repaired.failing):,} more")
    return "\n".join([*lines, *_summary(repaired, applied)])


def _summary(repaired: Repaired, applied: bool) -> list[str]:
    verb = "are left out" if repaired.chosen.repair == DROP else "came in" if applied else "would come in"
    lines = [f"{repaired.repaired:,} of {repaired.rows:,} rows {verb}; {repaired.left:,} stay in quarantine"]
    if links := report.renewed(repaired.report):
        lines.append(f"{links:,} rows that name them {'refer' if applied else 'would refer'} to them")
    if repaired.chosen.repair == PLACEHOLDER:
        lines.append(f"{repaired.placeholders:,} placeholders")
    if applied and repaired.report:
        lines.append(f"run {repaired.report['run_id']}: {repaired.report['status']}")
    elif not applied:
        lines.append("nothing is changed; --apply does it")
    return lines


def row_of(told: dict[str, Any]) -> str:
    """Return a row's change as one line of text."""
    key = ", ".join(f"{name} {_value(value)}" for name, value in told["key"].items())
    change = f"{_value(told['before'])} → {_value(told['after'])}" if "after" in told else ""
    if told["repair"] in (PLACEHOLDER, DROP):
        change = _value(told["before"]) if told.get("before") else ""
    return f"  {key}: {told['column'] or ''} {change} ({told['message'] or told['outcome']})"


def _value(encoded: Any) -> str:
    if not isinstance(encoded, dict):
        return "NULL" if encoded is None else str(encoded)
    value = decode_value(encoded)
    return "NULL" if value is None else shown(value)
