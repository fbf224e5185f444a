"""Who loads a case: the project's command, and those it is measured against. Each is a program of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.embedded_pg.creation import ROLE
from apps.embedded_pg.layout import PORT
from tests.bench.cases import Case, copy_commands
from tests.bench.server import Server

OURS, COPY = "import_sqlite", "copy"
BATCH = 1000
"""Rows of a transaction, for everybody who has them."""
QUARANTINED = 3
"""Exit code of the command when rows are in quarantine."""

GO_ON = "on error resume next"
ERRORS = {"blobs": "on error stop"}
"""What pgloader is to do about rows that PostgreSQL refuses: of the BLOBs each one, and it tries for hours."""

SECONDARY = """
SELECT format('ALTER TABLE %%1$I DROP CONSTRAINT %%2$I', c.relname, k.conname),
       format('ALTER TABLE %%1$I ADD CONSTRAINT %%2$I %%3$s', c.relname, k.conname, pg_get_constraintdef(k.oid)),
       CASE k.contype WHEN 'f' THEN 3 ELSE 1 END
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relname = ANY(%s) AND k.contype IN ('f', 'u')
UNION ALL
SELECT format('DROP INDEX %%I', i.relname), pg_get_indexdef(i.oid), 2
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
 WHERE c.relname = ANY(%s) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
ORDER BY 3
"""
"""What drops, and what makes again, the foreign keys, unique keys and indexes of tables, but for their keys."""


@dataclass(frozen=True)
class Job:
    """One load to be done: a case into a database; the folder is for what the loader needs beside."""

    case: Case
    server: Server
    database: str
    folder: Path

    def file(self, name: str, lines: Iterator[str]) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


@dataclass(frozen=True)
class Peer:
    """A way to load: its name, what it is called in tables, its command, the program that it needs beside."""

    name: str
    title: str
    command: Callable[[Job], list[str]]
    program: str = ""
    slow: bool = False

    @property
    def missing(self) -> bool:
        """Whether this machine lacks the program."""
        return bool(self.program) and shutil.which(self.program) is None


def manage(*arguments: object) -> list[str]:
    """A command of the project."""
    return [sys.executable, "manage.py", *map(str, arguments)]


def import_sqlite(job: Job) -> list[str]:
    """The project's own command, as a person would give it."""
    report = job.folder / "report.json"
    return manage("import_sqlite", job.case.source, "--batch", BATCH, "--no-progress", "--report", report)


def copy(job: Job) -> list[str]:
    r"""``\copy`` of ready-made files with all constraints and indexes in place."""
    return job.server.psql(job.database, job.file("copy.sql", copy_commands(job.case)))


def copy_deferred(job: Job) -> list[str]:
    r"""``\copy`` without indexes, unique and foreign keys, which are made again afterwards."""
    return job.server.psql(job.database, job.file("deferred.sql", _deferred(job)))


def _deferred(job: Job) -> Iterator[str]:
    tables = [plan.target for plan in job.case.plans]
    found = job.server.rows(job.database, SECONDARY, [tables, tables])
    yield from (f"{drop};" for drop, _, order in reversed(found))
    yield from copy_commands(job.case)
    yield from (f"{make};" for _, make, order in found)


def pgloader(job: Job) -> list[str]:
    """pgloader into the tables that are there, parents first, with batches that its memory holds."""
    case = job.case
    names = ", ".join(f"'{plan.source}'" for plan in case.plans)
    renamed = "\n  ".join(
        f"ALTER TABLE NAMES MATCHING '{plan.source}' RENAME TO '{plan.target}'"
        for plan in case.plans
        if plan.source != plan.target
    )
    into = f"postgresql://{ROLE}@unix:{job.server.socket}:{PORT}/{job.database}"
    script = f"""LOAD DATABASE FROM sqlite://{case.source} INTO {into}
  WITH data only, no foreign keys, {ERRORS.get(case.kind.sample, GO_ON)}, workers = 2, concurrency = 1,
       batch rows = {BATCH}, prefetch rows = {10 * BATCH}
  {renamed}
  INCLUDING ONLY TABLE NAMES LIKE {names};"""
    return [shutil.which("pgloader") or "pgloader", str(job.file("pgloader.load", iter([script])))]


def loader(name: str) -> Callable[[Job], list[str]]:
    """A loader of ``tests.bench.loaders``."""

    def command(job: Job) -> list[str]:
        program = [sys.executable, "-m", "tests.bench.loaders", name]
        return [*program, str(job.case.source), str(job.case.plan_file), str(BATCH)]

    return command


PEERS = (
    Peer(COPY, r"psql \copy", copy),
    Peer(OURS, "import_sqlite", import_sqlite),
    Peer("deferred", r"psql \copy, indexes after", copy_deferred),
    Peer("pgloader", "pgloader", pgloader, program="pgloader", slow=True),
    Peer("execute_values", "psycopg2 execute_values", loader("execute_values"), slow=True),
    Peer("bulk_create", "Django bulk_create", loader("bulk_create"), slow=True),
)
