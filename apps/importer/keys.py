"""Primary keys put off while lanes fill a new table: who may do without one, and what becomes of two rows with one key.

A key that is put off tells duplicates when it is built. They are rows of a table in pieces, of which it is not known
yet which comes first: so the table is taken back, and read anew in order. Whoever else writes to a table relies on
its key: such sessions hold a lock together, and the one that puts the key off holds it alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from psycopg2.errorcodes import FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION

from apps.core.database import sqlstate
from apps.importer import indexes, runs
from apps.importer.indexes import Built, Say, silently
from apps.importer.intake import Rivalry
from apps.importer.models import DeferredIndex, ImportRun, RunTable
from apps.importer.pieces import take_back_left
from apps.importer.source import stopping
from apps.importer.sql import query

LOCK = "rehome:key:"
SHARE = "SELECT t, pg_try_advisory_lock_shared(hashtextextended(%s || t, 0)) FROM unnest(%s::text[]) AS t"
UNSHARE = "SELECT pg_advisory_unlock_shared(hashtextextended(%s || t, 0)) FROM unnest(%s::text[]) AS t"
POLL = 0.1
"""Seconds between two looks whether a key is there again."""


ADVICE = {
    UNIQUE_VIOLATION: ("key", "Remove one of the two rows, and run the command again."),
    FOREIGN_KEY_VIOLATION: (
        "foreign key",
        "Run the same import again, which sets its own rows aside; where it does not help, bring that row back, "
        "or remove those that refer to it.",
    ),
}
"""What cannot be built for which refusal, and what to do about it."""


class Unbuildable(CommandError):
    """Rows that no import under way wrote forbid a key that was put off: the message says which, and what to do."""

    def __init__(self, error: IntegrityError) -> None:
        told = getattr(error.__cause__, "diag", None)
        table, name, detail = (
            getattr(told, part, None) or "?" for part in ("table_name", "constraint_name", "message_detail")
        )
        what, advice = ADVICE[sqlstate(error)]
        super().__init__(
            f"the {what} {name} of table {table}, which an import had put off, cannot be built: {detail} {advice}"
        )


# -- without a key


@contextmanager
def put_off(run: ImportRun, table: str, rows: int, needed: bool) -> Iterator[bool]:
    """Put off the key of the provenance while so many rows come in, and that of their table unless it is ``needed``.

    Gives whether the table is without its key. One import at a time: else two rows of another would be taken for
    its own. It has to build the keys before it leaves.
    """
    wanted = [indexes.ORIGINS] if needed else [indexes.ORIGINS, table]
    held = []
    try:
        for name in wanted:
            if not runs.try_lock(LOCK + name):
                break
            held.append(name)
        if held:
            indexes.put_off_origins(run, rows)
        yield table in held and indexes.put_off_keys(run, table)
    finally:
        for name in held:
            runs.unlock(LOCK + name)


@contextmanager
def relied_on(tables: Collection[str], run: ImportRun, say: Say = silently) -> Iterator[None]:
    """Hold the keys of tables in place while rows are written; waits for whoever has put one of them off.

    Not in a transaction, for whose locks that one may wait in turn.
    """
    if connection.in_atomic_block or not tables:
        yield
        return
    told = False
    while missing := _hold(sorted(tables), run, say):
        if not told:
            say(f"waiting for another import into {', '.join(missing)}")
        told = True
        time.sleep(POLL)
        stopping.check()
    try:
        yield
    finally:
        _let_go(sorted(tables))


def _hold(tables: list[str], run: ImportRun, say: Say) -> list[str]:
    """Hold the keys of all these tables; or of none, and return those that are put off."""
    found = query(SHARE, [LOCK, tables])
    missing = [table for table, free in found if not free]
    if not missing and _missing(tables, run):
        finish_left_behind(run, say)
        missing = _missing(tables, run)
    if missing:
        _let_go([table for table, free in found if free])
    return missing


def _let_go(tables: list[str]) -> None:
    if tables and runs.may_unlock():
        query(UNSHARE, [LOCK, tables])


def _missing(tables: list[str], run: ImportRun) -> list[str]:
    """Return those tables of which another run has put off the key."""
    entries = DeferredIndex.objects.filter(table__in=tables).exclude(run=run)
    return sorted({entry.table for entry in entries if indexes.is_key(entry)})


# -- built again


def build(run: ImportRun, say: Say = silently) -> None:
    """Build the keys that a run has put off; raises ``Rivalry`` where two rows have one."""
    try:
        list(indexes.build(indexes.pending_keys(run), say=say))
    except IntegrityError as error:
        if not _is_doubled(error):
            raise
        raise Rivalry from error


def build_left(run: ImportRun, say: Say = silently) -> None:
    """Build the keys that a run has put off, where it is known, or to be seen to, that no two rows have one."""
    _build(partial(indexes.pending_keys, run), say)


def finish(run: ImportRun, say: Say = silently) -> None:
    """Build all that a run has put off, before it ends or goes on with something else."""
    _build(partial(indexes.pending, run), say)


def finish_left_behind(but: ImportRun | None = None, say: Say = silently) -> list[Built]:
    """Build what a command that died left unbuilt."""
    if connection.in_atomic_block or not indexes.has_book():
        return []
    return _build(partial(indexes.left_behind, but), say)


def told(built: Built) -> str:
    """Say that something was built that a command which died had left."""
    return f"built {built.name} on {built.table}, which an interrupted import had put off"


def _build(pending: Callable[[], list[DeferredIndex]], say: Say) -> list[Built]:
    """Build what is pending; where two rows have one key, once more without the tables in pieces of those runs."""
    with explained():
        entries = pending()
        try:
            return list(indexes.build(entries, say=say))
        except IntegrityError as error:
            if not _is_doubled(error):
                raise
        for run in {entry.run for entry in entries}:
            with suppress(runs.SourceHeld), runs.ended(run):  # else who holds it takes them back
                take_back_left(RunTable.objects.filter(file__run=run))
        return list(indexes.build(pending(), say=say))


@contextmanager
def explained() -> Iterator[None]:
    """Raise ``Unbuildable`` where rows forbid what is built."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate(error) not in ADVICE:
            raise
        raise Unbuildable(error) from error


def _is_doubled(error: IntegrityError) -> bool:
    return sqlstate(error) == UNIQUE_VIOLATION
