"""The book of runs: who imports what, under which number, and where an interrupted run goes on."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from apps.importer import report, session
from apps.importer.models import ImportRun, ImportSource, RunFile, RunTable, Stream, WaitingRow
from apps.importer.sql import query

RESUMABLE = (
    ImportRun.Status.RUNNING,
    ImportRun.Status.INTERRUPTED,
    ImportRun.Status.STOPPED,
    ImportRun.Status.FAILED,
)


class Streamed(Protocol):
    """A legacy table whose rows go somewhere: its name, its key, and the table of PostgreSQL."""

    @property
    def source(self) -> str: ...

    @property
    def key(self) -> tuple[str, ...]: ...

    @property
    def target(self) -> str: ...


class SourceHeld(Exception):
    """Another import works on this source."""


def refuse_to_wait(message: str) -> NoReturn:
    """Take the message that says what is waited for, where nobody can wait: a page has to answer."""
    raise SourceHeld(f"{message}; try again later")


@dataclass(frozen=True)
class Options:
    """What a person asked of an import."""

    batch: int = 1000
    system: str | None = None
    source_name: str | None = None
    zone: str = "UTC"
    tables: tuple[str, ...] = ()
    limit: int | None = None
    dry_run: bool = False
    max_quarantine: int | None = None
    sync_deletes: bool = False
    """Whether rows that are gone from the source are deleted; ``allow_deletes`` says how many of a table may be."""
    allow_deletes: int | None = None
    jobs: int = 1
    """Connections that fill a table, or build indexes, side by side."""
    fast: bool = True
    """Whether plain rows may take the hot path; the tests compare it with the careful path alone."""

    def conditions(self) -> dict[str, Any]:
        """Return what must be the same for an interrupted run to go on."""
        return {
            "system": self.system,
            "source_name": self.source_name,
            "zone": self.zone,
            "tables": sorted(self.tables),
            "limit": self.limit,
            "sync_deletes": self.sync_deletes,
        }


def begin(options: Options, paths: Sequence[str]) -> tuple[ImportRun, bool]:
    """Return the interrupted run that the same command left, or a new one; and whether it is resumed.

    The run is held by a lock of this connection, by which another command sees that it is alive.
    """
    wanted = {**options.conditions(), "paths": list(paths)}
    if not options.dry_run:
        found = (
            ImportRun.objects.filter(kind=ImportRun.Kind.IMPORT, status__in=RESUMABLE, options=wanted)
            .order_by("-number")
            .first()
        )
        if found and _take_over(found, options.batch):
            return found, True
    return new_run(ImportRun.Kind.IMPORT, options.batch, wanted, options.dry_run), False


def _take_over(run: ImportRun, batch: int) -> bool:
    """Hold an interrupted run and open it again; False where another command works on it, or has just ended it."""
    if not try_lock(f"rehome:run:{run.pk}"):
        return False
    opened = ImportRun.objects.filter(pk=run.pk, status__in=RESUMABLE).update(
        status=ImportRun.Status.RUNNING, resumed=F("resumed") + 1, batch=batch, message=""
    )
    if not opened:
        release(run)
        return False
    run.refresh_from_db()
    return True


def try_lock(key: str) -> bool:
    """Take a lock that lasts as long as the connection, or until ``unlock``."""
    ((free,),) = query("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
    return bool(free)


def unlock(key: str) -> None:
    """Let go of a lock."""
    if may_unlock():
        query("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def may_unlock() -> bool:
    """Tell whether locks may be let go of one by one; those of a connection that is gone are gone with it."""
    return connection.connection is not None and not connection.needs_rollback and connection.is_usable()


def release(run: ImportRun) -> None:
    """Let go of a run: from now on the same command may resume it."""
    unlock(f"rehome:run:{run.pk}")


def new_run(kind: ImportRun.Kind, batch: int, options: Mapping[str, Any], dry_run: bool = False) -> ImportRun:
    """Open a run under the next number, and hold it; a dry run takes one that nobody else waits for."""
    with numbering(dry_run):
        number = -secrets.randbelow(2**31 - 1) - 1 if dry_run else next_number(ImportRun, "number")
        run = ImportRun(number=number, kind=kind, batch=batch, options=dict(options))
        try_lock(f"rehome:run:{run.pk}")  # before anybody sees it, and takes it for an interrupted one
        run.save(force_insert=True)
        return run


@contextmanager
def numbering(dry_run: bool = False) -> Iterator[None]:
    """Hold the lock under which numbers are given."""
    with transaction.atomic():
        if not dry_run:
            query("SELECT pg_advisory_xact_lock(hashtextextended('rehome:numbers', 0))")
        yield


def next_number(model: Any, name: str, **where: Any) -> int:
    """Return max + 1 of a number."""
    highest = model.objects.filter(**where).aggregate(top=Max(name))["top"]
    return 0 if highest is None else max(highest, -1) + 1


def source_of(system: str, name: str, dry_run: bool = False) -> ImportSource:
    """Return the source of this system and name, made where it is new."""
    found = ImportSource.objects.filter(system=system, name=name).first()
    if found:
        return found
    with numbering(dry_run):
        return ImportSource.objects.create(
            id=-secrets.randbelow(2**31 - 1) - 1 if dry_run else next_number(ImportSource, "id"),
            system=system,
            name=name,
            number=next_number(ImportSource, "number", system=system),
        )


def streams_of(source: ImportSource, tables: Iterable[Streamed], dry_run: bool = False) -> dict[str, Stream]:
    """Return the streams of legacy tables of a source by the tables' names, made where they are new."""
    wanted = {table.source: table for table in tables}
    streams = {s.source_table: s for s in Stream.objects.filter(source=source, source_table__in=wanted)}
    for name, stream in streams.items():
        stream.source = source  # else each would ask for it
        key, target = list(wanted[name].key), wanted[name].target
        if (list(stream.key), stream.target_table) != (key, target):
            stream.key, stream.target_table = key, target
            stream.save()
    missing = [table for name, table in wanted.items() if name not in streams]
    if missing:
        with numbering(dry_run):
            made = Stream.objects.bulk_create(_new_streams(source, missing, dry_run))
        streams |= {stream.source_table: stream for stream in made}
    return streams


def _new_streams(source: ImportSource, tables: Sequence[Streamed], dry_run: bool) -> Iterator[Stream]:
    first = -secrets.randbelow(2**30) - 1 - len(tables) if dry_run else next_number(Stream, "id")
    for number, table in enumerate(tables, first):
        yield Stream(
            id=number,
            source=source,
            source_table=table.source,
            target_table=table.target,
            key=list(table.key),
        )


@contextmanager
def holding(system: str, name: str) -> Iterator[None]:
    """Hold a source against other imports; raises ``SourceHeld`` where one has it."""
    key = f"rehome:source:{system}:{name}"
    if not try_lock(key):
        raise SourceHeld(f"another import holds the source {name} ({system}); wait for it, or stop it first")
    try:
        yield
    finally:
        unlock(key)


def file_of(run: ImportRun, path: str, name: str) -> RunFile:
    """Return the run's record of a file: the one of an interrupted run, or a new one after the others."""
    found = run.files.filter(path=path, source_name=name).first()
    return found or RunFile.objects.create(run=run, position=run.files.count(), path=path, source_name=name)


def refuse_missing(run: ImportRun) -> None:
    """Refuse the files that an interrupted run had begun with and that are no longer there."""
    run.files.filter(status=RunFile.Status.PENDING).update(
        status=RunFile.Status.REFUSED,
        reason="not_a_file",
        message="it is gone since the run was interrupted; bring it back and import it again",
    )


def last_of(source: ImportSource, but: ImportRun) -> RunFile | None:
    """Return what the last run of any kind, before this one, did to a source."""
    return RunFile.objects.filter(source=source).exclude(run=but).order_by("-run__number").first()


def is_same(last: RunFile, record: RunFile, options: Options) -> bool:
    """Tell whether the last run imported the very same file by the same rules, to its end."""
    imported = last.run.kind == ImportRun.Kind.IMPORT and last.run.status == ImportRun.Status.COMPLETED
    files = (last.fingerprint, last.mapping) == (record.fingerprint, record.mapping)
    return imported and files and last.run.options.get("zone") == options.zone


def abandon_others(
    run: ImportRun, source: ImportSource, kinds: Sequence[str] = ImportRun.Kind.values
) -> bool:
    """Close unfinished runs of a source that is held by this run; where there were any, what they left it does."""
    others = ImportRun.objects.filter(status__in=RESUMABLE, files__source=source, kind__in=kinds)
    others = others.exclude(pk=run.pk)
    ids = list(others.values_list("pk", flat=True))
    if ids:
        WaitingRow.objects.filter(table__file__run__in=ids).delete()
        ImportRun.objects.filter(pk__in=ids).update(
            status=ImportRun.Status.ABANDONED,
            message=f"run {run.pk} took over",
            finished_at=timezone.now(),
        )
    return bool(ids)


@contextmanager
def ended(run: ImportRun) -> Iterator[None]:
    """Hold a run that no command works on any more; raises ``SourceHeld`` where one does."""
    if not try_lock(f"rehome:run:{run.pk}"):
        raise SourceHeld(f"run {run.number} is still at work; wait for it, or stop it first")
    try:
        yield
    finally:
        release(run)


@contextmanager
def recorded(run: ImportRun, dry_run: bool = False) -> Iterator[None]:
    """Write down how a run that is held ends, whatever ends it; where PostgreSQL is gone, it stays ``running``."""
    try:
        with session.pinned():
            yield
    except Exception as error:
        held = isinstance(error, SourceHeld)
        close_failed(
            run,
            ImportRun.Status.ABANDONED if held else ImportRun.Status.FAILED,
            str(error) if held else f"{type(error).__name__}: {error}".splitlines()[0],
            dry_run,
        )
        raise
    except BaseException as error:  # Ctrl-C, SIGTERM
        close_failed(run, ImportRun.Status.INTERRUPTED, type(error).__name__, dry_run)
        raise
    else:
        close(run, ImportRun.Status.COMPLETED, run.message)
    finally:
        release(run)


def close_failed(run: ImportRun, status: ImportRun.Status, message: str, dry_run: bool) -> None:
    """Note how a run ended where PostgreSQL still listens; where not, it stays ``running``, to be resumed."""
    if dry_run or connection.connection is None:  # who held the run holds it no more
        return
    try:
        close(run, status, message)
    except (DatabaseError, InterfaceError):
        return


def close(run: ImportRun, status: ImportRun.Status, message: str = "") -> None:
    """End a run; this commit is durable at once, and with it all that the run wrote before."""
    run.status, run.message, run.finished_at = status, message, timezone.now()
    run.save(update_fields=["status", "message", "finished_at"])


def as_report(run: ImportRun, *, dry_run: bool = False, seconds: float | None = None) -> dict[str, Any]:
    """Return a run as the contract's JSON report."""
    sources = [
        _source_report(file) for file in run.files.order_by("position").prefetch_related("tables__pieces")
    ]
    if seconds is None:
        seconds = sum(table["seconds"] for source in sources for table in source["tables"])
    return {
        "run_id": str(run.pk),
        "status": run.status,
        "message": run.message,
        "dry_run": dry_run,
        "batch": run.batch,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "seconds": round(seconds, 3),
        "kind": run.kind,
        "resumed": run.resumed,
        "options": run.options,
        "sources": sources,
        "totals": report.totals(source["totals"] for source in sources),
    }


def _source_report(file: RunFile) -> dict[str, Any]:
    tables = [_table_report(table) for table in sorted(file.tables.all(), key=lambda t: t.position)]
    unmapped = [
        {"table": table.source_table, "column": column, "non_null": count}
        for table in sorted(file.tables.all(), key=lambda t: t.position)
        for column, count in sorted(table.unmapped.items())
    ]
    return {
        "path": file.path,
        "source_name": file.source_name,
        "sha256": file.sha256,
        "system": file.system,
        "variant": file.variant,
        "status": file.status,
        "reason": file.reason,
        "message": file.message,
        "tables": tables,
        "unmapped_columns": unmapped,
        "indexes": file.indexes,
        "totals": report.totals(tables),
    }


def _count(table: RunTable, name: str) -> int:
    """Return a count of a table; of one that is read in pieces, what these came to so far."""
    return int(getattr(table, name)) + sum(getattr(piece, name, 0) for piece in table.pieces.all())


def _table_report(table: RunTable) -> dict[str, Any]:
    return {
        "source_table": table.source_table,
        "target_table": table.target_table,
        "kind": table.kind,
        "skip_reason": table.skip_reason,
        **{name: _count(table, name) for name in report.COUNTS},
        "deleted": table.deleted,
        **table.details,
        "reasons": table.reasons,
        "seconds": round(table.seconds, 3),
    }
