"""What entries of the quarantine held before a run changed them, kept so that the run can be undone.

An entry that a run merely meets again, which is the rule, costs a narrow row; its content is kept only where
it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from apps.importer.models import ImportRun, Stream
from apps.importer.sql import query

KEEP = """
INSERT INTO importer_formerentry AS f (id, run_id, entry_id, last_run_id, source_sha256, former)
SELECT gen_random_uuid(), %s, q.id, q.last_run_id, q.source_sha256, {former} FROM {entries}
AND q.run_id <> %s AND q.status <> 'resolved'
ON CONFLICT (run_id, entry_id) DO UPDATE SET former = excluded.former WHERE f.former IS NULL
"""
MET = """
unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS k (place, reason, column_name, message, sqlstate, handles, raw)
JOIN importer_quarantinedrow q ON q.stream_id = %s AND q.place = k.place COLLATE "C"
"""
SAME = """
q.raw = k.raw::jsonb AND to_jsonb(q.handles) = k.handles::jsonb AND (q.repairs IS NOT NULL OR (
    q.reason = k.reason AND q.column_name IS NOT DISTINCT FROM k.column_name AND q.message = k.message
    AND q.sqlstate IS NOT DISTINCT FROM k.sqlstate)) AND q.status = 'open'
"""


class Meeting(NamedTuple):
    """A row that is set aside (again): its place and what its entry is to say."""

    place: str
    reason: str
    column: str | None
    message: str
    sqlstate: str | None
    handles: Sequence[str]
    raw: str


def keep_met(stream: Stream, run: ImportRun, met: Iterable[Meeting]) -> None:
    """Keep what the entries of these rows hold, before they are written again."""
    rows = [(*m[:5], json.dumps(m.handles, ensure_ascii=False), m.raw) for m in met]
    former = f"CASE WHEN {SAME} THEN NULL ELSE to_jsonb(q) END"
    sql = KEEP.format(former=former, entries=f"{MET} WHERE true")
    columns = [list(column) for column in zip(*rows, strict=True)]
    query(sql, [str(run.pk), *columns, stream.pk, str(run.pk)])


def keep_entries(run: ImportRun, where: str, params: Sequence[Any]) -> None:
    """Keep what entries hold before they are closed or repaired; ``where`` is a condition on ``q``."""
    sql = KEEP.format(former="to_jsonb(q) - 'raw'", entries=f"importer_quarantinedrow q WHERE {where}")
    query(sql, [str(run.pk), *params, str(run.pk)])
