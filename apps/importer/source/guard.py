"""A SQLite connection that only reads ordinary tables, and what its errors mean for the file.

Nothing of the file runs on it: no view, trigger, CHECK or virtual table. Three fences stand one behind the
other: the settings, the lowered limits, and an authorizer that allows nothing but the reading that this
package does.
"""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import quote

from apps.importer.source import stopping
from apps.importer.source.errors import ADVICE, Refused

LENIENT = functools.partial(str, encoding="utf-8", errors="surrogateescape")
"""Decodes TEXT of any bytes; slower than `str`, which fails on bytes that are no UTF-8."""

SETTINGS = (
    "trusted_schema=OFF",
    "query_only=ON",
    "cell_size_check=ON",
    "ignore_check_constraints=ON",
    "mmap_size=0",
    "recursive_triggers=OFF",
)
USUAL_LENGTH = 64 * 2**20
LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LENGTH: USUAL_LENGTH,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 16 * 2**20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
"""Lower than SQLite's own where no honest schema needs more; its 2,000 columns stay."""

SCHEMA = frozenset({"sqlite_master", "sqlite_schema"})
STATISTICS = "dbstat"
FUNCTIONS = frozenset(
    {"coalesce", "count", "date", "datetime", "glob", "hex", "length", "lower", "max", "substr", "typeof"}
)
PRAGMAS = frozenset(
    {
        *("encoding", "foreign_key_list", "index_list", "index_xinfo", "integrity_check", "quick_check"),
        "table_xinfo",
    }
)
PROGRESS_STEPS = 100_000
"""Instructions of SQLite between two looks at the clock: well under a tenth of a second."""


class Guard:
    """A connection's authorizer and clock; `readable` names the tables that may be read."""

    def __init__(self) -> None:
        self.readable: set[str] = set(SCHEMA)
        self._until = float("inf")
        self._seconds = 0.0
        self._interruption: BaseException | None = None

    def allow(
        self, action: int, first: str | None, second: str | None, database: str | None, _: object
    ) -> int:
        """Decide on one step of a statement: whether it reads a table of the file, or does what reading takes."""
        allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and database in ("main", None) and first in self.readable)
            or (action == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS)
            or (action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS)
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def start_clock(self, seconds: float) -> None:
        """Let statements run for so many seconds from now on, all together."""
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def clock(self) -> Callable[[], bool]:
        """Return what SQLite asks now and then whether to stop."""
        watch = self._watch()
        next(watch)
        return functools.partial(next, watch)

    def _watch(self) -> Generator[bool, None, None]:
        """Answer by the clock, and after an interruption.

        A generator, because sqlite3 swallows what its callback raises: a signal handler's exception (Ctrl-C)
        comes up where the code resumes, and only here is that inside a try.
        """
        while True:
            try:
                yield self._interruption is not None or time.monotonic() > self._until
            except GeneratorExit:
                raise
            except BaseException as error:
                self._interruption = error

    def explain(self, error: Exception) -> BaseException:
        """Say what to raise for an error of SQLite: a refusal, or the exception that interrupted it.

        A name in the schema that is no UTF-8 fails in sqlite3 itself, with a UnicodeDecodeError.
        """
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT and self._interruption is not None:
            interruption, self._interruption = self._interruption, None
            return interruption
        if (asked := stopping.asked()) is not None:
            return asked
        if code == sqlite3.SQLITE_INTERRUPT:
            return Refused("corrupt", f"it could not be read within {self._seconds:g} s; {ADVICE}")
        if code == sqlite3.SQLITE_NOTADB:
            return Refused("not_sqlite", f"SQLite does not take it ({error}); if it is encrypted, decrypt it")
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN):
            return Refused(
                "no_space", f"its private copy cannot be written ({error}); free disk or set TMPDIR"
            )
        problem = "it is damaged" if code == sqlite3.SQLITE_CORRUPT else "SQLite cannot read it"
        return Refused("corrupt", f"{problem} ({error}); {ADVICE}")


def connect(path: Path) -> tuple[sqlite3.Connection, Guard]:
    """Open a private copy, for writing: its journal or log is recovered on the first read."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    guard = Guard()
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}").fetchall()
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    connection.text_factory = LENIENT
    connection.set_authorizer(guard.allow)
    connection.set_progress_handler(guard.clock(), PROGRESS_STEPS)
    return connection, guard


def has_statistics(connection: sqlite3.Connection, guard: Guard) -> bool:
    """Start SQLite's own table of page statistics; False where this SQLite was built without.

    Only for files without a table of that name. Without authorizer, which takes its start for a change of the
    schema.
    """
    if STATISTICS in guard.readable:
        return True
    connection.set_authorizer(None)
    try:
        connection.execute(f"SELECT 1 FROM {STATISTICS} LIMIT 0")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR:
            raise
        return False
    finally:
        connection.set_authorizer(guard.allow)
    guard.readable.add(STATISTICS)
    return True


FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What sqlite3 raises for a file, to be explained by a guard."""


def is_too_big(error: Exception) -> bool:
    """Whether a value was over the connection's limit of length."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_TOOBIG


def is_undecodable(error: Exception) -> bool:
    """Whether a TEXT was no UTF-8: sqlite3's own error, without a code of SQLite."""
    return (
        isinstance(error, sqlite3.OperationalError)
        and not hasattr(error, "sqlite_errorcode")
        and "decode to UTF-8" in str(error)
    )
