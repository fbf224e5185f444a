"""Rows set aside: written with their raw content, closed when the row comes in after all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from apps.importer import former
from apps.importer.binding import BoundTable, Rejected
from apps.importer.models import ImportRun, Stream
from apps.importer.source import SourceRow, encode_position
from apps.importer.sql import query

ENTRY = """
INSERT INTO importer_quarantinedrow AS q (id, run_id, last_run_id, stream_id, system, source_name, source_sha256,
    source_table, source_rowid, source_key, place, handles, reason, column_name, message, sqlstate, raw,
    status, created_at)
VALUES %s
ON CONFLICT (stream_id, place) WHERE NOT (status = 'resolved') DO UPDATE SET
    last_run_id = excluded.last_run_id, source_sha256 = excluded.source_sha256,
    source_key = excluded.source_key, handles = excluded.handles, raw = excluded.raw,
    status = 'open', resolved_run_id = NULL,
    reason = CASE WHEN {mended} THEN q.reason ELSE excluded.reason END,
    column_name = CASE WHEN {mended} THEN q.column_name ELSE excluded.column_name END,
    message = CASE WHEN {mended} THEN q.message ELSE excluded.message END,
    sqlstate = CASE WHEN {mended} THEN q.sqlstate ELSE excluded.sqlstate END,
    repairs = CASE WHEN {mended} THEN q.repairs END
""".format(mended="(q.repairs IS NOT NULL AND q.raw = excluded.raw)")
"""A row met again as it was keeps the repairs that were chosen for it, and what is still wrong after them."""
TEMPLATE = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, 'open', now())"


def place_of(row: SourceRow) -> str:
    """Return the place of a row in its table, as a text that names no other row."""
    return json.dumps(encode_position(row.position), ensure_ascii=False)


def set_aside(
    bound: BoundTable,
    stream: Stream,
    run: ImportRun,
    sha256: str,
    rejected: Sequence[Rejected],
    known: bool = True,
) -> None:
    """Write one open entry for each rejected row; a row that is there already keeps its one entry.

    ``known``: the stream may have entries of earlier runs, whose content is kept for an undo.
    """
    if not rejected:
        return
    entries = {place_of(r.row): _entry(bound, stream, run, sha256, r) for r in rejected}
    if known:
        met = [former.Meeting(e[10], e[12], e[13], e[14], e[15], e[11], e[16]) for e in entries.values()]
        former.keep_met(stream, run, met)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute_values(cursor.cursor, ENTRY, list(entries.values()), TEMPLATE, page_size=200)


def _entry(bound: BoundTable, stream: Stream, run: ImportRun, sha256: str, r: Rejected) -> tuple[Any, ...]:
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
        _close(run, "q.stream_id = %s AND q.status <> 'resolved' AND q.place = ANY(%s)", [stream.pk, places])


def close_rowids(stream: Stream, run: ImportRun, rowids: Iterable[int]) -> None:
    """Close the entries of rows that came in, told by their rowids."""
    came_in = set(rowids)
    if came_in:
        _close(
            run,
            "q.stream_id = %s AND q.status <> 'resolved' AND q.source_rowid BETWEEN %s AND %s "
            "AND q.source_rowid = ANY(%s)",
            [stream.pk, min(came_in), max(came_in), list(came_in)],
        )


def sweep(stream: Stream, run: ImportRun) -> None:
    """Close the entries that a whole reading of the table did not meet again."""
    _close(run, "q.stream_id = %s AND q.status = 'open' AND q.last_run_id <> %s", [stream.pk, str(run.pk)])


def _close(run: ImportRun, where: str, params: Sequence[Any]) -> None:
    former.keep_entries(run, where, params)
    query(
        f"UPDATE importer_quarantinedrow q SET status = 'resolved', resolved_run_id = %s WHERE {where}",
        [str(run.pk), *params],
    )


SETTLED = """
WITH k (place, raw) AS (SELECT * FROM unnest(%s::text[], %s::text[]))
SELECT k.place, false FROM k JOIN importer_quarantinedrow q ON q.stream_id = %s
    AND q.place = k.place COLLATE "C" AND q.status = 'ignored' AND q.raw = k.raw::jsonb
UNION ALL
SELECT k.place, true FROM k JOIN importer_quarantinedrow q ON q.stream_id = %s
    AND q.place = k.place COLLATE "C" AND q.status = 'resolved' AND q.repairs IS NOT NULL AND q.raw = k.raw::jsonb
    JOIN importer_provenance p ON p.stream_id = q.stream_id AND p.identity = q.identity
    AND p.extras ->> 'entry' = q.id::text
"""


def settled(bound: BoundTable, stream: Stream, rows: Iterable[SourceRow]) -> dict[str, bool]:
    """Return the places of rows about which a person decided, and which are as they were then.

    True: the repaired row stands in PostgreSQL; false: the row is left out on purpose.
    """
    raws = {place_of(row): json.dumps(bound.raw(row), ensure_ascii=False) for row in rows}
    if not raws:
        return {}
    found = query(SETTLED, [list(raws), list(raws.values()), stream.pk, stream.pk])
    return {str(place): bool(repaired) for place, repaired in found}


def open_rowids(stream: Stream, after: int | None, limit: int) -> list[int]:
    """Return the next rowids of rows in quarantine, in order."""
    rows = query(
        "SELECT source_rowid FROM importer_quarantinedrow WHERE stream_id = %s AND status <> 'resolved' "
        "AND (%s::bigint IS NULL OR source_rowid > %s) ORDER BY source_rowid LIMIT %s",
        [stream.pk, after, after, limit],
    )
    return [rowid for (rowid,) in rows]
