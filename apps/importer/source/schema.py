"""What tables a SQLite file has, read from its schema without running any of it.

`PRAGMA table_list` would tell the same, but it connects every virtual table of the file, that is, runs the
code of their modules; so the kinds are judged from the schema's own text, and only ordinary tables are asked
for columns.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from apps.importer.source.errors import Refused

ROWID_NAMES = ("rowid", "_rowid_", "oid")

SHADOWS = {
    "fts3": {"content", "segments", "segdir", "docsize", "stat"},
    "fts4": {"content", "segments", "segdir", "docsize", "stat"},
    "fts5": {"data", "idx", "content", "docsize", "config"},
    "rtree": {"node", "parent", "rowid"},
    "rtree_i32": {"node", "parent", "rowid"},
    "geopoly": {"node", "parent", "rowid"},
}
"""The tables that a module keeps beside a virtual table NAME are called NAME_suffix."""
ANY_SHADOW = set().union(*SHADOWS.values())

_NOT_CODE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_CREATE = re.compile(r"\s*CREATE\s+(VIRTUAL\s+TABLE|TABLE|VIEW|TRIGGER|(?:UNIQUE\s+)?INDEX)\b", re.I)
_MODULE = re.compile(r"\bUSING\s+(\w+|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|`[^`]*`|'[^']*')", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(\w+|\"[^\"]*\"|'[^']*'|\[[^\]]*\]|`[^`]*`)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as declared; `pk` is its place in the primary key, from 1, or 0."""

    name: str
    declared: str
    pk: int
    not_null: bool
    default: str | None
    generated: bool


@dataclass(frozen=True, slots=True)
class KeyPart:
    """A column in the order in which a WITHOUT ROWID table stores its rows."""

    column: Column
    descending: bool
    collation: str


@dataclass(frozen=True)
class SourceTable:
    """A table of the file; a view or a virtual table is told by name and kind alone, without columns.

    `kind` is table, view, virtual, shadow or internal. `rowid_name` is the name under which SQL reaches the rowid,
    None where there is none or the table's own columns hide all three; `parts` and `key_index` tell the order of a
    WITHOUT ROWID table.
    """

    name: str
    kind: str
    columns: tuple[Column, ...] = ()
    without_rowid: bool = False
    strict: bool = False
    rowid_name: str | None = None
    parts: tuple[KeyPart, ...] = ()
    key_index: str | None = field(default=None, repr=False)

    @cached_property
    def _by_name(self) -> dict[bytes, Column]:
        return {folded(column.name): column for column in self.columns}

    @cached_property
    def key(self) -> tuple[Column, ...]:
        """The columns of the declared primary key, in its order."""
        return tuple(sorted((c for c in self.columns if c.pk), key=lambda column: column.pk))

    @property
    def readable(self) -> bool:
        """Whether the table holds rows of its own, which can be read without running code from the file."""
        return self.kind not in ("view", "virtual")

    def column(self, name: str) -> Column | None:
        """Find a column; like SQLite, ASCII letters of either case are the same."""
        return self._by_name.get(folded(name))


def folded(name: str) -> bytes:
    """Return a name as SQLite compares it: ASCII letters lower, all others as they are."""
    return name.encode("utf-8", "surrogateescape").lower()


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def read_tables(connection: sqlite3.Connection) -> dict[str, SourceTable]:
    """Describe every table and view, by name; Refused ("corrupt") where the schema contradicts itself."""
    kinds = _kinds(connection.execute("SELECT type, name, rootpage, sql FROM sqlite_master ORDER BY rowid"))
    shadows = set(_shadows(kinds))
    tables = {}
    for name, (kind, sql) in kinds.items():
        tables[name] = (
            SourceTable(name, kind) if kind in ("view", "virtual") else _table(connection, name, sql)
        )
        if kind == "table" and folded(name) in shadows:
            tables[name] = replace(tables[name], kind="shadow")
    return tables


def _kinds(entries: Iterable[tuple[object, object, object, object]]) -> dict[str, tuple[str, str]]:
    """Return kind and SQL of what has columns; refuse entries whose parts do not belong together."""
    found: dict[str, tuple[str, str]] = {}
    taken: set[bytes] = set()
    for kind, name, root, sql in entries:
        if sql is None and kind == "index":
            continue  # made by a UNIQUE or PRIMARY KEY clause
        said = _CREATE.match(sql) if isinstance(sql, str) else None
        what = said[1].split()[-1].lower() if said else None
        if said is None or not isinstance(sql, str) or not isinstance(name, str) or what != kind:
            raise Refused(
                "corrupt", f"its schema is damaged at the entry {name!r}; take the file from a backup"
            )
        if kind in ("table", "view"):
            virtual = said[1][:1].upper() == "V" and kind == "table"
            if folded(name) in taken or (kind == "table" and virtual == bool(root)):
                raise Refused(
                    "corrupt", f"its schema is damaged at the table {name!r}; take the file from a backup"
                )
            taken.add(folded(name))
            found[name] = ("virtual" if virtual else kind, sql)
    return found


def _shadows(kinds: Mapping[str, tuple[str, str]]) -> Iterator[bytes]:
    """Name the tables that belong to a virtual table of the file."""
    for name, (kind, sql) in kinds.items():
        if kind == "virtual":
            module = _MODULE.search(_without_name(sql, name))
            owned = SHADOWS.get(_bare(module[1]).lower(), ANY_SHADOW) if module else ANY_SHADOW
            foreign = {folded(_bare(text)) for text in _CONTENT.findall(sql)}
            yield from {folded(f"{name}_{suffix}") for suffix in owned} - foreign


def _without_name(sql: str, name: str) -> str:
    return sql.replace(quoted(name), "", 1)


def _bare(text: str) -> str:
    return text.strip("\"'`[]")


def _table(connection: sqlite3.Connection, name: str, sql: str) -> SourceTable:
    columns = tuple(_columns(connection, name))
    if not columns:
        raise Refused(
            "corrupt", f"its schema has no columns for the table {name!r}; take the file from a backup"
        )
    parts = tuple(_parts(connection, name, columns))
    options = _NOT_CODE.sub(" ", sql).rpartition(")")[2].upper()
    taken = {column.name.lower() for column in columns}
    return SourceTable(
        name=name,
        kind="internal" if folded(name).startswith(b"sqlite_") else "table",
        columns=columns,
        without_rowid=bool(parts),
        strict=bool(re.search(r"\bSTRICT\b", options)),
        rowid_name=None if parts else next((alias for alias in ROWID_NAMES if alias not in taken), None),
        parts=parts,
        key_index=_key_index(connection, name) if parts else None,
    )


def _columns(connection: sqlite3.Connection, name: str) -> Iterator[Column]:
    for _, column, declared, not_null, default, pk, hidden in _pragma(connection, "table_xinfo", name):
        if not _is_clean(column):
            raise Refused("corrupt", f"a column of its table {name!r} has a name that is no UTF-8")
        yield Column(column, declared, pk, bool(not_null), default, generated=hidden in (2, 3))


def _parts(connection: sqlite3.Connection, name: str, columns: tuple[Column, ...]) -> Iterator[KeyPart]:
    """Give the order of a WITHOUT ROWID table: for such, SQLite answers as for an index of that name."""
    for _, place, _, descending, collation, in_key in _pragma(connection, "index_xinfo", name):
        if in_key and place >= 0:
            yield KeyPart(columns[place], bool(descending), collation)


def _key_index(connection: sqlite3.Connection, name: str) -> str | None:
    indexes = _pragma(connection, "index_list", name)
    return next((index for _, index, _, origin, _ in indexes if origin == "pk"), None)


def _pragma(connection: sqlite3.Connection, pragma: str, name: str) -> list[tuple]:  # type: ignore[type-arg]
    if not _is_clean(name):
        raise Refused(
            "corrupt", f"its table {name!r} has a name that is no UTF-8; take the file from a backup"
        )
    return connection.execute(f"PRAGMA {pragma}({quoted(name)})").fetchall()


def _is_clean(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in name)


def collations(connection: sqlite3.Connection, tables: Iterable[SourceTable]) -> set[str]:
    """Name the collations that the indexes of the file use, in capitals."""
    names = set()
    for table in tables:
        for _, index, *_ in _pragma(connection, "index_list", table.name) if table.readable else ():
            names |= {row[4].upper() for row in _pragma(connection, "index_xinfo", index) if row[4]}
    return names
