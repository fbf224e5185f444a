"""What tests of an undo share: a file with something of everything, a change of all of it, dumps to compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import apps
from django.db import connection

from apps.importer import undo
from apps.importer.mapping import load_systems
from apps.importer.models import ImportRun
from tests.importer.legacy import message, node, uid, user, write
from tests.importer.test_import import change

OWN = ("importer_provenance", "importer_quarantinedrow", "importer_archivedrow")


@contextmanager
def connection_of_another() -> Iterator[Any]:
    """A cursor of a connection of its own, committed at the end."""
    parameters = connection.get_connection_params()
    link = psycopg2.connect(**{k: v for k, v in parameters.items() if k not in ("cursor_factory", "context")})
    try:
        with link, link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


@contextmanager
def another_that_holds(table: str, mode: str) -> Iterator[Any]:
    """A cursor of another connection that has a table locked, until it is rolled back or the end."""
    with connection_of_another() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield cursor


def domain_tables() -> list[str]:
    mapped = {t.target for system in load_systems().values() for t in system.resolved.values()}
    return sorted(mapped & {m._meta.db_table for m in apps.get_models() if m._meta.managed})


def dump(but: Iterable[str] = ()) -> dict[str, list[Any]]:
    """Every row of every domain table, of provenance, of the archive and of the quarantine, as text."""
    found = {}
    with connection.cursor() as cursor:
        for name in (*domain_tables(), *OWN):
            if name not in but:
                cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')
                found[name] = [text for (text,) in cursor.fetchall()]
    return found


def last() -> ImportRun:
    return ImportRun.objects.filter(kind="import").latest("number")


def named(undone: undo.Undone) -> dict[tuple[str, str], str]:
    """The rows kept, by table and key, and why."""
    return {
        (table["source_table"], row["key"]): row["message"]
        for source in undone.report["sources"]
        for table in source["tables"]
        for row in table.get("kept", [])
    }


def figures(undone: undo.Undone, name: str) -> tuple[int, int, int, int]:
    """Rows removed, as they were before, back again, kept."""
    found = next(t for s in undone.report["sources"] for t in s["tables"] if t["source_table"] == name)
    return found["deleted"], found["updated"], found["imported"], found["skipped"]


def everything(folder: Path) -> Path:
    """Write a file of users, nodes in a circle, messages; a column and a table that nobody knows; faults."""
    embedding = json.dumps([0.1] * 1536)
    rows = {
        "users": [user(1, colour="red"), user(2), user(3, username=b"\x00")],
        "knowledge_nodes": [
            node(1, parent=2, embedding=embedding),
            node(2, parent=1),
            node(3, parent=3),
            node(4, parent=2, keywords='["a", "b\\\\c\\"d"]'),
            node(5, parent=77),
        ],
        "chat_messages": [
            message(1, 1, content="tab\t \\N \n 你好 🙂", actions='{"a": 1e400, "b": [1.0, "\\n"]}'),
            message(2, 2),
            message(3, 3),
        ],
    }
    path = write(folder / "sparkle.db", "sparkle", rows, extra={"users": ["colour"]})
    change(path, "CREATE TABLE unheard_of (a, b)")
    change(path, "INSERT INTO unheard_of VALUES (1, 'x'), (2, x'00')")
    return path


def update(path: Path) -> None:
    """A change of everything: rows changed, added, repaired, broken, gone."""
    change(path, "UPDATE users SET nickname = 'new', email = 'other@example.com' WHERE rowid = 1")
    change(path, "INSERT INTO users SELECT * FROM users WHERE rowid = 2")
    change(
        path, "UPDATE users SET id = ?, username = 'four', email = 'four@example.com' WHERE rowid = 4", uid(4)
    )
    change(path, "UPDATE users SET username = 'repaired' WHERE rowid = 3")
    change(path, "UPDATE chat_messages SET user_id = ?, content = 'moved' WHERE rowid = 1", uid(4))
    change(path, "UPDATE chat_messages SET role = 'nobody' WHERE rowid = 2")
    change(path, "UPDATE knowledge_nodes SET parent_id = NULL WHERE rowid = 5")
    change(path, "UPDATE knowledge_nodes SET name = 'renamed', parent_id = ? WHERE rowid = 1", uid(5, 1))
    change(path, "UPDATE unheard_of SET b = 'y' WHERE a = 1")
    change(path, "INSERT INTO unheard_of VALUES (3, 'z')")
