"""Reading sample files in tests: tables, references and texts, straight from SQLite."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "facts"
UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)

Shape = dict[str, list[str]]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads undecodable text too, as lone surrogates."""
    connection = sqlite3.connect(path)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield connection
    finally:
        connection.close()


def tables(connection: sqlite3.Connection) -> list[str]:
    """Plain tables, full text indexes and SQLite's own left out."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found if not name.startswith("sqlite_") and "_fts" not in name]


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    names = columns(connection, table)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(f'SELECT * FROM "{table}"')]


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a file, by table."""
    with opened(path) as connection:
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables(connection)}


def canonical(value: Any) -> Any:
    """A value as it compares with others: uuids in one spelling."""
    if isinstance(value, str) and UUID.fullmatch(value):
        return value.lower().replace("-", "")
    return value


def dangling(connection: sqlite3.Connection) -> Counter[tuple[str, str]]:
    """Rows whose declared parent is not in the file, by table and column."""
    found: Counter[tuple[str, str]] = Counter()
    for table in tables(connection):
        for key in connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall():
            parent, child_column, parent_column = key[2], key[3], key[4]
            known = {canonical(v) for (v,) in connection.execute(f'SELECT "{parent_column}" FROM "{parent}"')}
            named = connection.execute(f'SELECT "{child_column}" FROM "{table}"').fetchall()
            lost = sum(value is not None and canonical(value) not in known for (value,) in named)
            if lost:
                found[table, child_column] += lost
    return found


def shape(connection: sqlite3.Connection) -> Shape:
    return {table: columns(connection, table) for table in tables(connection)}


def facts(system: str, variant: str) -> Shape:
    """Columns by table as the dictionaries have them.

    A line of a file of facts is `table: columns`, indented where it goes on; for a variant `-` names tables
    that are missing beside the standard file, `=` all those that are there.
    """
    standard, _, _ = _read(system)
    if variant == "standard":
        return standard
    changed, missing, kept = _read(f"{system}_{variant}")
    present = (kept or set(standard)) - missing
    return {table: names for table, names in standard.items() if table in present} | changed


def _read(name: str) -> tuple[Shape, set[str], set[str]]:
    found: Shape = {}
    missing: set[str] = set()
    kept: set[str] = set()
    table = ""
    for line in (FACTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("- "):
            missing.update(line[2:].split())
        elif line.startswith("= "):
            kept.update(line[2:].split())
        elif line.startswith(" "):
            found[table] += line.split()
        elif not line.startswith("#"):
            table, _, names = line.partition(":")
            found[table] = names.split()
    return found, missing, kept
