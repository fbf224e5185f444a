"""Rows set aside: written with their raw content, closed when the row comes in after all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence

from django.db import connection
from psycopg2.extras import execute_values

from apps.importer.binding import BoundTable, Rejected
from apps.importer.load import query
from apps.importer.models import ImportRun, Stream
from apps.importer.source import SourceRow, encode_position

ENTRY = """
INSERT INTO importer_quarantinedrow AS q (id, run_id, last_run_id, stream_id, system, source_name, source_sha256,
    source_table, source_rowid, source_key, place, handles, reason, column_name, message, sqlstate, raw,
    status, created_at)
VALUES %s
ON CONFLICT (stream_id, place) WHERE NOT (status = 'resolved') DO UPDATE SET
    last_run_id = excluded.last_run_id, source_sha256 = excluded.source_sha256,
    source_key = excluded.source_key, handles = excluded.handles, reason = excluded.reason,
    column_name = excluded.column_name, message = excluded.message, sqlstate = excluded.sqlstate,
    raw = excluded.raw
"""
TEMPLATE = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, 'open', now())"


def place_of(row: SourceRow) -> str:
    """Return the place of a row in its table, as a text that names no other row."""
    return json.dumps(encode_position(row.position), ensure_ascii=False)


def set_aside(
    bound: BoundTable, stream: Stream, run: ImportRun, sha256: str, rejected: Sequence[Rejected]
) -> None:
    """Write one open entry for each rejected row; a row that is there already keeps its one entry."""
    if not rejected:
        return
    entries = {place_of(r.row): _entry(bound, stream, run, sha256, r) for r in rejected}
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute_values(cursor.cursor, ENTRY, list(entries.values()), TEMPLATE, page_size=200)


def _entry(bound: BoundTable, stream: Stream, run: ImportRun, sha256: str, r: Rejected) -> tuple[object, ...]:
    return (
        str(uuid.uuid4()),
        str(run.pk),
        str(run.pk),
        stream.pk,
        stream.source.system,
        stream.source.name,
        sha256,
        stream.source_table,
        r.row.rowid,
        json.dumps(bound.key_of(r.row), ensure_ascii=False),
        place_of(r.row),
        bound.handles(r.row),
        r.reason,
        r.column,
        r.message,
        r.sqlstate,
        json.dumps(bound.raw(r.row), ensure_ascii=False),
    )


def close(stream: Stream, run: ImportRun, rows: Iterable[SourceRow]) -> None:
    """Close the entries of rows that came in."""
    places = [place_of(row) for row in rows]
    if places:
        query(
            "UPDATE importer_quarantinedrow SET status = 'resolved', resolved_run_id = %s "
            "WHERE stream_id = %s AND status <> 'resolved' AND place = ANY(%s)",
            [str(run.pk), stream.pk, places],
        )


def close_rowids(stream: Stream, run: ImportRun, rowids: Iterable[int]) -> None:
    """Close the entries of rows that came in, told by their rowids."""
    came_in = set(rowids)
    if came_in:
        query(
            "UPDATE importer_quarantinedrow SET status = 'resolved', resolved_run_id = %s WHERE stream_id = %s "
            "AND status <> 'resolved' AND source_rowid BETWEEN %s AND %s AND source_rowid = ANY(%s)",
            [str(run.pk), stream.pk, min(came_in), max(came_in), list(came_in)],
        )


def sweep(stream: Stream, run: ImportRun) -> None:
    """Close the entries that a whole reading of the table did not meet again."""
    query(
        "UPDATE importer_quarantinedrow SET status = 'resolved', resolved_run_id = %s "
        "WHERE stream_id = %s AND status = 'open' AND last_run_id <> %s",
        [str(run.pk), stream.pk, str(run.pk)],
    )


def has_open(stream: Stream) -> bool:
    """Tell whether any row of a stream is in quarantine."""
    rows = query(
        "SELECT 1 FROM importer_quarantinedrow WHERE stream_id = %s AND status <> 'resolved' LIMIT 1",
        [stream.pk],
    )
    return bool(rows)
