"""Legacy files for the engine's tests: the tables of a mapping, with whatever values a test needs.

Columns carry no declared type, so that SQLite stores each value in the class in which it is given.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from apps.importer.mapping import ResolvedTable, load_systems

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def columns_of(table: ResolvedTable) -> list[str]:
    links = [link.source for _, link in table.links]
    return list(dict.fromkeys([*(column.source for column in table.columns), *links]))


def create(
    connection: sqlite3.Connection,
    table: ResolvedTable,
    extra: Iterable[str] = (),
    lacks: set[str] = frozenset(),
) -> None:
    columns = [name for name in (*columns_of(table), *extra) if name not in lacks]
    connection.execute(f"CREATE TABLE {quoted(table.source)} ({', '.join(map(quoted, columns))})")


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        names = ", ".join(map(quoted, row))
        marks = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", list(row.values()))


def write(
    path: Path,
    system: str,
    rows: Rows,
    variant: str | None = None,
    extra: Mapping[str, list[str]] | None = None,
) -> Path:
    """Write a file with those tables of a system that ``rows`` names."""
    declared = load_systems()[system]
    shape = next((v for v in declared.variants if v.name == variant), None)
    tables = declared.of_variant(shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        for name, wanted in rows.items():
            create(connection, tables[name], (extra or {}).get(name, ()))
            insert(connection, name, wanted)
    connection.close()
    return path


NOW = "2025-11-03 10:20:30.123456"


def uid(number: int, kind: int = 0) -> str:
    """A uuid that a reader can tell: kind and number."""
    return f"00000000-0000-4000-{0x8000 + kind:04x}-{number:012d}"


def user(number: int, **changes: Any) -> dict[str, Any]:
    """A row of Sparkle's users."""
    return {
        "id": uid(number),
        "username": f"user{number}",
        "email": f"user{number}@example.com",
        "hashed_password": "x",
        "avatar_status": "APPROVED",
        "flame_level": 1,
        "flame_brightness": 0.5,
        "depth_preference": 0.5,
        "curiosity_preference": 0.5,
        "is_active": 1,
        "is_superuser": 0,
        "status": "OFFLINE",
        "registration_source": "email",
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }


def node(number: int, parent: int | None = None, **changes: Any) -> dict[str, Any]:
    """A row of Sparkle's knowledge_nodes."""
    return {
        "id": uid(number, 1),
        "parent_id": None if parent is None else uid(parent, 1),
        "name": f"node {number}",
        "importance_level": 1,
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }


def message(number: int, by: int, **changes: Any) -> dict[str, Any]:
    """A row of Sparkle's chat_messages."""
    return {
        "id": uid(number, 2),
        "user_id": uid(by),
        "session_id": uid(by, 3),
        "role": "USER",
        "content": f"message {number}",
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }
