"""The files that are imported while things are killed: sample files, made harder.

On top of the samples' own faults: every 97th row of each table has a time that is none, every 89th has the
key of a later one in capitals (but in the largest, which is thus read in lanes to its end), every third row of
a table that refers to itself hangs from a later one, some of these in circles, and one table is unknown.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.core.management import call_command

from apps.importer.mapping import ResolvedTable, load_systems

SYSTEMS = ("sparkle", "atlas", "agentos", "voice_agent")
LARGEST = {"sparkle": 8600, "atlas": 9600, "agentos": 5300, "voice_agent": 11500}
"""Rows of the largest table that make a file of 20,000 rows in all."""
WHOLE = 20_000


def make(folder: Path, system: str, rows: int = WHOLE) -> Path:
    """Write one system's file with about that many rows; the same arguments give the same file."""
    largest = max(1, LARGEST[system] * rows // WHOLE)
    call_command("make_samples", str(folder), rows=largest, system=[system], verbosity=0, stdout=_Nothing())
    (path,) = (p for p in folder.iterdir() if p.suffix in (".db", ".sqlite"))
    system_tables = load_systems()[system].of_variant(None)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA foreign_keys = off")
        sizes = {name: _size(file, name) for name in system_tables}
        for name, table in system_tables.items():
            _make_harder(file, table, is_largest=sizes[name] == max(sizes.values()))
        file.execute("CREATE TABLE notebook (page INTEGER PRIMARY KEY, text, drawing BLOB)")
        pages = ((n, f"page {n} 第{n}页", bytes([n % 256]) * 9) for n in range(max(3, rows // 20)))
        file.executemany("INSERT INTO notebook VALUES (?, ?, ?)", pages)
    return path


class _Nothing:
    """A place for what a command prints."""

    def write(self, text: str) -> int:
        return len(text)


def _size(file: sqlite3.Connection, name: str) -> int:
    """Rows of a table, none where the file lacks it."""
    try:
        return int(file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _make_harder(file: sqlite3.Connection, table: ResolvedTable, is_largest: bool) -> None:
    columns = {name for (name,) in file.execute("SELECT name FROM pragma_table_info(?)", [table.source])}
    name = f'"{table.source}"'
    for reference in table.references:
        source = next(c.source for c in table.columns if c.name == reference.column)
        parent = next((c.source for c in table.columns if c.name == reference.to), None)
        if reference.parent == table.target and {source, parent} <= columns:
            _hang_from_later(file, name, f'"{source}"', f'"{parent}"')
    if table.key == ("id",) and "id" in columns and not is_largest:
        later = f"(SELECT b.id FROM {name} b WHERE b.rowid = {name}.rowid + 3 AND length(b.id) = 36)"
        file.execute(
            f"UPDATE {name} SET id = upper({later}) WHERE rowid % 89 = 40 AND upper({later}) <> {later}"
        )
    if "created_at" in columns:
        file.execute(f"UPDATE {name} SET created_at = 'yesterday' WHERE rowid % 97 = 50")


def _hang_from_later(file: sqlite3.Connection, table: str, column: str, key: str) -> None:
    """Let every third row refer to the one after it, and the 10th and 11th of each fifty to one another."""
    there = f"(SELECT b.{key} FROM {table} b WHERE b.rowid = {table}.rowid + %d)"
    file.execute(f"UPDATE {table} SET {column} = {there % 1} WHERE rowid % 3 = 0 AND {there % 1} IS NOT NULL")
    file.execute(
        f"UPDATE {table} SET {column} = {there % 1} WHERE rowid % 50 = 10 AND {there % 1} IS NOT NULL"
    )
    file.execute(f"UPDATE {table} SET {column} = {there % -1} WHERE rowid % 50 = 11")
