"""Whether a file's structure is sound: SQLite's quick_check, with its findings about rows told apart.

A NULL where the schema forbids it, a value of another type, a CHECK that fails: these are for the rows to
answer. So are indexes that disagree with their table, because rows are read from the tables themselves, never
through an index: nothing is lost by them. All else it may say (pages, cells, the free list, the order of
rows) means damage.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from apps.importer.source.errors import ADVICE, Refused
from apps.importer.source.schema import SourceTable, collations, quoted

FINDINGS = 100
MANY_FINDINGS = 2_000_000_000
BUILT_IN_COLLATIONS = {"BINARY", "NOCASE", "RTRIM"}

_ABOUT_ROWS = re.compile(
    r"ok\Z|(NULL|NUMERIC|TEXT|non-\w+) value in |CHECK constraint failed in |row -?\d+ missing from index "
    r"|wrong # of entries in index |non-unique entry in index |row -?\d+ values differ from index "
    r"|rowid not at end-of-record for row "
)


def check_structure(connection: sqlite3.Connection, tables: Iterable[SourceTable]) -> set[str]:
    """Raise Refused ("corrupt") with the first finding of damage; sqlite3.Error where it cannot go on.

    Returns the names of the WITHOUT ROWID tables whose rows are known to stand in the order of their keys, which
    only the full check looks at.
    """
    tables = [table for table in tables if table.readable]
    for name in collations(connection, tables) - BUILT_IN_COLLATIONS:
        connection.create_collation(name, _compare)
    found = _count_findings(connection, f"quick_check({FINDINGS})")
    if found is None:
        for table in tables:
            _count_findings(connection, f"quick_check({quoted(table.name)})")
    elif found >= FINDINGS:
        _count_findings(connection, f"quick_check({MANY_FINDINGS})")
    return {table.name for table in tables if table.kind == "table" and _is_ordered(connection, table)}


def _is_ordered(connection: sqlite3.Connection, table: SourceTable) -> bool:
    if not table.parts or not {part.collation.upper() for part in table.parts} <= BUILT_IN_COLLATIONS:
        return False
    found = _count_findings(connection, f"integrity_check({quoted(table.name)})")
    return found is not None and found < FINDINGS


def _compare(left: str, right: str) -> int:
    """Stand in for a collation that only the application knew; nothing is sorted by it."""
    return (left > right) - (left < right)


def _count_findings(connection: sqlite3.Connection, check: str) -> int | None:
    """Run a check and count what it finds about rows; any other finding refuses the file.

    None where SQLite cannot run it, for a function in the schema that only the application knew. Damage that stays
    unseen so comes up when the rows are read.
    """
    found = 0
    try:
        for (finding,) in connection.execute(f"PRAGMA {check}"):
            if not _ABOUT_ROWS.match(finding):
                first = finding.replace("*** in database main ***\n", "").partition("\n")[0]
                raise Refused("corrupt", f"it is damaged ({first}); {ADVICE}")
            found += 1
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR:
            raise
        return None
    return found
