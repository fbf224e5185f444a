"""Entries of the quarantine tried again, parents first, with the children that wait for them.

No legacy file is needed: an entry holds its row exactly. Rows are judged by the rules of the run that made
their entry: its variant of the mapping, its zone. A retry is a run of its own, whose balance counts the
entries tried.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction

from apps.importer import keys, links, mapping, report, runs
from apps.importer.binding import Scope
from apps.importer.held import ENTRIES, HeldIntake, HeldRows, MendedTable, Witness, source_table
from apps.importer.indexes import Say, silently
from apps.importer.mapping import ResolvedTable
from apps.importer.mend import Chosen
from apps.importer.models import ImportRun, ImportSource, RunFile, RunTable
from apps.importer.runs import Options
from apps.importer.settle import settle
from apps.importer.source import SourceRow
from apps.importer.sql import present, query

WAITING = ("missing_parent", "parent_quarantined")
LIST_BYTES = 16 * 2**20
"""Stored bytes of the entries that are read at once, at most, but for one entry that is longer."""
SHAPE = "md5(array_to_string(ARRAY(SELECT k FROM jsonb_object_keys(q.raw) AS k ORDER BY k), chr(10)))"
"""Tells entries apart whose rows have other columns."""

ANY = "*"
"""Any column, and none."""


@dataclass(frozen=True)
class Choice:
    """Which open entries are meant: those of a run, of a reason, of a legacy table and column, of a source."""

    run: ImportRun | None = None
    reason: str | None = None
    table: str | None = None
    column: str | None = ANY
    system: str | None = None
    source_name: str | None = None
    entries: tuple[str, ...] = ()

    def condition(self) -> tuple[str, list[Any]]:
        """Return the choice as an SQL condition on ``q``, with its parameters."""
        parts: list[tuple[str, list[Any]]] = [("q.status = 'open'", [])]
        for column in ("reason", "system", "source_name"):
            if getattr(self, column) is not None:
                parts.append((f"q.{column} = %s", [getattr(self, column)]))
        if self.table is not None:
            parts.append(("lower(q.source_table) = lower(%s)", [self.table]))
        if self.column != ANY:
            parts.append(("q.column_name IS NOT DISTINCT FROM %s", [self.column]))
        if self.run is not None:
            parts.append(("%s IN (q.run_id, q.last_run_id)", [str(self.run.pk)]))
        if self.entries:
            parts.append(("q.id = ANY(%s::uuid[])", [list(self.entries)]))
        return " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]

    def as_json(self) -> dict[str, Any]:
        """Return the choice as a run keeps it."""
        chosen = {
            "run": str(self.run.pk) if self.run else None,
            "reason": self.reason,
            "table": self.table,
            "column": None if self.column == ANY else self.column,
            "system": self.system,
            "source_name": self.source_name,
            "entries": len(self.entries) or None,
        }
        return {name: value for name, value in chosen.items() if value is not None}

    def sources(self) -> list[ImportSource]:
        """Return the sources of the entries."""
        condition, params = self.condition()
        rows = query(
            "SELECT DISTINCT s.source_id FROM importer_quarantinedrow q "
            f"JOIN importer_stream s ON s.id = q.stream_id WHERE {condition}",
            params,
        )
        return list(ImportSource.objects.filter(pk__in=[key for (key,) in rows]).order_by("pk"))


@dataclass(frozen=True)
class Outcome:
    """How a retry ended: its run's report (None where nothing was chosen) and how many rows stay out."""

    report: dict[str, Any] | None
    left: int
    witness: Witness


class Group(NamedTuple):
    """Entries of one stream that one bound table reads: of the same run, with the same columns."""

    stream: int
    origin: str
    shape: str


@dataclass(frozen=True)
class Origin:
    """The reading from which entries come: its file in the book, its mapping, its zone."""

    file: RunFile | None
    tables: dict[str, ResolvedTable]
    zone: str


class Helper:
    """Prepares each batch of a repair, and clears up after it; a plain retry needs no help."""

    def prepare(
        self, intake: HeldIntake, rows: Sequence[SourceRow], tables: dict[str, ResolvedTable]
    ) -> None:
        """Do what the rows need before they are tried, in the same transaction."""

    def clear(self, intake: HeldIntake) -> None:
        """Take back what turned out not to help."""


def retry(choice: Choice, *, batch: int = 1000, dry_run: bool = False, say: Say = silently) -> Outcome:
    """Try the chosen entries again, each batch in one transaction; raises ``runs.SourceHeld``."""
    return Job(choice, ImportRun.Kind.RETRY, batch, dry_run, say=say).execute()


@dataclass
class Job:
    """One retry, or one repair, under way."""

    choice: Choice
    kind: ImportRun.Kind
    batch: int = 1000
    dry_run: bool = False
    repair: Chosen | None = None
    say: Say = silently
    """Told what it waits for."""
    helper: Helper = field(default_factory=Helper)
    witness: Witness = field(default_factory=Witness)
    run: ImportRun = field(init=False)
    untried: int = field(init=False, default=0)

    def execute(self) -> Outcome:
        """Do it; whatever ends it, the run's record says so. A dry run leaves nothing behind."""
        if not self.dry_run:
            return self._execute()
        with transaction.atomic():
            outcome = self._execute()
            transaction.set_rollback(True)
        return outcome

    def _execute(self) -> Outcome:
        started = time.monotonic()
        sources = self.choice.sources()
        if not sources:
            return Outcome(None, 0, self.witness)
        options = self.choice.as_json() | ({"repair": self.repair.as_json()} if self.repair else {})
        self.run = runs.new_run(self.kind, self.batch, options, self.dry_run)
        with runs.recorded(self.run, self.dry_run):
            keys.finish_left_behind(say=self.say)
            for source in sources:
                with runs.holding(source.system, source.name):
                    job = SourceJob(self, source)
                    with keys.relied_on(job.targets(), self.run, self.say):
                        job.execute()
        found = runs.as_report(self.run, dry_run=self.dry_run, seconds=time.monotonic() - started)
        report.check_balance(found)
        return Outcome(found, found["totals"]["quarantined"] + self.untried, self.witness)


class SourceJob:
    """The entries of one source: grouped, tried table by table, those who wait for others after them."""

    def __init__(self, job: Job, source: ImportSource) -> None:
        self.job = job
        self.source = source
        self.streams = {stream.pk: stream for stream in source.streams.all()}
        self.origins: dict[str, Origin] = {}
        self.files: dict[tuple[str, int], RunFile] = {}
        self.records: dict[tuple[str, int, int], RunTable] = {}
        self.bounds: dict[tuple[Group, tuple[str, ...]], MendedTable] = {}

    def targets(self) -> set[str]:
        """Return the tables into which rows of the source go, and placeholders for their parents."""
        tables = mapping.load_systems()[self.source.system].resolved.values()
        return {table.target for table in tables} | {s.target_table for s in self.streams.values()}

    def execute(self) -> None:
        """Try what was chosen, tables in the order in which they load."""
        runs.abandon_others(self.job.run, self.source, [ImportRun.Kind.RETRY, ImportRun.Kind.REPAIR])
        self._choose()
        tables = {name: t for group in self._pending() for name, t in self.origin(group).tables.items()}
        for names in mapping.load_groups(list(tables.values())):
            known = {key for key, stream in self.streams.items() if stream.source_table in names}
            while groups := [group for group in self._pending() if group.stream in known]:
                self._add_children(self._round(groups))
        self._renew_links(tables.values())
        ((left,),) = query("SELECT count(*) FROM importer_retry WHERE NOT done")
        self.job.untried += left
        if self.job.repair is not None:
            self._note_repair(self.job.repair)
        if not self.job.dry_run and any(
            record.imported or record.updated for record in self.records.values()
        ):
            for refresh in mapping.load_systems()[self.source.system].refresh:
                refresh()

    def _renew_links(self, tables: Iterable[ResolvedTable]) -> None:
        """Let rows that came in before refer to parents that came in now."""
        streams = {stream.source_table: stream for stream in self.streams.values()}
        for table in tables if self.files else ():
            stream = streams.get(table.source)
            if stream and (renewed := links.renew(table, stream, self.job.run)):
                links.note(self._entry_of(table), renewed)

    def _entry_of(self, table: ResolvedTable) -> RunTable:
        """Return an entry of this run for a table, made where none of its rows was tried."""
        found = (record for record in self.records.values() if record.source_table == table.source)
        return next(found, None) or self._new_record(next(iter(self.files.values())), table)

    def _note_repair(self, repair: Chosen) -> None:
        """Say in the run's book how many rows came in by the repair, and how many placeholders it made."""
        ((made,),) = query(
            "SELECT count(*) FROM importer_provenance WHERE stream_id = ANY(%s) AND first_run = %s "
            "AND extras @> '{\"placeholder\": true}'",
            [list(self.streams), self.job.run.number],
        )
        for (origin, number, stream), record in self.records.items():
            ((rows,),) = query(
                "SELECT count(*) FROM importer_quarantinedrow WHERE stream_id = %s AND last_run_id = %s "
                "AND resolved_run_id = %s AND repairs @> %s::jsonb",
                [stream, origin, str(self.job.run.pk), json.dumps([repair.as_json()])],
            )
            if rows and not number:
                repairs = [{**repair.as_json(), "rows": rows, "placeholders": made}]
                record.details = {**record.details, "repairs": repairs}
                record.save(update_fields=["details"])

    def _choose(self) -> None:
        query("DROP TABLE IF EXISTS pg_temp.importer_retry")
        query(
            "CREATE TEMPORARY TABLE importer_retry (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "entry uuid UNIQUE, stream integer, origin uuid, shape text, size bigint, chosen boolean, "
            "done boolean DEFAULT false)"
        )
        query("CREATE INDEX ON importer_retry (stream, origin, shape, n) WHERE NOT done")
        condition, params = self.job.choice.condition()
        self._add(f"{condition} AND q.stream_id = ANY(%s)", [*params, list(self.streams)], chosen=True)

    def _add(self, condition: str, params: Sequence[Any], chosen: bool) -> None:
        query(
            "INSERT INTO importer_retry (entry, stream, origin, shape, size, chosen) "
            f"SELECT q.id, q.stream_id, q.last_run_id, {SHAPE}, pg_column_size(q.raw), %s "
            f"FROM importer_quarantinedrow q WHERE {condition} ORDER BY q.source_rowid NULLS FIRST, q.place",
            [chosen, *params],
        )

    def _pending(self) -> list[Group]:
        rows = query(
            "SELECT DISTINCT stream, origin, shape FROM importer_retry WHERE NOT done ORDER BY 1, 2, 3"
        )
        return [Group(stream, str(origin), shape) for stream, origin, shape in rows]

    # -- how a group's rows are read

    def origin(self, group: Group) -> Origin:
        """Return the reading that made the entries of a group."""
        if group.origin not in self.origins:
            run = ImportRun.objects.get(pk=group.origin)
            file = RunFile.objects.filter(run=run, source=self.source).first()
            system = mapping.load_systems()[self.source.system]
            variant = next((v for v in system.variants if file and v.name == file.variant), None)
            zone = str(run.options.get("zone", "UTC"))
            self.origins[group.origin] = Origin(file, system.of_variant(variant), zone)
        return self.origins[group.origin]

    def bound(self, group: Group, names: Sequence[str]) -> MendedTable | None:
        """Return the table that converts a group's rows; None where the mapping no longer has it."""
        key = group, tuple(names)
        origin, stream = self.origin(group), self.streams[group.stream]
        table = origin.tables.get(stream.source_table)
        if key not in self.bounds and table is not None:
            scope = Scope(self.source.system, self.source.name, self.source.number, origin.zone)
            self.bounds[key] = MendedTable(table, source_table(table.source, names), scope)
        return self.bounds.get(key)

    def _names(self, group: Group) -> list[str]:
        rows = query(
            "SELECT k FROM importer_quarantinedrow q, jsonb_object_keys(q.raw) AS k WHERE q.id = "
            "(SELECT entry FROM importer_retry WHERE stream = %s AND origin = %s AND shape = %s LIMIT 1)",
            group,
        )
        return [name for (name,) in rows]

    def _record(self, group: Group, number: int, table: ResolvedTable) -> RunTable:
        key = group.origin, number, group.stream
        if key not in self.records:
            self.records[key] = self._new_record(self._file(group.origin, number), table)
        return self.records[key]

    def _new_record(self, file: RunFile, table: ResolvedTable) -> RunTable:
        return RunTable.objects.create(
            file=file, source_table=table.source, position=file.tables.count(), target_table=table.target
        )

    def _file(self, origin: str, number: int) -> RunFile:
        """Return this run's file for entries of one reading, and of its so many-th set of columns."""
        if (origin, number) not in self.files:
            read = self.origins[origin].file
            self.files[origin, number] = RunFile.objects.create(
                run=self.job.run,
                source=self.source,
                position=RunFile.objects.filter(run=self.job.run).count(),
                path=read.path if read else self.source.name,
                source_name=self.source.name,
                sha256=read.sha256 if read else None,
                system=self.source.system,
                variant=read.variant if read else None,
                status=RunFile.Status.DONE,
            )
        return self.files[origin, number]

    # -- one round

    def _round(self, groups: Sequence[Group]) -> set[str]:
        """Try the pending entries of these groups; return the targets into which rows came."""
        pairs = list(self._intakes(groups))
        targets = {intake.bound.table.target for intake, _ in pairs}
        for intake, group in pairs:
            intake.classifier.pending = targets
            self._read(intake, group)
        settle([intake for intake, _ in pairs])
        for intake, _ in pairs:
            intake.finish(whole=False)
        return {intake.bound.table.target for intake, _ in pairs if intake.record.imported}

    def _intakes(self, groups: Sequence[Group]) -> Iterator[tuple[HeldIntake, Group]]:
        seen: dict[tuple[str, int], int] = {}
        for group in groups:
            names = self._names(group)
            bound = self.bound(group, names)
            if bound is None:
                self._give_up(group)
                continue
            number = seen.setdefault((group.origin, group.stream), 0)
            seen[group.origin, group.stream] += 1
            record = self._record(group, number, bound.table)
            record.source_rows += self._count(group)
            record.save(update_fields=["source_rows"])
            stream, job = self.streams[group.stream], self.job
            sha256 = record.file.sha256 or ""
            rows = HeldRows(stream, names, sha256, job.repair)
            options = Options(batch=job.batch, dry_run=job.dry_run)
            yield HeldIntake(rows, bound, job.run, record, options, job.witness), group

    def _count(self, group: Group) -> int:
        ((rows,),) = query(
            "SELECT count(*) FROM importer_retry WHERE stream = %s AND origin = %s AND shape = %s AND NOT done",
            group,
        )
        return int(rows)

    def _give_up(self, group: Group) -> None:
        """Leave entries alone whose table the mapping no longer has."""
        self.job.untried += self._count(group)
        query("UPDATE importer_retry SET done = true WHERE stream = %s AND origin = %s AND shape = %s", group)

    def _read(self, intake: HeldIntake, group: Group) -> None:
        tables = self.origin(group).tables
        while entries := self._entries(group, self.job.batch):
            rows = [intake.held.row(*entry[1:]) for entry in entries]
            with intake.transaction():
                self.job.helper.prepare(intake, rows, tables)
                intake.take(rows, None, time.monotonic())
                self.job.helper.clear(intake)
            query(
                "UPDATE importer_retry SET done = true WHERE n = ANY(%s)", [[entry[0] for entry in entries]]
            )

    def _entries(self, group: Group, batch: int) -> list[tuple[Any, ...]]:
        """Return the next entries of a group: so many, or as many bytes as may be read at once."""
        columns = ENTRIES.format(chosen="t.chosen").replace("SELECT q.id", "SELECT t.n, q.id", 1)
        return query(
            f"{columns} JOIN (SELECT *, sum(size) OVER (ORDER BY n) - size AS before FROM importer_retry "
            "WHERE stream = %s AND origin = %s AND shape = %s AND NOT done ORDER BY n LIMIT %s) t "
            "ON t.entry = q.id WHERE t.before < %s ORDER BY t.n",
            [*group, batch, LIST_BYTES],
        )

    # -- children

    def _add_children(self, targets: set[str]) -> None:
        """Add the waiting entries whose parents are there now, in tables that refer to these targets."""
        if not targets:
            return
        last = "00000000-0000-0000-0000-000000000000"
        while entries := self._waiting(last):
            last = str(entries[-1][0])
            if found := self._with_parents(entries, targets):
                self._add("q.id = ANY(%s::uuid[])", [found], chosen=False)

    def _waiting(self, last: str) -> list[tuple[Any, ...]]:
        columns = ENTRIES.format(chosen="false, q.stream_id, q.last_run_id")
        return query(
            f"{columns} WHERE q.status = 'open' AND q.reason = ANY(%s) AND q.stream_id = ANY(%s) AND q.id > %s "
            "AND NOT EXISTS (SELECT 1 FROM importer_retry t WHERE t.entry = q.id) ORDER BY q.id LIMIT %s",
            [list(WAITING), list(self.streams), last, min(self.job.batch, 1000)],
        )

    def _with_parents(self, entries: Iterable[tuple[Any, ...]], targets: set[str]) -> list[str]:
        """Return those entries of which a parent in these targets is in PostgreSQL now."""
        wanted: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        for *entry, stream, origin in entries:
            names = sorted(json.loads(entry[5]))
            bound = self.bound(Group(stream, str(origin), ""), names)
            if bound is None:
                continue
            row = HeldRows(self.streams[stream], names, "", None).row(*entry)
            for reference in bound.table.references:
                key = bound.needs(row).get(reference.column) if reference.parent in targets else None
                if key is not None:
                    parent = reference.parent, reference.to, reference.type
                    wanted.setdefault(parent, []).append((str(entry[0]), key))
        found: set[str] = set()
        for (table, column, kind), asked in wanted.items():
            there = present(table, [(column, kind)], [[key] for _, key in asked])
            found |= {asked[n][0] for n in there}
        return sorted(found)
