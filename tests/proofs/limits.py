"""Files at the limits and beyond: each row as the rules say, within a minute and bounded memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.importer.source.guard import USUAL_LENGTH
from tests.importer import files
from tests.importer.legacy import quoted, user, write
from tests.kill import content
from tests.proofs.proof import Commands, Proof

MOST_MEMORY = 600
"""MB of any command."""
MOST_TIME = 60.0
USERS = 5
"""Rows of the known table that each file has."""
NAMES = ('"; DROP TABLE x; --', "a%s\nb", "%(x)s{y}", "' OR 1=1 --")
SCHEMA = ("table", "index", "constraint", "trigger")


def sparkle(path: Path, *more: dict[str, Any], extra: Iterable[str] = ()) -> Path:
    """Write a file of Sparkle with some users, and more rows of that table."""
    users = [user(n) for n in range(1, USERS + 1)] + list(more)
    return write(path, "sparkle", {"users": users}, extra={"users": list(extra)})


def deep(levels: int) -> str:
    """A list in a list in a list."""
    return "[" * levels + "]" * levels


def large_values(path: Path) -> Path:
    """A text and a BLOB over the limit in known columns, and one in a table that nobody knows."""
    long = USUAL_LENGTH + 1
    sparkle(path, user(11, nickname="x" * long), user(12, bio=b"x" * long), extra=["bio"])
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE heap (a)")
        file.execute("INSERT INTO heap VALUES (zeroblob(?))", [2 * long])
    return path


def deep_documents(path: Path) -> Path:
    """JSON as deep as allowed, deeper, and deeper than any reader's stack."""
    documents = {11: deep(500), 12: deep(501), 13: deep(1_000_000), 14: '{"a":' * 501 + "1" + "}" * 501}
    return sparkle(path, *(user(n, schedule_preferences=text) for n, text in documents.items()))


def many_columns(path: Path) -> Path:
    """2,000 columns of a known table, most of them unknown, and of an unknown one."""
    names = [f"more_{n}" for n in range(2000 - len(user(1)) - 30)]
    sparkle(path, user(11, **dict.fromkeys(names, "x")), extra=names)
    return files.wide(path)


def hostile_names(path: Path) -> Path:
    """Names that are SQL, formats, or several lines, of tables and of columns."""
    sparkle(path, user(11, **dict.fromkeys(NAMES, "x")), extra=NAMES)
    with closing(sqlite3.connect(path)) as file, file:
        for name in map(quoted, NAMES):
            file.execute(f"CREATE TABLE {name} ({name} TEXT, k INTEGER PRIMARY KEY)")
            file.execute(f"INSERT INTO {name} VALUES ('x', 1)")
    return path


def traps(path: Path) -> Path:
    """What would run for ever: a view called like a known table, triggers, CHECKs, generated columns."""
    sparkle(path)
    files.booby_trapped(path)
    bomb = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS id FROM n"
    return files.write(
        path, f"CREATE VIEW tasks AS {bomb}", f"CREATE TRIGGER t AFTER INSERT ON users BEGIN {bomb}; END"
    )


def virtual_tables(path: Path) -> Path:
    """Virtual tables of known and unknown modules, one of them called like a known table."""
    sparkle(path)
    files.unknown_module(path)
    return files.write(
        path,
        "CREATE VIRTUAL TABLE chat_messages USING fts5(content)",
        "CREATE VIRTUAL TABLE b USING rtree(i, l, h)",
    )


@dataclass(frozen=True)
class Limit:
    """A file: how it is made, and what is to come of it: rows of the known table, reasons, rows of unknown tables."""

    make: Callable[[Path], Path]
    imported: int
    reasons: dict[str, int] = field(default_factory=dict)
    archived: int = 0
    skips: dict[str, str] = field(default_factory=dict)


LIMITS = (
    Limit(large_values, USERS + 1, {"value_too_large": 1}, archived=1),
    Limit(deep_documents, USERS + 1, {"json_too_deep": 3}),
    Limit(many_columns, USERS + 1, archived=2),
    Limit(lambda path: files.many_tables(sparkle(path)), USERS, archived=300),
    Limit(hostile_names, USERS + 1, archived=len(NAMES)),
    Limit(
        traps, USERS, archived=files.ROWS + 2, skips={"tasks": "view", "forever": "view", "broken": "view"}
    ),
    Limit(
        virtual_tables,
        USERS,
        archived=files.ROWS,
        skips={"chat_messages": "virtual", "vectors": "virtual", "b": "virtual"},
    ),
)


def schema(cursor: Any) -> dict[str, Any]:
    """What there is in PostgreSQL but for rows."""
    found = {}
    for part in SCHEMA:
        cursor.execute(content.PARTS[part])
        found |= {f"{part} {row[0]}": row[1:] for row in cursor.fetchall()}
    return found


def prove(commands: Commands, fresh: Callable[[], Any], limits: Iterable[Limit] = LIMITS) -> Proof:
    """Import each file, and verify what came of it."""
    figures, wrong = [], []
    for limit in limits:
        fresh()
        name = (
            getattr(limit.make, "__name__", "many_tables")
            .replace("_", " ")
            .replace("<lambda>", "many tables")
        )
        path = limit.make(commands.folder / f"{name.replace(' ', '-')}.db")
        ran = commands.run("import_sqlite", path, "--no-progress", limit=2 * MOST_TIME)
        checked = commands.run("verify_import", path, limit=2 * MOST_TIME)
        for one in (ran, checked):
            if one.seconds > MOST_TIME or one.peak > MOST_MEMORY or "Traceback" in one.said:
                wrong.append(f"{name}: {one.seconds:.0f} s, {one.peak:.0f} MB: {one.said[-800:]}")
        wrong += [f"{name}: {line}" for line in judge(limit, ran.code, ran.report, checked.code, ran.said)]
        figures.append(f"{name} {ran.seconds:.1f} s {max(ran.peak, checked.peak):.0f} MB")
        path.unlink()
    return Proof(", ".join(figures), wrong)


def judge(limit: Limit, code: int, report: dict[str, Any], checked: int, said: str) -> Iterable[str]:
    """Tell what is otherwise than the rules say."""
    if code != (3 if limit.reasons else 0) or checked != 0:
        yield f"exit {code}, verification {checked}: {said[-800:]}"
        return
    tables = {table["source_table"]: table for table in report["sources"][0]["tables"]}
    users = tables["users"]
    if users["imported"] != limit.imported or users["reasons"] != limit.reasons:
        yield f"users: {users}"
    archived = sum(table["imported"] for table in tables.values() if table["kind"] == "archived")
    if archived != limit.archived:
        yield f"{archived} rows of unknown tables are kept, not {limit.archived}"
    for name, reason in limit.skips.items():
        if tables[name]["skip_reason"] != reason:
            yield f"{name}: {tables[name]}"
