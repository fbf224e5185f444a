"""``manage.py`` that kills itself: it counts the steps it takes towards PostgreSQL and ends at one of them.

Run as ``python -m tests.kill.runner TRACE STEP COMMAND ...``. A step is a gap between two things that the
command asks of PostgreSQL on any of its connections: before a statement, within the data of a COPY, before a
COMMIT, after the last of them. At the gap with the number STEP the command gets SIGKILL; with STEP 0 it lives.
TRACE is a file that gets one line for each gap, what came before and what would have come next.

Processes that the command forks count on with it, whichever passes a gap. At the fatal one the command itself
is killed; the process that passed it goes no further, and is to die of that, as are the others.

Nothing of the command is replaced: psycopg2 lets a program name the classes of its connections and cursors.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import re
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2 import extensions

from config import entry

COUNT = struct.Struct("Q")
FOREVER = 600.0
WORDS = {
    "SELECT": 6, "INSERT": 3, "UPDATE": 2, "DELETE": 3, "COPY": 2, "CREATE": 4, "DROP": 4, "ALTER": 4, "SET": 3,
    "ANALYZE": 2, "LOCK": 3, "SAVEPOINT": 1,
}  # fmt: skip
"""How many words of a statement are enough to know it by."""


class Steps:
    """The gaps passed so far by the command's processes, written down as they are passed."""

    def __init__(self, trace: str, fatal: int) -> None:
        self.fatal = fatal
        self.command = os.getpid()
        self.count = mmap.mmap(-1, COUNT.size)
        self.last = "start"
        self.mutex = threading.Lock()
        self.file = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def pass_gap(self, following: str) -> None:
        """Stand between what was done last and what follows; here the command may end."""
        with self.mutex, self._alone():
            (count,) = COUNT.unpack(self.count[:])
            self.count[:] = COUNT.pack(count + 1)
            os.write(self.file, f"{self.last} | {following}\n".encode())
            if count + 1 == self.fatal:
                os.kill(self.command, signal.SIGKILL)
                time.sleep(FOREVER)
            self.last = following

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the other processes waiting; the kernel lets go for one that dies."""
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self.file, fcntl.LOCK_UN)


STEPS: Steps


def short(statement: Any) -> str:
    """What a statement is, in a few words."""
    text = statement.decode() if isinstance(statement, bytes) else str(statement)
    words = re.sub(r'["(),]', " ", text).split()
    return " ".join(words[: WORDS.get(words[0].upper(), 2)]) if words else "nothing"


class CountingCursor(extensions.cursor):
    """A cursor that passes a gap before each statement, and one within the data of each COPY."""

    def execute(self, query: Any, *args: Any) -> None:
        STEPS.pass_gap(short(query))
        super().execute(query, *args)

    def copy_expert(self, sql: Any, file: Any, *args: Any, **options: Any) -> None:
        STEPS.pass_gap(short(sql))
        super().copy_expert(sql, Halved(file, short(sql)), *args, **options)


class Halved:
    """The data of a COPY, with a gap before its second half."""

    def __init__(self, file: Any, name: str) -> None:
        self.file = file
        self.name = f"second half of {name}"
        start = file.tell()
        self.middle = (file.seek(0, os.SEEK_END) - start) // 2
        file.seek(start)
        self.sent = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at first not beyond the middle."""
        if self.sent < self.middle:
            size = min(size, self.middle - self.sent) if size >= 0 else self.middle - self.sent
        data: bytes = self.file.read(size)
        self.sent += len(data)
        if self.sent == self.middle and data:
            self.middle = -1
            self._pass()
        return data

    def _pass(self) -> None:
        STEPS.pass_gap(self.name)


class CountingConnection(extensions.connection):
    """A connection that passes a gap before each COMMIT."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cursor_factory = CountingCursor

    def commit(self) -> None:
        STEPS.pass_gap("COMMIT")
        super().commit()

    def rollback(self) -> None:
        STEPS.pass_gap("ROLLBACK")
        super().rollback()


def count_on_connections() -> None:
    """Let Django's connections be of the classes that count."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    options = settings.DATABASES["default"].setdefault("OPTIONS", {})
    options.update(connection_factory=CountingConnection, cursor_factory=CountingCursor)


def run(trace: str, step: int, command: list[str]) -> int:
    """Run the command as ``manage.py`` would."""
    global STEPS
    STEPS = Steps(trace, step)
    code = entry.run(["manage.py", *command])
    STEPS.pass_gap("end")
    return code


def main() -> int:
    """Do what the command line says."""
    trace, step, *command = sys.argv[1:]
    count_on_connections()
    return run(trace, int(step), command)


if __name__ == "__main__":
    sys.exit(main())
