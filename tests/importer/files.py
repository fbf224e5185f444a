"""Makers of odd SQLite files: damaged, locked, half-written, hostile. Each writes to the path given and returns it."""

from __future__ import annotations

import random
import shutil
import sqlite3
import stat
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROWS = 200
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("held", flush=True)
sys.stdin.read()
"""


def state(folder: Path) -> dict[str, object]:
    """Return all that could change about a folder and what is in it."""
    found: dict[str, object] = {".": (folder.stat().st_mtime_ns, folder.stat().st_mode)}
    for path in folder.iterdir():
        there = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(there.st_mode) else None
        found[path.name] = (there.st_ino, there.st_mtime_ns, there.st_mode, there.st_nlink, content)
    return found


def write(path: Path, *statements: str, rows: Iterable[Any] = (), insert: str = "") -> Path:
    """Write a database by SQL statements, then insert rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for statement in statements:
            connection.execute(statement)
        if insert:
            connection.executemany(insert, rows)
        connection.commit()
    return path


def notes(path: Path, *before: str, rows: int = ROWS) -> Path:
    """Write one table of `rows` notes, with rowids 1, 2, ..., after the statements given."""
    return write(
        path,
        *before,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, weight REAL)",
        "CREATE INDEX notes_body ON notes (body)",
        rows=((n, f"note {n} 笔记 " + "x" * (n % 90), n / 4) for n in range(1, rows + 1)),
        insert="INSERT INTO notes VALUES (?, ?, ?)",
    )


def truncated(path: Path, share: float = 0.5) -> Path:
    """Write notes and keep a share of the file's bytes."""
    notes(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def malformed_page(path: Path) -> Path:
    """Write notes and overwrite the header of a page."""
    notes(path)
    content = bytearray(path.read_bytes())
    content[2 * 4096 : 2 * 4096 + 16] = b"\xff" * 16
    path.write_bytes(content)
    return path


def malformed_schema(path: Path, sql: str = "CREATE TABLE notes (id INTEGER PRIMARY KEY,, body)") -> Path:
    """Write notes with this text as the schema of the table."""
    return write(
        notes(path),
        "PRAGMA writable_schema=ON",
        f"UPDATE sqlite_master SET sql = '{sql}' WHERE name = 'notes'",
    )


def edited_schema(path: Path, edit: str) -> Path:
    """Write notes and a virtual table, then edit the schema's entries by an UPDATE clause."""
    return write(
        notes(path),
        "CREATE TABLE more (id)",
        "CREATE VIRTUAL TABLE words USING fts5(body)",
        "PRAGMA writable_schema=ON",
        f"UPDATE sqlite_master SET {edit}",
    )


def disordered(path: Path) -> Path:
    """Write a WITHOUT ROWID table one of whose keys stands in the wrong place."""
    write(
        path,
        "CREATE TABLE keyed (k TEXT PRIMARY KEY, n) WITHOUT ROWID",
        rows=((f"key {n:04}", n) for n in range(50)),
        insert="INSERT INTO keyed VALUES (?, ?)",
    )
    path.write_bytes(path.read_bytes().replace(b"key 0030", b"key 9030"))
    return path


def misspelt_name(path: Path) -> Path:
    """Write notes whose schema is malformed at a name that is no UTF-8."""
    malformed_schema(path, "CREATE TABLE caf_ (id,, body)")
    path.write_bytes(path.read_bytes().replace(b"caf_", b"caf\xe9"))
    return path


def encrypted_looking(path: Path) -> Path:
    """Write what an encrypted database looks like: whole pages of noise."""
    path.write_bytes(random.Random(7).randbytes(8 * 4096))
    return path


def bad_page_size(path: Path, size: int) -> Path:
    """Write notes with another page size in the header."""
    notes(path)
    content = bytearray(path.read_bytes())
    content[16:18] = struct.pack(">H", size)
    path.write_bytes(content)
    return path


def damaged(path: Path, original: bytes, seed: int) -> Path:
    """Write a database with bytes flipped, its end cut off, or pages swapped, as the seed says."""
    chance = random.Random(seed)
    content = bytearray(original)
    kind = chance.choice(("flip", "flip", "cut", "swap"))
    if kind == "flip":
        for _ in range(chance.choice((1, 5, 50, 500))):
            content[chance.randrange(100 if chance.random() < 0.8 else 0, len(content))] ^= chance.randrange(
                1, 256
            )
    elif kind == "cut":
        del content[chance.randrange(1, len(content)) :]
    else:
        first, second = (chance.randrange(len(content) // 4096) * 4096 for _ in range(2))
        page = content[first : first + 4096]
        content[first : first + 4096] = content[second : second + 4096]
        content[second : second + 4096] = page
    path.write_bytes(content)
    return path


def _copy_open(connection: sqlite3.Connection, work: Path, path: Path) -> Path:
    """Take the files of a database as a kill would leave them."""
    for suffix in ("", "-wal", "-journal"):
        part = work.with_name(work.name + suffix)
        if part.exists():
            shutil.copyfile(part, path.with_name(path.name + suffix))
    connection.rollback()
    connection.close()
    return path


def with_log(path: Path, work: Path, uncommitted: bool = False) -> Path:
    """Write notes of which every other row stands in the write-ahead log alone, as after a kill.

    With `uncommitted`, an open transaction's changes of all rows follow in the log. `work` is an empty folder.
    """
    notes(work / "log.db", "PRAGMA journal_mode=WAL")
    connection = sqlite3.connect(work / "log.db")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("INSERT INTO notes SELECT id + 1000, 'in the log', 0 FROM notes")
    connection.commit()
    if uncommitted:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("UPDATE notes SET body = 'never committed ' || hex(zeroblob(300))")
    return _copy_open(connection, work / "log.db", path)


def with_hot_journal(path: Path, work: Path) -> Path:
    """Write notes that an unfinished transaction has half overwritten, with its rollback journal, as after a kill."""
    notes(work / "hot.db", rows=2000)
    connection = sqlite3.connect(work / "hot.db")
    connection.execute("PRAGMA cache_size=1")
    connection.execute("UPDATE notes SET body = 'never committed ' || hex(zeroblob(300))")
    return _copy_open(connection, work / "hot.db", path)


def name_super_journal(journal: Path, name: Path) -> None:
    """End a rollback journal with the record of a super-journal."""
    text = bytes(name)
    record = (
        struct.pack(">I", 1)
        + text
        + struct.pack(">II", len(text), sum(text))
        + bytes.fromhex("d9d505f920a163d7")
    )
    with open(journal, "ab") as file:
        file.write(record)


@contextmanager
def held(path: Path, *statements: str) -> Iterator[subprocess.Popen[str]]:
    """Keep another process at the database that has run these statements."""
    command = [sys.executable, "-c", HOLD, str(path), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def wide(path: Path, columns: int = 2000) -> Path:
    """Write a table of very many columns with two rows."""
    names = [f"column_{n}" for n in range(columns)]
    return write(
        path,
        f"CREATE TABLE wide ({', '.join(names)})",
        rows=[list(range(columns)), [None] * (columns - 1) + ["last"]],
        insert=f"INSERT INTO wide VALUES ({', '.join('?' * columns)})",
    )


def many_tables(path: Path, tables: int = 300) -> Path:
    """Write very many tables of one row each."""
    creates = [f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a TEXT, b REAL)" for n in range(tables)]
    return write(path, *creates, *(f"INSERT INTO t{n} VALUES ({n}, 'a', 1.5)" for n in range(tables)))


def booby_trapped(path: Path) -> Path:
    """Write notes beside views, triggers, checks and columns that would take for ever, or do harm, if they ran."""
    bomb = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
    return write(
        notes(path),
        f"CREATE VIEW forever AS {bomb}",
        "CREATE VIEW broken AS SELECT * FROM no_such_table",
        f"CREATE TRIGGER spring AFTER UPDATE ON notes BEGIN DELETE FROM notes WHERE id > ({bomb}); END",
        "PRAGMA ignore_check_constraints=ON",
        "CREATE TABLE checked (a, CHECK (a NOT LIKE '%a%a%a%a%a%a%b'))",
        f"INSERT INTO checked VALUES ('{'a' * 100}')",
        "CREATE TABLE heavy (a, b AS (hex(zeroblob(30000000))) VIRTUAL)",
        "INSERT INTO heavy VALUES (1)",
    )


def unknown_module(path: Path) -> Path:
    """Write notes beside a virtual table of a module that no SQLite has, with its tables."""
    return write(
        notes(path),
        "CREATE TABLE vectors_data (id INTEGER PRIMARY KEY, block BLOB)",
        "CREATE TABLE vectors_notes (id INTEGER PRIMARY KEY)",
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('table', 'vectors', 'vectors', 0,"
        " 'CREATE VIRTUAL TABLE vectors USING no_such_module(dims=3)')",
    )
