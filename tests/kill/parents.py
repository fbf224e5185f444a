"""Parents deleted by somebody while an import is under way, kept beside, and put back."""

from __future__ import annotations

import random
import re
from typing import Any

import psycopg2

from tests.kill.content import Content

FEW = 3
"""So many are deleted of a table."""
PARENTS = """
SELECT DISTINCT confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
AND confrelid::regclass::text !~ '^(django|auth|importer)_' ORDER BY 1
"""
STORED = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
ACCOUNT = """
SELECT t.source_table, t.source_rows,
    (SELECT count(*) FROM importer_provenance p WHERE p.stream_id = s.id)
    + (SELECT count(*) FROM importer_quarantinedrow q WHERE q.stream_id = s.id AND q.status = 'open')
FROM importer_runtable t JOIN importer_runfile f ON f.id = t.file_id
JOIN importer_importrun r ON r.id = f.run_id
JOIN importer_stream s ON s.source_id = f.source_id AND s.source_table = t.source_table
WHERE t.kind = 'rows' AND r.number = (SELECT max(number) FROM importer_importrun WHERE status = 'completed')
"""
TOLD = re.compile(r"balance |edited |left over former|quarantine .* resolved")
"""What tells of the parents that were gone for a while, and is to differ."""


def outline(content: Content) -> Content:
    """What is to be as if nobody had deleted anything: how many rows of each kind, and all that holds no rows."""
    counted = ("rows ", "origin ", "quarantine ")
    kept = {name: value for name, value in content.items() if not TOLD.match(name)}
    return {name: value[0] if name.startswith(counted) else value for name, value in kept.items()}


def prepare(cursor: Any) -> None:
    """Make a place for what is deleted."""
    cursor.execute("SET lock_timeout = '1s'")
    cursor.execute("CREATE SCHEMA taken")
    for table in _parents(cursor):
        cursor.execute(f"CREATE TABLE taken.{table} (LIKE public.{table})")


def _parents(cursor: Any) -> list[str]:
    cursor.execute(PARENTS)
    return [table for (table,) in cursor.fetchall()]


def take(cursor: Any, chance: random.Random) -> int:
    """Delete some rows of the tables that others refer to, where nothing keeps them; returns how many."""
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'taken'::regnamespace ORDER BY 1")
    count = 0
    for (name,) in cursor.fetchall():
        try:
            cursor.execute(
                f'WITH gone AS (DELETE FROM public."{name}" WHERE ctid IN (SELECT ctid FROM public."{name}" '
                f"ORDER BY hashtext(ctid::text || %s) LIMIT {FEW}) RETURNING *) "
                f'INSERT INTO taken."{name}" SELECT * FROM gone',
                [str(chance.random())],
            )
            count += cursor.rowcount
        except (psycopg2.errors.ForeignKeyViolation, psycopg2.errors.LockNotAvailable):
            continue
    return count


def put_back(cursor: Any) -> None:
    """Insert again what was deleted."""
    cursor.execute("SET session_replication_role = replica")  # whichever of them comes first
    for table in _parents(cursor):
        cursor.execute(STORED, [f"public.{table}"])
        (columns,) = cursor.fetchone()
        cursor.execute(f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM taken.{table}")
    cursor.execute("RESET session_replication_role")


def check(cursor: Any, reference: Content) -> list[str]:
    """What an import left that met the deletion: rows of which nothing tells, constraints that are gone."""
    cursor.execute(ACCOUNT)
    wrong = [
        f"{table}: {rows} rows, {told} accounted for"
        for table, rows, told in cursor.fetchall()
        if rows != told
    ]
    cursor.execute(
        "SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND convalidated AND conenforced"
    )
    there = {name for (name,) in cursor.fetchall()}
    wanted = {name.removeprefix("constraint ") for name in reference if name.startswith("constraint ")}
    return wrong + [f"constraint {name} is gone" for name in sorted(wanted - there)]
