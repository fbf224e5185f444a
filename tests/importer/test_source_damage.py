"""Damaged files: refused, or read to the end; never another exception, never for long."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from apps.importer.source import Refused, open_source
from tests.importer import files

SEEDS = 60


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with all that a schema can have, so that damage meets each of it."""
    path = files.write(
        files.booby_trapped(tmp_path_factory.mktemp("damage") / "whole.db"),
        "CREATE TABLE keyed (k TEXT COLLATE NOCASE, l, v, PRIMARY KEY (k, l DESC)) WITHOUT ROWID",
        "INSERT INTO keyed SELECT body, id, weight FROM notes",
        "CREATE TABLE long (a, b NOT NULL)",
        "INSERT INTO long SELECT zeroblob(id * 100), hex(zeroblob(id * 50)) FROM notes",
        "CREATE VIRTUAL TABLE words USING fts5(body)",
        "INSERT INTO words SELECT body FROM notes",
        "DELETE FROM long WHERE rowid % 3 = 0",
    )
    return path.read_bytes()


def read_all(path: Path) -> dict[str, int]:
    """Read every row of every table; return how many there are."""
    found = {}
    with open_source(path) as source:
        for table in source.tables.values():
            names = [column.name for column in table.columns if not column.generated]
            if table.readable:
                found[table.name] = sum(len(rows) for rows in source.rows(table, names, 50))
                assert source.count(table) == found[table.name]
    return found


def outcome(path: Path) -> dict[str, int] | Refused:
    try:
        return read_all(path)
    except Refused as refused:
        return refused


def tables_of(path: Path) -> set[str]:
    """Ask SQLite itself what tables the file has."""
    with closing(sqlite3.connect(path)) as connection:
        listed = connection.execute("PRAGMA table_list").fetchall()
    return {name for schema, name, kind, *_ in listed if kind in ("table", "shadow") and schema == "main"} - {
        "sqlite_schema"
    }


def test_the_original_is_sound(tmp_path: Path, original: bytes) -> None:
    path = tmp_path / "whole.db"
    path.write_bytes(original)
    assert tables_of(path) == read_all(path).keys()
    assert sum(read_all(path).values()) > 3 * files.ROWS


@pytest.mark.parametrize("seed", range(SEEDS))
def test_damage_is_refused_or_harmless(tmp_path: Path, original: bytes, seed: int) -> None:
    path = files.damaged(tmp_path / "damaged.db", original, seed)
    before = path.read_bytes()
    started = time.monotonic()
    found = outcome(path)
    assert time.monotonic() - started < 10
    assert path.read_bytes() == before
    if isinstance(found, Refused):
        assert found.reason in ("corrupt", "not_sqlite")
        assert found.message.isprintable()
    else:
        assert found.keys() == tables_of(path)
