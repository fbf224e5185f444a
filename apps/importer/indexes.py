"""Indexes and foreign keys put off while an empty table is filled, built at the end, and never left missing.

What is dropped is written down in the transaction that drops it; what is built again is struck out in the
transaction that builds it. After a crash anywhere the book says what is missing, and the next command of the
importer, or ``migrate``, builds it. The keys of a table, which tell duplicates, and the indexes of the provenance are
put off only while lanes fill the table, and tell duplicates when they are built, see ``keys``. Autovacuum keeps away
for as long, and the book says that, too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import psycopg2
from django.db import InternalError, OperationalError, connection, transaction
from psycopg2 import errorcodes

from apps.core.database import sqlstate
from apps.importer.models import DeferredIndex, ImportRun, Provenance
from apps.importer.runs import try_lock, unlock
from apps.importer.sql import query, quote

ORIGINS = Provenance._meta.db_table
WORTH_ROWS = 5000
"""Rows from which a table is filled faster without its indexes."""
WORTH_KB = 1024
"""Size of a table from which its statistics are worth a connection of their own."""
LEAST_KB, MOST_KB = 64 * 1024, 1024 * 1024
"""Bounds of maintenance_work_mem, in kB, for one build: what the table has, between them."""
ORDER = (DeferredIndex.Kind.INDEX, DeferredIndex.Kind.FOREIGN_KEY, DeferredIndex.Kind.SETTING)
BUSY = {errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED}
AT_MOST = "SELECT set_config('lock_timeout', %s, true)"
PATIENCE, PAUSE = "2s", 0.2
"""How long to wait for a table that others use, who meanwhile queue up behind; seconds before it is tried again."""
REFERRED = re.compile(r'REFERENCES (?:"?\w+"?\.)?"?(\w+)').findall
"""The table that the definition of a foreign key refers to."""
HNSW = "USING hnsw"
ALTER = "ALTER TABLE"
BUILDERS, MOST_BUILDERS = 2, 4
"""Builds at once, by default and at most: each may take its memory, and has workers of PostgreSQL beside it."""

SECONDARY = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass AND NOT i.indisprimary AND NOT i.indisunique
AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY c.relname
"""
UNIQUE = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass AND i.indisunique
AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY c.relname
"""
KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY conname
"""
FOREIGN_KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype = 'f' AND convalidated ORDER BY conname
"""

AUTOVACUUM = """
SELECT 1 FROM pg_class c, unnest(c.reloptions) option
WHERE c.oid = %s::regclass AND split_part(option, '=', 1) = 'autovacuum_enabled'
"""
"""Whether a table has a setting of its own that says if it is vacuumed."""


class Busy(Exception):
    """Another session does not let go of a table, or of one that it refers to, in time."""


Say = Callable[[str], None]
"""Takes a message for a person."""


def silently(message: str) -> None:
    """Say nothing."""


class Built(NamedTuple):
    """An index or foreign key that was built, and the seconds it took."""

    table: str
    name: str
    seconds: float


def is_empty(table: str) -> bool:
    """Tell whether a table has no row."""
    return not query(f"SELECT 1 FROM {quote(table)} LIMIT 1")


def without_statistics(tables: Collection[str]) -> set[str]:
    """Return those tables of which the planner never took statistics."""
    names = query(
        "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(%s::regclass[]) AND c.reltuples < 0",
        [[quote(table) for table in tables]],
    )
    return {name for (name,) in names}


def put_off(run: ImportRun, table: str) -> bool:
    """Drop the secondary indexes and foreign keys of an empty table, and write down how to build them.

    False where another session does not let go of it, or of a table that it refers to.
    """
    with suppress(Busy), _alone(table):
        if is_empty(table):
            _drop_indexes(run, table, SECONDARY)
            _drop_constraints(run, table, DeferredIndex.Kind.FOREIGN_KEY, FOREIGN_KEYS)
            _keep_vacuum_out(run, table)
        return True
    return False


def put_off_origins(run: ImportRun, rows: int) -> None:
    """Drop the indexes of the provenance while so many new rows come in, where it holds fewer yet.

    Nothing looks for a row by them meanwhile.
    """
    with suppress(Busy), _alone(ORIGINS):
        ((there,),) = query(f"SELECT count(*) FROM {ORIGINS}")
        if there > rows:
            return
        _drop_indexes(run, ORIGINS, SECONDARY)
        _drop_constraints(run, ORIGINS, DeferredIndex.Kind.INDEX, KEYS)
        _keep_vacuum_out(run, ORIGINS)


def put_off_keys(run: ImportRun, table: str) -> bool:
    """Drop the keys of an empty table on which nothing depends; tell whether the table is without them now.

    Foreign keys that another run has put off will depend on it when they are built, which may be at any moment.
    """
    with suppress(Busy), _alone(table):
        others = DeferredIndex.objects.filter(kind=DeferredIndex.Kind.FOREIGN_KEY).exclude(run=run)
        if not is_empty(table) or others.exists():
            return False
        try:
            with transaction.atomic():
                _drop_constraints(run, table, DeferredIndex.Kind.INDEX, KEYS)
                _drop_indexes(run, table, UNIQUE)
        except InternalError as error:
            if sqlstate(error) != errorcodes.DEPENDENT_OBJECTS_STILL_EXIST:
                raise
            return False
        return True
    return False


def put_off_foreign_keys(run: ImportRun, table: str) -> None:
    """Drop the foreign keys of a table, whatever it holds: rows are about to be taken out of it and its parents."""
    with suppress(Busy), _alone(table):
        _drop_constraints(run, table, DeferredIndex.Kind.FOREIGN_KEY, FOREIGN_KEYS)


@contextmanager
def _alone(table: str) -> Iterator[None]:
    """Have a table to oneself for a transaction. Raises ``Busy``; nothing is done then.

    Whoever waits for such a lock has everybody else wait behind: a backup holds every table for hours.
    """
    with _in_time(), transaction.atomic():
        query(AT_MOST, [PATIENCE])
        query(f"LOCK TABLE {quote(table)} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise ``Busy`` where PostgreSQL gives up waiting."""
    try:
        yield
    except OperationalError as error:
        if sqlstate(error) not in BUSY:
            raise
        raise Busy from error


def _keep_vacuum_out(run: ImportRun, table: str) -> None:
    """Have autovacuum leave a table alone: whoever builds an index or takes statistics waits a second for it."""
    if query(AUTOVACUUM, [quote(table)]):
        return
    undone = f"ALTER TABLE {quote(table)} RESET (autovacuum_enabled)"
    _note(run, table, "autovacuum_enabled", DeferredIndex.Kind.SETTING, undone)
    query(f"ALTER TABLE {quote(table)} SET (autovacuum_enabled = off)")


def _drop_indexes(run: ImportRun, table: str, found: str) -> None:
    """Drop the indexes of a table that a query finds, and write them down."""
    for name, definition in query(found, [quote(table)]):
        _note(run, table, name, DeferredIndex.Kind.INDEX, definition)
        query(f"DROP INDEX {quote(name)}")


def _drop_constraints(run: ImportRun, table: str, kind: DeferredIndex.Kind, found: str) -> None:
    """Drop the constraints of a table that a query finds, and write them down."""
    alter = f"{ALTER} {quote(table)}"
    for name, definition in query(found, [quote(table)]):
        _note(run, table, name, kind, f"{alter} ADD CONSTRAINT {quote(name)} {definition}")
        query(f"{alter} DROP CONSTRAINT {quote(name)}")


def _note(run: ImportRun, table: str, name: str, kind: DeferredIndex.Kind, statement: str) -> None:
    DeferredIndex.objects.create(run=run, table=table, name=name, kind=kind, statement=statement)


def pending(run: ImportRun) -> list[DeferredIndex]:
    """Return what a run has put off and not built."""
    return list(DeferredIndex.objects.filter(run=run).order_by("kind", "table", "name"))


def pending_keys(run: ImportRun) -> list[DeferredIndex]:
    """Return the keys that a run has put off and not built, and the indexes of the provenance."""
    return [entry for entry in pending(run) if is_key(entry) or _is_of_origins(entry)]


def is_key(entry: DeferredIndex) -> bool:
    """Tell whether what was put off lets no two rows have the same."""
    is_index = entry.kind == DeferredIndex.Kind.INDEX
    return is_index and any(f" {word} " in entry.statement for word in ("PRIMARY KEY", "UNIQUE"))


def _is_of_origins(entry: DeferredIndex) -> bool:
    return (entry.table, entry.kind) == (ORIGINS, DeferredIndex.Kind.INDEX)


def left_behind(but: ImportRun | None = None) -> list[DeferredIndex]:
    """Return what runs have put off that no living command holds; a run that goes on builds its own."""
    found = DeferredIndex.objects.select_related("run").order_by("kind", "table", "name")
    runs = {entry.run for entry in found if entry.run != but}
    dead = {run for run in runs if not _is_held(run)}
    return [entry for entry in found if entry.run in dead]


def _is_held(run: ImportRun) -> bool:
    """Tell whether another connection holds the lock of a run."""
    key = f"rehome:run:{run.pk}"
    free = try_lock(key)
    if free:
        unlock(key)
    return not free


def build(
    entries: Sequence[DeferredIndex], builders: int = BUILDERS, say: Say = silently
) -> Generator[Built]:
    """Build what was put off: indexes side by side, then the foreign keys, which may use them; then undo settings.

    What another session does not let go of is told once, and tried until it does.
    """
    builders = min(builders, MOST_BUILDERS)
    with _Links() as links, ThreadPoolExecutor(builders) as pool:
        for kind in ORDER:
            batch = sorted((entry for entry in entries if entry.kind == kind), key=_costliest_first)
            one_by_one = partial(_build, links, len(batch) >= builders > 1)
            for one in _side_by_side(batch, builders, pool, one_by_one, say):
                if kind != DeferredIndex.Kind.SETTING:
                    yield one


def _side_by_side(
    entries: Sequence[DeferredIndex],
    builders: int,
    pool: Executor,
    work: Callable[[DeferredIndex], Built | None],
    say: Say,
) -> Iterator[Built]:
    """Have so many built at once, and none that would wait for another's lock while there is other work."""
    waiting, running = list(entries), dict[Future[Built | None], DeferredIndex]()
    told = set()
    while waiting or running:
        for entry in list(waiting):
            if len(running) < builders and not any(_collide(entry, other) for other in running.values()):
                waiting.remove(entry)
                running[pool.submit(work, entry)] = entry
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            entry = running.pop(future)
            if one := future.result():
                yield one
                continue
            waiting.append(entry)
            if entry.table not in told:
                say(f"waiting for another session to let go of table {entry.table}")
                told.add(entry.table)
            time.sleep(PAUSE)


def _collide(one: DeferredIndex, other: DeferredIndex) -> bool:
    """Tell whether one is built with a table to itself that the other needs, too."""
    both = any(entry.statement.startswith(ALTER) for entry in (one, other))
    return both and not _tables(one).isdisjoint(_tables(other))


def _tables(entry: DeferredIndex) -> set[str]:
    """Return the table and, of a foreign key, the one that it refers to."""
    return {entry.table, *REFERRED(entry.statement)}


def analyze(tables: Collection[str], jobs: int) -> None:
    """Take statistics of tables: the large ones side by side, each on a connection of its own."""
    pages = (
        "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(%s::regclass[]) AND pg_relation_size(c.oid) >= %s"
    )
    found = query(pages, [[quote(table) for table in tables], WORTH_KB * 1024]) if jobs > 1 else []
    large = sorted(name for (name,) in found) if len(found) > 1 else []
    with _Links() as links, ThreadPoolExecutor(max(1, min(jobs, MOST_BUILDERS))) as pool:
        apart = pool.map(partial(_analyze, links), large)
        for table in sorted({*tables} - {*large}):
            query(f"ANALYZE {quote(table)}")
        list(apart)


def _analyze(links: _Links, table: str) -> None:
    with links.cursor() as cursor:
        cursor.execute(f"ANALYZE {quote(table)}")


def has_book() -> bool:
    """Tell whether the database is migrated as far as this module needs."""
    return bool(query("SELECT to_regclass('importer_deferredindex') IS NOT NULL")[0][0])


def _costliest_first(entry: DeferredIndex) -> tuple[bool, bool, int, str, str]:
    """Sort graphs before other indexes, these by their columns, and those of some rows last.

    What is begun last is to end soon.
    """
    made = entry.statement
    return HNSW not in made, " WHERE " in made, -made.count(","), entry.table, entry.name


def _build(links: _Links, crowded: bool, entry: DeferredIndex) -> Built | None:
    """Build one index or key, in one transaction with striking it out; None where another session holds the table.

    ``crowded``: others are built meanwhile, so that workers of PostgreSQL would only contend for its cores; a graph
    is worth them all the same.
    """
    started = time.monotonic()
    with suppress(Busy):
        with _in_time(), links.cursor() as cursor:
            cursor.execute(AT_MOST, [PATIENCE])
            cursor.execute("SELECT pg_table_size(to_regclass(%s)) / 1024", [f'"{entry.table}"'])
            row = cursor.fetchone()
            memory = min(max(int(row[0] or 0) if row else 0, LEAST_KB), MOST_KB)
            cursor.execute("SET LOCAL maintenance_work_mem = %s", [f"{memory}kB"])
            # by a crash, the book and what it tells of are lost together
            cursor.execute("SET LOCAL synchronous_commit = off")
            if crowded and HNSW not in entry.statement:
                cursor.execute("SET LOCAL max_parallel_maintenance_workers = 0")
            cursor.execute("DELETE FROM importer_deferredindex WHERE id = %s RETURNING id", [str(entry.pk)])
            if cursor.fetchone():
                cursor.execute(entry.statement)
        return Built(entry.table, entry.name, round(time.monotonic() - started, 3))
    return None


class _Links:
    """Connections beside Django's, for threads: each is used by one at a time, and opened where none is free."""

    def __init__(self) -> None:
        self._parameters = _parameters()
        self._free: SimpleQueue[Any] = SimpleQueue()
        self._opened: list[Any] = []

    def __enter__(self) -> _Links:
        return self

    def __exit__(self, *error: object) -> None:
        for link in self._opened:
            link.close()

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Give a cursor and a transaction; errors come out as Django's."""
        with connection.wrap_database_errors:
            link = self._take()
            try:
                with link, link.cursor() as cursor:
                    yield cursor
            finally:
                self._free.put(link)

    def _take(self) -> Any:
        try:
            return self._free.get_nowait()
        except Empty:
            link = psycopg2.connect(**self._parameters)
            self._opened.append(link)
            return link


def _parameters() -> dict[str, Any]:
    """Return how to connect once more; what is Django's own among the parameters stays out."""
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
