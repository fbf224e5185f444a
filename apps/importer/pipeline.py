"""The one place that knows the order of an import: open, recognise, read, settle, finish, report."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction

from apps.importer import archive, keys, links, mapping, report, runs, session
from apps.importer.archive import Archive
from apps.importer.binding import BoundTable, Scope
from apps.importer.fastpath import WORTH_BYTES, load_numpy
from apps.importer.intake import SPARED, Intake
from apps.importer.lanes import lanes_for
from apps.importer.mapping import LegacySystem, ResolvedTable, Variant
from apps.importer.models import ImportRun, ImportSource, RunFile, RunPiece, RunTable
from apps.importer.pieces import take_back_left
from apps.importer.recognise import recognise, roles
from apps.importer.runs import Options
from apps.importer.settle import settle
from apps.importer.source import Refused, SourceFile, SourceTable, find_sources, open_source, stopping
from apps.importer.source.background import in_background
from apps.importer.sql import query, quote
from apps.importer.standing import imported_rows, standing_of
from apps.importer.sync import Sync
from apps.importer.targets import Targets

UNKNOWN = "unknown_table"
COUNTED = (None, UNKNOWN, "legacy_only", "not_selected")
"""Roles of tables whose rows are counted; the others are never read."""
KINDS = {None: RunTable.Kind.ROWS, UNKNOWN: RunTable.Kind.ARCHIVED}


class UsageError(Exception):
    """The command was asked for something that cannot be meant."""


class TooManyQuarantined(Exception):
    """More rows are in quarantine than the caller allows."""


class Listener(Protocol):
    """Who is told how an import goes on."""

    def say(self, message: str) -> None:
        """Take a message for a person."""

    def start(self, label: str, rows: int, done: int) -> None:
        """A table begins."""

    def advance(self, rows: int) -> None:
        """Rows were committed."""

    def stop(self) -> None:
        """The table is over."""


@dataclass(frozen=True)
class Result:
    """How an import ended: the report, and whether it ran to its end."""

    report: dict[str, Any]
    stopped: bool = False


def run_import(paths: Sequence[str], options: Options, listener: Listener) -> Result:
    """Import legacy files or folders of them; the result's report balances, or ``Unbalanced`` is raised."""
    files = expand(paths, options)
    if not options.dry_run:
        return Job(options, listener).execute(files, list(paths))
    with transaction.atomic():
        result = Job(options, listener).execute(files, list(paths))
        transaction.set_rollback(True)
    return result


def expand(paths: Sequence[str], options: Options) -> list[tuple[str, Path]]:
    """Return the files meant, each with the path as it was given; two of one name cannot be told apart."""
    files = [(str(found), found) for path in paths for found in find_sources(Path(path))]
    if options.source_name is not None and len(files) > 1:
        raise UsageError(
            f"--source-name names one source, but {len(files)} files are given; import them one by one"
        )
    seen: dict[str, str] = {}
    for shown, path in files:
        if path.name in seen and seen[path.name] != shown:
            raise UsageError(
                f"{seen[path.name]} and {shown} have the same name, by which a source is known; "
                "import them one by one, each with its --source-name"
            )
        seen[path.name] = shown
    return list(dict.fromkeys(files))


@dataclass
class Job:
    """One import under way."""

    options: Options
    listener: Listener
    run: ImportRun = field(init=False)
    resumed: bool = field(init=False, default=False)
    quarantined: int = 0
    defers: bool = field(init=False, default=False)
    """Whether indexes may be put off, and other connections help: not in a transaction that is not its own."""

    def execute(self, files: Sequence[tuple[str, Path]], paths: list[str]) -> Result:
        """Import the files one after another; whatever ends it, the run's record says so."""
        started = time.monotonic()
        self.run, self.resumed = runs.begin(self.options, paths)
        if self.resumed:
            self.listener.say(f"run {self.run.pk} was interrupted; going on where it stopped")
        self.defers = not (self.options.dry_run or connection.in_atomic_block)
        close_failed = partial(runs.close_failed, self.run, dry_run=self.options.dry_run)
        stopped = False
        try:
            with session.pinned():
                self._import_files(files)
        except TooManyQuarantined as error:
            stopped = True
            keys.finish(self.run, self.listener.say)
            runs.close(self.run, ImportRun.Status.STOPPED, str(error))
        except runs.SourceHeld as error:
            close_failed(ImportRun.Status.ABANDONED, str(error))
            raise
        except Exception as error:
            close_failed(ImportRun.Status.FAILED, f"{type(error).__name__}: {error}".splitlines()[0])
            raise
        except BaseException as error:  # Ctrl-C, SIGTERM
            close_failed(ImportRun.Status.INTERRUPTED, type(error).__name__)
            raise
        finally:
            runs.release(self.run)
        result = runs.as_report(self.run, dry_run=self.options.dry_run, seconds=time.monotonic() - started)
        if not stopped:
            report.check_balance(result)
        return Result(result, stopped)

    def _import_files(self, files: Sequence[tuple[str, Path]]) -> None:
        for built in keys.finish_left_behind(self.run, self.listener.say):
            self.listener.say(keys.told(built))
        keys.build_left(self.run, self.listener.say)
        with stopping.heeding():
            for shown, path in files:
                self._import_file(shown, path)
                stopping.check()
        keys.finish(self.run, self.listener.say)
        runs.refuse_missing(self.run)
        runs.close(self.run, ImportRun.Status.COMPLETED)

    # -- one file

    def _import_file(self, shown: str, path: Path) -> None:
        name = self.options.source_name or path.name
        record = runs.file_of(self.run, shown, name)
        try:
            with _opened(path) as file:
                system, variant = recognise(file, self.options.system)
                with runs.holding(system.name, name):
                    self._import_source(record, file, system, variant)
        except Refused as refused:
            stopping.check()
            take_back_left(record.tables.all())
            keys.finish(self.run, self.listener.say)
            record.tables.all().delete()
            record.status, record.reason, record.message = (
                RunFile.Status.REFUSED,
                refused.reason,
                refused.message,
            )
            record.save()
            self.listener.say(f"{shown}: refused ({refused.reason}): {refused.message}")

    def _import_source(
        self, record: RunFile, file: SourceFile, system: LegacySystem, variant: Variant | None
    ) -> None:
        tables = system.of_variant(variant)
        source = runs.source_of(system.name, record.source_name, self.options.dry_run)
        self._warn_of_another_file(record, source)
        rules = mapping.fingerprint(tables)
        is_same = (record.fingerprint, record.mapping) == (file.fingerprint, rules)
        others = RunTable.objects.filter(file__source=source)
        if not self.options.dry_run:
            take_back_left(others.exclude(file=record) if is_same else others)
        takes_over = runs.abandon_others(self.run, source)
        self._identify(record, file, system, variant, source, rules)
        intakes, archives = self._prepare(record, file, source, tables)
        self.quarantined += sum(intake.quarantined() for intake in intakes.values())
        self._leave_out_unchanged(record, source, intakes.values())
        self._leave_out_empty(intakes.values())
        sync = self._begin_sync(list(intakes.values()), archives)
        jobs = self.options.jobs if self.defers else 1
        targets = Targets(self.run, list(intakes.values()), jobs, self.listener.say)
        if self.defers:
            targets.put_off()
        for group in mapping.load_groups([tables[name] for name in intakes]):
            self._import_group([intakes[name] for name in group])
        self._archive(archives)
        if self.defers:
            self._complete(targets, record)
        self._renew_links(intakes.values())
        if sync is not None:
            sync.finish()
        if not self.options.dry_run:
            targets.analyze(takes_over)
        self._refresh(system, intakes.values())
        record.status = RunFile.Status.DONE
        record.save()

    def _begin_sync(self, intakes: list[Intake], archives: Sequence[Archive]) -> Sync | None:
        """Delete what is gone from the source, where that was asked for and the tables are read whole."""
        if not self.options.sync_deletes or self.options.limit is not None:
            return None
        sync = Sync(intakes, archives, self.options.allow_deletes, self.listener)
        sync.begin()
        return sync

    def _warn_of_another_file(self, record: RunFile, source: ImportSource) -> None:
        last = RunFile.objects.filter(source=source).exclude(run=self.run).order_by("-run__number").first()
        if last is not None and Path(last.path).resolve() != Path(record.path).resolve():
            self.listener.say(
                f"{record.path}: the source {source.name} was last imported from {last.path}; "
                "where this is another file, give it a --source-name of its own"
            )

    def _identify(
        self,
        record: RunFile,
        file: SourceFile,
        system: LegacySystem,
        variant: Variant | None,
        source: ImportSource,
        rules: str,
    ) -> None:
        """Write down what the file is; where a resumed run meets another file or other rules, it reads anew."""
        if record.fingerprint and (record.fingerprint, record.mapping) != (file.fingerprint, rules):
            what = (
                "the file has changed"
                if record.fingerprint != file.fingerprint
                else "the mapping has changed"
            )
            self.listener.say(
                f"{record.path}: {what} since the run was interrupted; reading it from its start"
            )
            record.tables.all().delete()
        record.source, record.system = source, system.name
        record.variant = variant.name if variant else system.standard
        record.sha256, record.fingerprint, record.mapping = file.sha256, file.fingerprint, rules
        record.status, record.reason, record.message = RunFile.Status.PENDING, None, None
        record.save()

    def _prepare(
        self, record: RunFile, file: SourceFile, source: ImportSource, tables: Mapping[str, ResolvedTable]
    ) -> tuple[dict[str, Intake], list[Archive]]:
        """Enter every table of the file in the book; return the intakes of those that are imported or archived.

        In one transaction: a file has up to a hundred tables, and each would wait for the disk.
        """
        system = mapping.load_systems()[source.system]
        known = {name.lower(): table for name, table in tables.items()}
        scope = Scope(source.system, source.name, source.number, self.options.zone)
        wanted = {name.lower() for name in self.options.tables}
        found = []
        for table, skip in roles(file, system, tables):
            left_out = skip in (None, UNKNOWN) and wanted and table.name.lower() not in wanted
            found.append((table, "not_selected" if left_out else skip))
        mapped = {table.name: known[table.name.lower()] for table, skip in found if skip is None}
        unknown = {table.name: table for table, skip in found if skip == UNKNOWN}
        streamed = [
            mapped.get(table.name) or archive.archived_table(table)
            for table, skip in found
            if skip in (None, UNKNOWN)
        ]
        with transaction.atomic():
            entries = self._enter(record, file, found, mapped)
            streams = runs.streams_of(source, streamed, self.options.dry_run)
        standing = standing_of([streams[table.source] for table in mapped.values()], list(mapped.values()))
        cut = set(RunPiece.objects.filter(table__file=record).values_list("table_id", flat=True))
        intakes = {}
        for name, resolved in mapped.items():
            stream, entry = streams[resolved.source], entries[name]
            intakes[resolved.source] = Intake(
                file,
                BoundTable(resolved, file.tables[name], scope),
                stream,
                self.run,
                entry,
                self.options,
                standing[stream.pk],
                is_cut=entry.pk in cut,
            )
        return intakes, [
            Archive(file, table, streams[name], self.run, entries[name], self.options.batch)
            for name, table in unknown.items()
        ]

    def _enter(
        self,
        record: RunFile,
        file: SourceFile,
        found: Sequence[tuple[SourceTable, str | None]],
        mapped: Mapping[str, ResolvedTable],
    ) -> dict[str, RunTable]:
        """Return the entry of each table in the book, made where the run has none yet."""
        entered = {entry.source_table: entry for entry in record.tables.all()}
        missing = []
        for position, (table, skip) in enumerate(found):
            if table.name not in entered:
                rows = file.count(table) if skip in COUNTED else 0
                target = mapped[table.name].target if skip is None else None
                missing.append(_entry(record, position, table.name, skip, rows, target))
        RunTable.objects.bulk_create(missing)
        return entered | {entry.source_table: entry for entry in missing}

    def _complete(self, targets: Targets, record: RunFile) -> None:
        """Build what was put off."""
        entries = targets.pending()
        if entries:
            self.listener.start("indexes", entries, 0)
        with closing(targets.build()) as building:
            for built in building:
                self.listener.advance(1)
                record.indexes.append(built._asdict())
        if entries:
            self.listener.stop()
        if targets.orphans:
            self.listener.say(
                f"{record.path}: {targets.orphans} rows set aside, whose parents were deleted meanwhile"
            )
            self._guard(targets.orphans)

    # -- one group of tables

    def _import_group(self, group: list[Intake]) -> None:
        pending = {
            intake.bound.table.target for intake in group if intake.record.stage != RunTable.Stage.DONE
        }
        with keys.relied_on(pending, self.run, self.listener.say):
            self._import_unfinished(group, pending)

    def _import_unfinished(self, group: list[Intake], pending: set[str]) -> None:
        for intake in group:
            intake.classifier.pending = pending
            if intake.record.stage == RunTable.Stage.READING:
                self._read(intake)
        unfinished = [intake for intake in group if intake.record.stage != RunTable.Stage.DONE]
        if any(intake.may_wait for intake in unfinished):
            self._settle(unfinished)
        for intake in unfinished:
            intake.finish(whole=self.options.limit is None)
            self._guard(0)

    def _settle(self, group: list[Intake]) -> None:
        """Bring the waiting rows of a group to their end; from here on none of its tables is read again."""
        RunTable.objects.filter(pk__in=[intake.record.pk for intake in group]).update(
            stage=RunTable.Stage.SETTLING
        )
        for intake in group:
            intake.record.stage = RunTable.Stage.SETTLING
        settle(group)

    def _archive(self, archives: Sequence[Archive]) -> None:
        for table in archives:
            if table.record.stage == RunTable.Stage.READING:
                self._read(table)
                table.finish()
        if not self.options.dry_run and any(a.record.imported or a.record.updated for a in archives):
            query(f"ANALYZE {quote(archive.TARGET)}")

    def _read(self, intake: Intake | Archive) -> None:
        self.listener.start(intake.record.source_table, intake.record.source_rows, intake.done_rows())
        before = intake.quarantined() if isinstance(intake, Intake) else intake.record.quarantined
        with closing(self._batches(intake)) as batches:
            for rows in batches:
                stopping.check()
                self.listener.advance(rows)
                self._guard(intake.record.quarantined - before)
                before = intake.record.quarantined
        self.listener.stop()

    def _batches(self, intake: Intake | Archive) -> Generator[int]:
        """Read a table: in lanes where it is fit for them; what is left then, or was taken back, by one."""
        several = lanes_for(intake, self.listener.say) if isinstance(intake, Intake) and self.defers else None
        if several:
            yield from several.read()
        yield from intake.read(self.options.limit)

    def _guard(self, more: int) -> None:
        self.quarantined += more
        limit = self.options.max_quarantine
        if limit is not None and self.quarantined > limit:
            raise TooManyQuarantined(f"{self.quarantined} rows are in quarantine, more than {limit}")

    def _renew_links(self, intakes: Iterable[Intake]) -> None:
        """Let rows refer to parents that came later than they: by a repair, say, or by hand."""
        for intake in intakes:
            if intake.record.source_rows:
                links.note(intake.record, links.renew(intake.bound.table, intake.stream, self.run))

    def _leave_out_unchanged(self, record: RunFile, source: ImportSource, intakes: Iterable[Intake]) -> None:
        """Spare the reading of tables that the last run brought in whole from this very file, by these very rules."""
        last = runs.last_of(source, but=self.run)
        if last is None or self.options.limit is not None or not runs.is_same(last, record, self.options):
            return
        before = {table.source_table: table for table in last.tables.all()}
        here = [i for i in intakes if i.is_at_start() and i.record.source_table in before]
        kept = imported_rows([intake.stream for intake in here])
        spared = [i.record for i in here if i.spare(before[i.record.source_table], kept.get(i.stream.pk, 0))]
        RunTable.objects.bulk_update(spared, SPARED)

    def _leave_out_empty(self, intakes: Iterable[Intake]) -> None:
        """Spare the reading of tables that have no row, and of which nothing is known: most of many a file."""
        empty = [
            i.record for i in intakes if i.is_at_start() and not i.record.source_rows and i.standing.is_new
        ]
        if empty:
            RunTable.objects.filter(pk__in=[record.pk for record in empty]).update(stage=RunTable.Stage.DONE)
        for record in empty:
            record.stage = RunTable.Stage.DONE

    def _refresh(self, system: LegacySystem, intakes: Iterable[Intake]) -> None:
        records = [intake.record for intake in intakes]
        if not self.options.dry_run and any(r.imported or r.updated or r.deleted for r in records):
            for refresh in system.refresh:
                refresh()


def _opened(path: Path) -> SourceFile:
    """Open a file; NumPy is imported meanwhile for a large one, whose check leaves a core idle."""
    is_large = path.is_file() and path.stat().st_size >= WORTH_BYTES
    numpy = in_background("numpy", load_numpy) if is_large else None
    try:
        return open_source(path)
    finally:
        if numpy:
            numpy.result()


def _entry(
    record: RunFile, position: int, name: str, skip: str | None, rows: int, target: str | None
) -> RunTable:
    """Return a new entry of a table in the book."""
    kind = KINDS.get(skip, RunTable.Kind.SKIPPED)
    skipped = kind == RunTable.Kind.SKIPPED
    return RunTable(
        file=record,
        source_table=name,
        position=position,
        kind=kind,
        target_table=archive.TARGET if kind == RunTable.Kind.ARCHIVED else target,
        skip_reason=skip if skipped else None,
        stage=RunTable.Stage.DONE if skipped else RunTable.Stage.READING,
        source_rows=rows,
        skipped=rows if skipped else 0,
    )
