"""What a table declares about its rows: unique sets, indexes and foreign keys. The rows need not follow it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from apps.importer.source.schema import SourceTable, quoted


@dataclass(frozen=True)
class DeclaredIndex:
    """An index: its columns in order (None for an expression, or the rowid), which of them descend, what it is for.

    `origin` is "c" for CREATE INDEX, "u" for a UNIQUE clause, "pk" for the primary key.
    """

    name: str
    columns: tuple[str | None, ...]
    descending: tuple[bool, ...]
    unique: bool
    partial: bool
    origin: str


@dataclass(frozen=True)
class DeclaredReference:
    """A foreign key: its columns, the parent as it is written, and its columns (None: the parent's key)."""

    columns: tuple[str, ...]
    parent: str
    to: tuple[str | None, ...]
    on_delete: str


@dataclass(frozen=True)
class Declared:
    """The indexes and foreign keys of one table."""

    indexes: tuple[DeclaredIndex, ...]
    references: tuple[DeclaredReference, ...]


def read_declared(connection: sqlite3.Connection, table: SourceTable) -> Declared:
    """Read what a table declares, in the order in which it does; SQLite tells it from the last to the first."""
    return Declared(tuple(_indexes(connection, table)), tuple(_references(connection, table)))


def _indexes(connection: sqlite3.Connection, table: SourceTable) -> Iterator[DeclaredIndex]:
    for _, name, unique, origin, partial in reversed(_ask(connection, "index_list", table.name)):
        parts = [part for part in _ask(connection, "index_xinfo", name) if part[5]]
        yield DeclaredIndex(
            name=name,
            columns=tuple(part[2] for part in parts),
            descending=tuple(bool(part[3]) for part in parts),
            unique=bool(unique),
            partial=bool(partial),
            origin=origin,
        )


def _references(connection: sqlite3.Connection, table: SourceTable) -> Iterator[DeclaredReference]:
    found: dict[int, list[tuple]] = {}  # type: ignore[type-arg]
    for part in sorted(_ask(connection, "foreign_key_list", table.name), key=lambda part: part[:2]):
        found.setdefault(part[0], []).append(part)
    for _, parts in sorted(found.items(), reverse=True):
        yield DeclaredReference(
            columns=tuple(part[3] for part in parts),
            parent=parts[0][2],
            to=tuple(part[4] for part in parts),
            on_delete=parts[0][6],
        )


def _ask(connection: sqlite3.Connection, pragma: str, name: str) -> list[tuple]:  # type: ignore[type-arg]
    return connection.execute(f"PRAGMA {pragma}({quoted(name)})").fetchall()
