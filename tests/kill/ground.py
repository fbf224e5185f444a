"""A PostgreSQL that may be harmed: the project's embedded one in a folder of its own, and commands run on it.

A database with nothing but the migrations is kept as a template; each trial begins with a copy of it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from apps.embedded_pg.account import account_for
from apps.embedded_pg.cluster import Cluster
from apps.embedded_pg.creation import DATABASE, ROLE
from apps.embedded_pg.layout import PORT
from apps.embedded_pg.postmaster import read_pid_file, works_in
from tests.kill.forks import Fork, Forks

BLANK = "blank"
"""The template."""
SERVER = (
    "ALTER SYSTEM SET fsync = off",  # a process that is killed loses nothing of what it gave to the kernel
    "ALTER SYSTEM SET autovacuum = off",  # else it would analyse what the import forgot
    "SELECT pg_reload_conf()",
)
FINE = (0, 3)
"""Exit codes of an import that came to its end."""
HELD = 6
PATIENCE = 120.0
"""Seconds that anything may take before the trial fails."""


@dataclass
class Ended:
    """A command that is over."""

    code: int
    errors: str


@dataclass
class Command:
    """A command that runs, with what it says to standard error in a file."""

    process: subprocess.Popen[bytes] | Fork
    errors: Path

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal, dead or alive."""
        self.process.send_signal(number)

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the command hangs; so far it said: {self.errors.read_text()}") from None
        return Ended(code, self.errors.read_text(errors="replace"))

    def kill_worker(self) -> None:
        """Kill a process that it forked, as soon as there is one."""
        while self.alive():
            with suppress(OSError, IndexError):
                pid = self.process.pid
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                os.kill(int(children[-1]), signal.SIGKILL)
                return
            time.sleep(0.001)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None


class Ground:
    """One private cluster, its template, and the commands of this project run on it."""

    def __init__(self, folder: Path, home: Path | None = None) -> None:
        self.folder = folder
        self.home = home or folder / "pg"
        self.cluster = Cluster(self.home)
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.trace = folder / "trace"
        self.commands = 0
        self.forks = Forks(self._start_to_fork)

    def prepare(self) -> None:
        """Start the server and make the template."""
        self.cluster.ensure()
        self.say(*SERVER)
        migrated = self.manage("migrate", "--verbosity", "0").wait()
        assert migrated.code == 0, migrated.errors
        self.say(f"ALTER DATABASE {DATABASE} RENAME TO {BLANK}")

    def fresh(self, tablespace: str = "pg_default") -> None:
        """Begin anew: a database with no row."""
        self.say(
            f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {DATABASE} TEMPLATE {BLANK} STRATEGY file_copy TABLESPACE {tablespace}",
        )

    def say(self, *statements: str) -> None:
        """Run statements beside the trial's database."""
        with self.connect("postgres") as cursor:
            for statement in statements:
                cursor.execute(statement)

    def give(self, folder: Path) -> None:
        """Hand a folder to the account that the server runs as."""
        account = account_for(self.home)
        os.chown(folder, account.uid, account.gid)

    def keep_as(self, name: str) -> None:
        """Give the present database another name, under which it stays."""
        self.say(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"ALTER DATABASE {DATABASE} RENAME TO {name}"
        )

    @contextmanager
    def connect(self, database: str = DATABASE) -> Iterator[Any]:
        """A cursor on a connection of its own, in autocommit; the server is started when it is down."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                folder = str(self.cluster.revive())
                link = psycopg2.connect(host=folder, port=PORT, user=ROLE, dbname=database)
                break
            except psycopg2.OperationalError:  # it recovers from a crash
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        link.autocommit = True
        with closing(link), link.cursor() as cursor:
            yield cursor

    # -- commands

    def manage(self, *arguments: object, **environment: str) -> Command:
        """Start ``manage.py`` on this ground."""
        return self._start(["manage.py", *map(str, arguments)], environment)

    def step(self, number: int, *arguments: object) -> Command:
        """Start a command that kills itself at a step; 0 for one that counts its steps."""
        return self._start(
            ["-m", "tests.kill.runner", str(self.trace), str(number), *map(str, arguments)], {}
        )

    def fork(self, number: int, *arguments: object) -> Command:
        """As ``step``, in a fork of a process that waits for it."""
        errors = self._errors()
        command = [str(argument) for argument in arguments]
        fork = self.forks.fork(trace=str(self.trace), step=number, command=command, errors=str(errors))
        return Command(fork, errors)

    def steps(self) -> list[str]:
        """The steps that the last command of ``step`` took."""
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    def environment(self) -> dict[str, str]:
        """The environment of a command on this ground: nothing else of this machine decides anything."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "POSTGRES_", "PG"))}
        decided = {
            "DATABASE_URL": "",
            "LEGACY_SQLITE": "",
            "EMBEDDED_PG_DATA": str(self.home),
            "TMPDIR": str(self.temporary),
        }
        return kept | decided

    def _start(self, arguments: list[str], environment: dict[str, str]) -> Command:
        errors = self._errors()
        with errors.open("wb") as file:
            process = self._popen(
                arguments, environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file
            )
        return Command(process, errors)

    def _start_to_fork(self) -> subprocess.Popen[bytes]:
        arguments = ["-m", "tests.kill.forks", "import_sqlite"]
        return self._popen(arguments, {}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def _popen(
        self, arguments: list[str], environment: dict[str, str], **streams: Any
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment() | environment,
            **streams,
        )

    def _errors(self) -> Path:
        """A file for what the next command says to standard error."""
        self.commands += 1
        return self.folder / f"errors-{self.commands % 10}"

    # -- the processes of the server

    def postmaster(self) -> int:
        """The pid of the server."""
        note = read_pid_file(self.cluster.layout)
        assert note is not None
        assert works_in(note.pid, self.cluster.layout.data)
        return note.pid

    def kill_postmaster(self) -> None:
        """Kill the server; its other processes notice, or are ended by the next command."""
        with suppress(ProcessLookupError):
            os.kill(self.postmaster(), signal.SIGKILL)

    def kill_backend(self) -> bool:
        """Kill a server process that serves an import; False where there is none."""
        pids = self.backends()
        if pids:
            with suppress(ProcessLookupError):
                os.kill(pids[0], signal.SIGKILL)
        return bool(pids)

    def backends(self) -> list[int]:
        """The pids of the server's processes that serve the trial's database."""
        with self.connect("postgres") as cursor:
            return backends(cursor)


def backends(cursor: Any) -> list[int]:
    """The pids of the server's processes that serve the trial's database, but for the cursor's own."""
    cursor.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend' "
        "AND pid <> pg_backend_pid()",
        [DATABASE],
    )
    return [pid for (pid,) in cursor.fetchall()]


@contextmanager
def ground(home: Path | None = None) -> Iterator[Ground]:
    """A prepared ground, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rehome-kill-"))
    folder.chmod(0o755)
    found = Ground(folder, home)
    try:
        found.prepare()
        yield found
    finally:
        found.forks.end()
        found.cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
