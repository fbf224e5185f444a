"""The PostgreSQL of the benchmark: the embedded one with the project's settings, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

from apps.embedded_pg import cluster, postmaster
from apps.embedded_pg.creation import ROLE
from apps.embedded_pg.layout import PORT, Layout, binary
from tests import clone
from tests.bench import measure

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = "bench_template_"
MAKING = "bench_making"
DATABASE = "bench_run"
"""The database of the run that is under way: one at a time."""
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


class Server:
    """A server that runs for as long as this process, and the databases on it."""

    def __init__(self, home: Path) -> None:
        self._layout = Layout(home)
        self.socket = cluster.at(home).ensure()
        self.template = self._ensure_template()

    # -- reaching it

    def url(self, name: str) -> str:
        """A database as DATABASE_URL has it."""
        return f"postgres://{ROLE}@/{name}?{urlencode({'host': self.socket, 'port': PORT})}"

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a client of a database: nothing of this machine that would decide anything."""
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        django = {
            "DJANGO_SECRET_KEY": "bench",
            "DJANGO_DEBUG": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        return {**kept, **django, "DATABASE_URL": self.url(name), "TZ": "UTC", "PGTZ": "UTC"}

    @contextmanager
    def connected(self, name: str) -> Iterator[Any]:
        """A connection without transactions, closed at the end."""
        connection = psycopg2.connect(host=str(self.socket), port=PORT, user=ROLE, dbname=name)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def run(self, name: str, *statements: str) -> None:
        """Run statements, each by itself."""
        with self.connected(name) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, name: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connected(name) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def psql(self, name: str, script: Path) -> list[str]:
        """The command that runs a script and stops at its first error."""
        where = f"host={self.socket} port={PORT} user={ROLE} dbname={name}"
        return [str(binary("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", where, "-f", str(script)]

    # -- databases

    def fresh(self, changes: Sequence[str] = ()) -> str:
        """Make the migrated, empty database anew, change what is to be another, and let the server come to rest."""
        self.drop()
        self.run("postgres", f'CREATE DATABASE "{DATABASE}" TEMPLATE "{self.template}"')
        self.run(DATABASE, *changes, "CHECKPOINT")
        return DATABASE

    def drop(self) -> None:
        """Remove the database."""
        self.run("postgres", f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')

    def _ensure_template(self) -> str:
        name = TEMPLATE + clone.fingerprint()
        old = self.rows("postgres", "SELECT datname FROM pg_database WHERE starts_with(datname, 'bench_')")
        if (name,) in old:
            return name
        for (other,) in old:
            self.run("postgres", f'DROP DATABASE "{other}" WITH (FORCE)')
        self.run("postgres", f'CREATE DATABASE "{MAKING}"')
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=CHECKOUT, env=self.environment(MAKING), check=True)
        self.run("postgres", f'ALTER DATABASE "{MAKING}" RENAME TO "{name}"')
        return name

    # -- what it costs

    def cpu(self) -> float:
        """CPU seconds that the server has used, with its children and those that ended."""
        note = postmaster.read_pid_file(self._layout)
        return measure.cpu_of(list(postmaster.workers(self._layout.data)), note.pid if note else 0)
