"""What the importer says to PostgreSQL, on Django's connection: queries, COPY, and what a refusal means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, connection

from apps.core.database import sqlstate
from apps.importer import binary

COPY_BYTES = 1 << 20
"""Bytes handed to libpq at once: each call waits for the interpreter, which a reading thread may have."""
COPY_ROWS = 250
"""Rows of one COPY in binary format. PostgreSQL keeps up to a thousand of them back before it writes them, and its
book of what it keeps takes time by the square of their number; a text of 64 KB ends that sooner."""
TOO_LARGE = "54"
"""How the states begin of what is beyond a limit of PostgreSQL: a value too large for an index."""


def query(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def copy(table: str, columns: str, lines: Iterable[str]) -> None:
    """COPY lines of text format into a table; psycopg2's errors come out as Django's."""
    copy_bytes(table, columns, "".join(lines).encode())


def copy_bytes(table: str, columns: str, data: bytes) -> None:
    """COPY bytes that are in the text format already."""
    _copy(f"COPY {quote(table)} ({columns}) FROM STDIN", [data])


def copy_binary(table: str, columns: str, rows: Sequence[bytes], width: int) -> None:
    """COPY rows of so many fields that are in the binary format already."""
    starts = range(0, len(rows), COPY_ROWS)
    parts = (binary.whole(rows[start : start + COPY_ROWS], width) for start in starts)
    _copy(f"COPY {quote(table)} ({columns}) FROM STDIN WITH (FORMAT binary)", parts)


def _copy(sql: str, parts: Iterable[bytes]) -> None:
    """Run a COPY for each of the parts."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        for part in parts:
            cursor.cursor.copy_expert(sql, BytesIO(part), size=COPY_BYTES)


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return connection.ops.quote_name(name)


def cast(pg_type: str) -> str:
    """Return the cast that turns a text parameter into a column's type; text types need none."""
    kind = pg_type.partition("(")[0]
    return "" if kind in ("varchar", "text", "character varying") else f"::{kind}"


def holders(
    table: str,
    columns: Sequence[tuple[str, str]],
    keys: Sequence[Sequence[str | None]],
    holder: str = "''",
    among: str = "",
) -> dict[int, str]:
    """Return the positions of those keys that a table has, each with what ``holder`` says of its row ``t``.

    ``columns`` are pairs of name and type, ``among`` is a condition on the rows that count.
    """
    if not keys:
        return {}
    names = [f"k{i}" for i in range(len(columns))]
    match = " AND ".join(
        f"t.{quote(name)} = k.{k}{cast(kind)}" for k, (name, kind) in zip(names, columns, strict=True)
    )
    arrays = ", ".join("%s::text[]" for _ in columns)
    rows = query(
        f"SELECT k.n, h.holder FROM unnest({arrays}) WITH ORDINALITY AS k({', '.join(names)}, n) "
        f"CROSS JOIN LATERAL (SELECT {holder} AS holder FROM {quote(table)} t WHERE {match} {among} LIMIT 1) h",
        [list(values) for values in zip(*keys, strict=True)],
    )
    return {int(n) - 1: found for n, found in rows}


def present(table: str, columns: Sequence[tuple[str, str]], keys: Sequence[Sequence[str | None]]) -> set[int]:
    """Return the positions of those keys that a table has; ``columns`` are pairs of name and type."""
    return set(holders(table, columns, keys))


def is_refusal(error: DatabaseError) -> bool:
    """Tell whether PostgreSQL refused the rows, and not the work: a value too large for an index (54000) is one."""
    return isinstance(error, DataError | IntegrityError) or sqlstate(error).startswith(TOO_LARGE)
