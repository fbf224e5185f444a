"""Named repairs for rows in quarantine: which fit a group of them, what they would do, and doing it.

A person chooses; nothing is applied unasked. A preview does the whole thing on the real PostgreSQL, in a
transaction that is rolled back, so what it says of a row is what would become of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count

from apps.importer import former, mend, report, runs
from apps.importer.held import Witness
from apps.importer.indexes import Say, silently
from apps.importer.mapping import Column, ResolvedTable, load_systems, logical
from apps.importer.mend import DROP, PLACEHOLDER, Chosen
from apps.importer.models import ImportRun, ImportSource, QuarantinedRow, RunFile, RunTable
from apps.importer.placeholder import Placeholders, parent_of
from apps.importer.retry import Choice, Job, Outcome
from apps.importer.sql import query

TEXTS = {"text", "enum"}
TIMES = {"datetime", "epoch_s", "epoch_ms"}


class Unfit(Exception):
    """A repair that does not fit the group, or lacks its argument: the message says what does."""


@dataclass(frozen=True)
class Fault:
    """What a repair looks at: the table, and the target columns that the legacy column at fault feeds."""

    table: ResolvedTable
    column: str | None
    columns: tuple[Column, ...]
    parent: ResolvedTable | None

    @property
    def kinds(self) -> set[str]:
        """The logical types of the columns."""
        return {logical(column.converter) for column in self.columns}

    @property
    def limit(self) -> int | None:
        """The characters that the narrowest of the columns holds."""
        limits = [c.field.max_length for c in self.columns if c.field.max_length is not None]
        return min(limits, default=None)


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{text!r} is no time zone; write one such as Asia/Shanghai") from None


def _may_be_null(fault: Fault) -> bool:
    keys = {name.lower() for name in fault.table.key}
    in_key = (fault.column or "").lower() in keys
    return bool(fault.columns) and not in_key and not any(column.required for column in fault.columns)


@dataclass(frozen=True)
class Repair:
    """A named repair: what it does, for which reasons, where it fits, and how its argument is read."""

    name: str
    does: str
    reasons: frozenset[str]
    fits: Callable[[Fault], bool]
    argument: str | None = None
    read: Callable[[str], str] = str


NULLABLE = (
    *("empty_value", "type_mismatch", "uuid_invalid", "number_invalid", "number_range", "datetime_invalid"),
    *("datetime_ambiguous", "datetime_range", "datetime_precision", "boolean_invalid", "json_invalid"),
    *("json_duplicate_key", "json_unstorable", "json_too_deep", "array_invalid", "vector_invalid"),
    *("vector_dimension", "vector_value", "text_nul", "text_encoding", "text_too_long", "value_too_large"),
    *("enum_unknown", "duplicate_key", "missing_parent", "parent_quarantined", "rejected_by_database"),
)

REPAIRS = {
    repair.name: repair
    for repair in (
        Repair("set_null", "set the column to NULL", frozenset(NULLABLE), _may_be_null),
        Repair(
            PLACEHOLDER,
            "make the missing parent, marked as a placeholder, with what it must have and no more",
            frozenset({"missing_parent"}),
            lambda fault: fault.parent is not None,
        ),
        Repair(
            "strip_nul",
            "take the character U+0000 out of the text",
            frozenset({"text_nul", "json_unstorable"}),
            lambda fault: bool(fault.kinds & {*TEXTS, "json"}),
        ),
        Repair(
            "decode_as",
            "read the bytes as a named encoding",
            frozenset({"text_encoding", "type_mismatch"}),
            lambda fault: bool(fault.kinds & {*TEXTS, "json"}),
            "ENCODING",
            mend.encoding,
        ),
        Repair(
            "as_zone",
            "take the time as one of a named zone",
            frozenset({"datetime_ambiguous"}),
            lambda fault: fault.kinds == {"datetime"},
            "ZONE",
            _zone,
        ),
        Repair(
            "as_unit",
            "take the number as a time in s, ms, us or ns since 1970",
            frozenset({"datetime_ambiguous", "datetime_precision"}),
            lambda fault: bool(fault.kinds) and fault.kinds <= TIMES,
            "UNIT",
            mend.unit,
        ),
        Repair(
            "truncate",
            "cut the text to what the column holds",
            frozenset({"text_too_long"}),
            lambda fault: fault.limit is not None,
        ),
        Repair(
            DROP,
            "leave the row out for good",
            frozenset({"duplicate_key"}),
            lambda fault: True,
        ),
    )
}


@dataclass(frozen=True)
class Group:
    """Open entries of one source, legacy table, column and reason, and the repairs that fit them."""

    system: str
    source_name: str
    table: str
    column: str | None
    reason: str
    rows: int
    repairs: tuple[str, ...] = ()

    def choice(self) -> Choice:
        """Return the choice of exactly these entries."""
        return Choice(None, self.reason, self.table, self.column, self.system, self.source_name)


KEYS = ("system", "source_name", "source_table", "column_name", "reason")


def groups() -> list[Group]:
    """Return what is open in the quarantine, in groups, the largest first, each with the repairs that fit."""
    rows = QuarantinedRow.objects.filter(status=QuarantinedRow.Status.OPEN).order_by().values(*KEYS)
    found = rows.annotate(rows=Count("pk")).order_by("-rows", *KEYS)
    return [_group(*(row[key] for key in KEYS), rows=row["rows"]) for row in found]


def _group(system: str, source: str, table: str, column: str | None, reason: str, *, rows: int) -> Group:
    fits = fitting(system, source, table, column, reason)
    return Group(system, source, table, column, reason, rows, fits)


def fitting(system: str, source_name: str, table: str, column: str | None, reason: str) -> tuple[str, ...]:
    """Return the names of the repairs that fit such entries."""
    fault = fault_of(system, source_name, table, column)
    if fault is None:
        return ()
    return tuple(r.name for r in REPAIRS.values() if reason in r.reasons and r.fits(fault))


def fault_of(system: str, source_name: str, table: str, column: str | None) -> Fault | None:
    """Return where entries of a column lie; None where the mapping has no such table."""
    tables = _tables(system, source_name)
    found = next((t for name, t in tables.items() if name.lower() == table.lower()), None)
    if found is None:
        return None
    columns = tuple(c for c in found.columns if column and c.source.lower() == column.lower())
    parent = parent_of(found, column, tables)
    return Fault(found, column, columns, parent[1] if parent else None)


def _tables(system: str, source_name: str) -> dict[str, ResolvedTable]:
    """Return the mapping by which a source was last imported."""
    file = (
        RunFile.objects.filter(system=system, source_name=source_name, status=RunFile.Status.DONE)
        .exclude(variant=None)
        .order_by("-run__number")
        .first()
    )
    known = load_systems().get(system)
    if known is None:
        return {}
    return known.of_variant(next((v for v in known.variants if file and v.name == file.variant), None))


@dataclass(frozen=True)
class Repaired:
    """What a repair did, or would do: rows chosen, rows it brought in, those that fail, and the run's report."""

    chosen: Chosen
    rows: int
    repaired: int
    left: int
    placeholders: int
    shown: list[dict[str, Any]] = field(default_factory=list)
    failing: list[dict[str, Any]] = field(default_factory=list)
    report: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, without the run's report."""
        names = ("rows", "repaired", "left", "placeholders", "shown", "failing")
        return {**self.chosen.as_json(), **{name: getattr(self, name) for name in names}}


def preview(
    choice: Choice, name: str, argument: str | None = None, *, batch: int = 1000, say: Say = silently
) -> Repaired:
    """Say what a repair would do to the chosen rows, having done it and taken it back; raises ``Unfit``."""
    return _repair(choice, name, argument, batch, True, say)


def apply(
    choice: Choice, name: str, argument: str | None = None, *, batch: int = 1000, say: Say = silently
) -> Repaired:
    """Apply a repair to the chosen rows, each batch in one transaction; raises ``Unfit``, ``runs.SourceHeld``.

    Rows that come in bring the children along that wait for them. What was repaired stands with the row
    (its provenance), with its entry, and in the run's report.
    """
    return _repair(choice, name, argument, batch, False, say)


def _repair(choice: Choice, name: str, argument: str | None, batch: int, dry_run: bool, say: Say) -> Repaired:
    chosen, choice = choose(choice, name, argument)
    if name == DROP:
        outcome = Drop(choice, chosen, batch, dry_run).execute()
    else:
        helper = Placeholders(chosen) if name == PLACEHOLDER else None
        job = Job(choice, ImportRun.Kind.REPAIR, batch, dry_run, chosen, say)
        if helper:
            job.helper = helper
        outcome = job.execute()
    seen = outcome.witness
    return Repaired(
        chosen,
        seen.rows,
        seen.repaired,
        seen.rows - seen.repaired,
        seen.placeholders,
        seen.shown,
        seen.failing,
        outcome.report,
    )


def choose(choice: Choice, name: str, argument: str | None) -> tuple[Chosen, Choice]:
    """Return the repair and its rows, made sure of: one system and column, a repair that fits, its argument."""
    repair = REPAIRS.get(name)
    if repair is None:
        raise Unfit(f"there is no repair {name}; there are {', '.join(REPAIRS)}")
    condition, params = choice.condition()
    rows = query(
        "SELECT system, source_name, source_table, column_name, reason FROM importer_quarantinedrow q "
        f"WHERE {condition} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
        params,
    )
    if not rows:
        raise Unfit("no open entry fits; repair_quarantine --list shows what is open")
    for title, place, option in (
        ("systems", 0, "--system"),
        ("tables", 2, "--table"),
        ("columns", 3, "--column"),
    ):
        found = sorted({str(row[place]) for row in rows})
        if len(found) > 1:
            raise Unfit(f"these entries are of several {title}, {', '.join(found)}; name one by {option}")
    for row in rows:
        if name not in (fits := fitting(*row)):
            raise Unfit(
                f"{name} does not fit {row[2]}.{row[3] or '(no column)'}, {row[4]} of {row[1]}; what fits: "
                f"{', '.join(fits) or 'nothing'}"
            )
    return Chosen(rows[0][3], name, _argument(repair, argument, rows[0])), choice


def _argument(repair: Repair, argument: str | None, row: Sequence[Any]) -> str | None:
    if repair.argument is None and argument is not None:
        raise Unfit(f"{repair.name} takes no argument")
    if repair.name == "truncate":
        fault = fault_of(*row[:4])
        return str(fault.limit) if fault else None
    if repair.argument is None:
        return None
    if argument is None:
        raise Unfit(f"{repair.name} needs --with {repair.argument}")
    try:
        return repair.read(argument)
    except ValueError as error:
        raise Unfit(str(error)) from None


@dataclass
class Drop:
    """Leaves duplicates out for good: their entries are closed as ignored, their rows counted as skipped."""

    choice: Choice
    chosen: Chosen
    batch: int
    dry_run: bool
    witness: Witness = field(default_factory=Witness)

    def execute(self) -> Outcome:
        """Do it, source by source; a dry run leaves nothing behind."""
        if not self.dry_run:
            return self._execute()
        with transaction.atomic():
            outcome = self._execute()
            transaction.set_rollback(True)
        return outcome

    def _execute(self) -> Outcome:
        started = time.monotonic()
        options = self.choice.as_json() | {"repair": self.chosen.as_json()}
        run = runs.new_run(ImportRun.Kind.REPAIR, self.batch, options, self.dry_run)
        with runs.recorded(run, self.dry_run):
            for position, source in enumerate(self.choice.sources()):
                with runs.holding(source.system, source.name):
                    self._drop(run, source, position)
        found = runs.as_report(run, dry_run=self.dry_run, seconds=time.monotonic() - started)
        report.check_balance(found)
        return Outcome(found, 0, self.witness)

    def _drop(self, run: ImportRun, source: ImportSource, position: int) -> None:
        condition, params = self.choice.condition()
        record = RunTable(position=0, source_table=self.choice.table or "", stage=RunTable.Stage.DONE)
        record.file = RunFile.objects.create(
            run=run,
            source=source,
            position=position,
            path=source.name,
            source_name=source.name,
            system=source.system,
            status=RunFile.Status.DONE,
        )
        while True:
            with transaction.atomic():
                rows = query(
                    "SELECT q.id, q.source_key, q.source_rowid, q.source_table FROM importer_quarantinedrow q "
                    f"JOIN importer_stream s ON s.id = q.stream_id WHERE {condition} AND s.source_id = %s "
                    "ORDER BY q.id LIMIT %s FOR UPDATE OF q",
                    [*params, source.pk, self.batch],
                )
                if not rows:
                    return
                self._ignore(run, [row[0] for row in rows])
                record.source_table = rows[0][3]
                record.source_rows += len(rows)
                record.skipped += len(rows)
                record.details = {"repairs": [{**self.chosen.as_json(), "rows": record.skipped}]}
                record.save()
            for _, key, rowid, _ in rows:
                self.witness.tell(json.loads(key) or {"rowid": rowid}, self.chosen.as_json(), "left out", "")

    def _ignore(self, run: ImportRun, entries: Sequence[object]) -> None:
        former.keep_entries(run, "q.id = ANY(%s)", [list(entries)])
        kept = json.dumps([self.chosen.as_json()], ensure_ascii=False)
        query(
            "UPDATE importer_quarantinedrow SET status = 'ignored', resolved_run_id = %s, "
            "repairs = coalesce(repairs, '[]') || %s::jsonb WHERE id = ANY(%s)",
            [str(run.pk), kept, list(entries)],
        )
