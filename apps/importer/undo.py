"""A run taken back: what it created goes, what it updated or deleted has its former values again.

Rows that were edited since, that a later run changed, or to which rows that stay refer, are kept and named.
All of it is one transaction: an undo that is killed has done nothing, and is repeated. An undo is itself a
run, with what it did to each table.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from psycopg2.errorcodes import DEADLOCK_DETECTED, FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE

from apps.core.database import sqlstate
from apps.importer import keys, removal, report, restore, runs
from apps.importer.indexes import Say, silently
from apps.importer.mapping import load_systems
from apps.importer.models import ImportRun, ImportSource, RunFile, RunTable, Stream, WaitingRow
from apps.importer.restore import Known
from apps.importer.sql import query

NAMED = 100
"""How many rows of a table that stay are named; all are counted."""
ATTEMPTS = 3
"""How often it is tried while others write rows that refer to those that go."""
PASSING = {FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK_DETECTED}


class NotUndoable(Exception):
    """A run that cannot be undone: the message says why."""


@dataclass(frozen=True)
class Undone:
    """How an undo ended: its run's report, and how many rows stay."""

    report: dict[str, Any]
    kept: int


def undo(run: ImportRun, dry_run: bool = False, say: Say = silently) -> Undone:
    """Take a run back; a dry run reports the same and leaves nothing.

    Raises ``NotUndoable`` for a run that is an undo itself, and ``runs.SourceHeld`` while a command works on
    one of its sources.
    """
    if run.kind == ImportRun.Kind.UNDO:
        raise NotUndoable(f"run {run.number} is an undo; import the file again instead")
    sources = list(ImportSource.objects.filter(files__run=run).distinct().order_by("pk"))
    with ExitStack() as held:
        for source in sources:
            held.enter_context(runs.holding(source.system, source.name))
        held.enter_context(runs.ended(run))
        if not dry_run:
            return Undo(run, sources, say).execute()
        with transaction.atomic():
            undone = Undo(run, sources, say, dry_run=True).execute()
            transaction.set_rollback(True)
        return undone


@dataclass
class Undo:
    """One undo under way."""

    run: ImportRun
    sources: list[ImportSource]
    say: Say
    """Told what it waits for."""
    dry_run: bool = False
    own: ImportRun = field(init=False)
    known: list[Known] = field(default_factory=list)
    """Rows of which is known by now that they cannot be put back."""

    def execute(self) -> Undone:
        """Do it; whatever ends it, the undo's record says so."""
        self._abandon_dead()
        options = {"run": str(self.run.pk), "number": self.run.number}
        self.own = runs.new_run(ImportRun.Kind.UNDO, self.run.batch, options, self.dry_run)
        ImportRun.objects.filter(pk=self.own.pk).update(undoes=self.run)
        with runs.recorded(self.own, self.dry_run):
            keys.finish_left_behind(say=self.say)
            with keys.relied_on(self._targets(), self.own, self.say):
                self._try()
            self._refresh()
        found = runs.as_report(self.own, dry_run=self.dry_run)
        report.check_balance(found)
        tables = [table for source in found["sources"] for table in source["tables"]]
        return Undone(found, sum(table["skipped"] for table in tables))

    def _abandon_dead(self) -> None:
        dead = ImportRun.objects.filter(undoes=self.run, status__in=runs.RESUMABLE)
        dead.update(status=ImportRun.Status.ABANDONED, message="it was begun again")

    def _targets(self) -> set[str]:
        return set(Stream.objects.filter(source__in=self.sources).values_list("target_table", flat=True))

    def _refresh(self) -> None:
        systems = set() if self.dry_run else {source.system for source in self.sources}
        for name in sorted(systems):
            for refresh in load_systems()[name].refresh:
                refresh()

    def _try(self) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    query("SET LOCAL rehome.importing = 'on'")
                    self._undo()
                return
            except (IntegrityError, OperationalError) as error:
                if attempt == ATTEMPTS or sqlstate(error) not in PASSING:
                    raise

    def _undo(self) -> None:
        streams = Stream.objects.filter(source__in=self.sources).select_related("source").order_by("pk")
        concerned = {stream.pk: stream for stream in streams}
        removal.lock(removal.targets({stream.target_table for stream in streams}))
        while not self._undo_rows(concerned):
            continue
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query("SET CONSTRAINTS ALL DEFERRED")
        self._write_book(concerned)
        restore.forget(self.run)
        _undo_entries(self.run)
        self._close_run()

    def _undo_rows(self, streams: dict[int, Stream]) -> bool:
        """Take rows out and put rows back; when some turn out not to go back, change nothing and say no."""
        with transaction.atomic():
            removal.create()
            for target in removal.targets({stream.target_table for stream in streams.values()}):
                removal.add(
                    target,
                    "p.stream_id = ANY(%s) AND p.first_run = %s",
                    [[key for key, s in streams.items() if s.target_table == target.table], self.run.number],
                    kept="CASE WHEN p.last_run <> p.first_run THEN 'updated_later:run ' || p.last_run END",
                )
            removal.index()
            targets = restore.fill(self.run, self.known)
            removal.spare(restored=True)
            failed = restore.orphans()
            if not failed:
                removal.delete()
                failed = restore.restore(targets)
            if failed:
                self.known += failed
                transaction.set_rollback(True)
        return not failed

    # -- what is written of it

    def _write_book(self, streams: dict[int, Stream]) -> None:
        gone, back = removal.counts(), restore.counts()
        archived = _undo_archive(self.run, list(streams))
        files: dict[int, RunFile] = {}
        for key in sorted(gone.keys() | back.keys() | archived.keys()):
            stream = streams[key]
            file = files.setdefault(stream.source_id, self._file(stream.source, len(files)))
            deleted, left = gone.get(key, (0, 0))
            updated, returned, stayed = back.get(key, (0, 0, 0))
            old = archived.get(key, Archived())
            kept = left + stayed + old.kept
            names = removal.kept_rows(key, NAMED) + old.names
            names += removal.kept_rows(key, NAMED - len(names), "importer_restoring")
            RunTable.objects.create(
                file=file,
                position=file.tables.count(),
                source_table=stream.source_table,
                target_table=stream.target_table,
                stage=RunTable.Stage.DONE,
                source_rows=updated + old.put_back + returned + old.returned + kept,
                imported=returned + old.returned,
                updated=updated + old.put_back,
                skipped=kept,
                deleted=deleted + old.removed,
                details={"kept": names} if names else {},
            )

    def _file(self, source: ImportSource, position: int) -> RunFile:
        read = RunFile.objects.filter(run=self.run, source=source).first()
        found = RunFile.objects.filter(run=self.own, source=source).first()
        return found or RunFile.objects.create(
            run=self.own,
            source=source,
            position=position,
            path=read.path if read else source.name,
            source_name=source.name,
            sha256=read.sha256 if read else None,
            system=source.system,
            variant=read.variant if read else None,
            status=RunFile.Status.DONE,
        )

    def _close_run(self) -> None:
        """Say of the run that it was undone; it must not be resumed in its middle."""
        WaitingRow.objects.filter(table__file__run=self.run).delete()
        status = ImportRun.Status.ABANDONED if self.run.status in runs.RESUMABLE else self.run.status
        ImportRun.objects.filter(pk=self.run.pk).update(
            status=status, message=f"undone by run {self.own.number}"
        )


# -- the archive and the quarantine


@dataclass
class Archived:
    """What became of a stream's rows in the archive."""

    removed: int = 0
    put_back: int = 0
    returned: int = 0
    kept: int = 0
    names: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, place: str, pk: object, later: int) -> None:
        """Count a row that a later run changed, and name it while there is room."""
        self.kept += 1
        if len(self.names) < NAMED:
            message = removal.why("updated_later", f"run {later}")
            row = {"key": place, "target_pk": str(pk), "reason": "updated_later", "message": message}
            self.names.append(row)


def _undo_archive(run: ImportRun, streams: list[int]) -> dict[int, Archived]:
    """Undo what a run did to the archive, stream by stream."""
    found = {stream: Archived() for stream in streams}
    mine = [streams, run.number, run.number]
    own = "FROM importer_archivedrow WHERE stream_id = ANY(%s) AND first_run = %s AND last_run"
    for stream, place, pk, later in query(f"SELECT stream_id, place, id, last_run {own} <> %s", mine):
        found[stream].keep(place, pk, later)
    for (stream,) in query(f"DELETE {own} = %s RETURNING stream_id", mine):
        found[stream].removed += 1
    back = query(
        """
        UPDATE importer_archivedrow a SET source_rowid = (f.u).source_rowid, raw = (f.u).raw,
            digest = (f.u).digest, first_run = (f.u).first_run, last_run = (f.u).last_run
        FROM (SELECT former::importer_archivedrow AS u FROM importer_formerrow
            WHERE run_id = %s AND provenance = '' AND NOT deleted OFFSET 0) AS f
        WHERE a.id = (f.u).id AND a.last_run = %s RETURNING a.stream_id
        """,
        [str(run.pk), run.number],
    )
    for (stream,) in back:
        found[stream].put_back += 1
    returned = query(
        """
        INSERT INTO importer_archivedrow SELECT (f.u).* FROM (
            SELECT former::importer_archivedrow AS u FROM importer_formerrow
            WHERE run_id = %s AND provenance = '' AND deleted OFFSET 0) AS f
        ON CONFLICT DO NOTHING RETURNING stream_id
        """,
        [str(run.pk)],
    )
    for (stream,) in returned:
        found[stream].returned += 1
    query("DELETE FROM importer_formerrow WHERE run_id = %s AND provenance = ''", [str(run.pk)])
    return {stream: rows for stream, rows in found.items() if rows != Archived()}


def _undo_entries(run: ImportRun) -> None:
    """Take back what a run did to the quarantine, but for entries that a later run changed or whose row stays."""
    own = (
        "FROM importer_quarantinedrow q WHERE q.run_id = %s AND q.last_run_id = %s "
        "AND (q.status <> 'resolved' OR q.resolved_run_id = %s)"
    )
    mine = [str(run.pk)] * 3
    query(f"DELETE FROM importer_formerentry f WHERE f.entry_id IN (SELECT q.id {own})", mine)
    query(f"DELETE {own}", mine)
    query(
        "UPDATE importer_quarantinedrow SET run_id = last_run_id WHERE run_id = %s AND last_run_id <> %s",
        mine[:2],
    )
    query(
        """
        WITH stays AS MATERIALIZED (
            SELECT p.stream_id, p.source_rowid FROM (
                SELECT stream_id, identity FROM importer_leaving WHERE kept IS NOT NULL
                UNION SELECT stream_id, identity FROM importer_restoring WHERE kept IS NOT NULL) AS l
            JOIN importer_provenance p ON p.stream_id = l.stream_id AND p.identity = l.identity
            WHERE p.source_rowid IS NOT NULL),
        later AS MATERIALIZED (
            SELECT f.entry_id FROM importer_formerentry f JOIN importer_importrun n ON n.id = f.run_id
            WHERE n.number > %s),
        back AS MATERIALIZED (
            SELECT f.id AS kept, q.id, f.last_run_id, f.source_sha256,
                jsonb_populate_record(q, coalesce(f.former, '{}')) AS r
            FROM importer_formerentry f JOIN importer_quarantinedrow q ON q.id = f.entry_id
            WHERE f.run_id = %s AND f.entry_id NOT IN (SELECT entry_id FROM later)
            AND (q.status <> 'resolved' OR q.source_rowid IS NULL
                OR (q.stream_id, q.source_rowid) NOT IN (SELECT stream_id, source_rowid FROM stays))
            AND NOT EXISTS (
                SELECT 1 FROM importer_quarantinedrow o WHERE o.stream_id = q.stream_id AND o.place = q.place
                AND o.id <> q.id AND o.status <> 'resolved')),
        written AS (
            UPDATE importer_quarantinedrow q SET last_run_id = b.last_run_id, source_sha256 = b.source_sha256,
                source_key = (b.r).source_key, handles = (b.r).handles, reason = (b.r).reason,
                column_name = (b.r).column_name, message = (b.r).message, sqlstate = (b.r).sqlstate,
                raw = (b.r).raw, status = (b.r).status, resolved_run_id = (b.r).resolved_run_id,
                repairs = (b.r).repairs, identity = (b.r).identity
            FROM back b WHERE q.id = b.id RETURNING b.kept)
        DELETE FROM importer_formerentry f USING written w WHERE f.id = w.kept
        """,
        [run.number, str(run.pk)],
    )
