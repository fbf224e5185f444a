"""Archived tables against the file they came from: every stored value of every row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from apps.importer.archive import key_of, raw_text, stored_columns
from apps.importer.findings import Findings
from apps.importer.models import Stream
from apps.importer.source import SourceFile, SourceRow, SourceTable, decode_position, encode_position
from apps.importer.sql import query

BATCH = 2000


def compare(file: SourceFile, table: SourceTable, stream: Stream, findings: Findings) -> None:
    """Compare a table of a file with its rows in the archive."""
    names = stored_columns(table)
    for rows in file.rows(table, names, BATCH):
        findings.compared += len(rows)
        _compare_batch(stream, names, rows, findings)
    ((kept,),) = query("SELECT count(*) FROM importer_archivedrow WHERE stream_id = %s", [stream.pk])
    if kept > findings.compared - findings.missing:
        _find_extra(file, table, stream, findings)


def _compare_batch(
    stream: Stream, names: Sequence[str], rows: Sequence[SourceRow], findings: Findings
) -> None:
    """Find the rows that the archive lacks, or has otherwise; all values there are texts, equal or not."""
    expected = [raw_text(names, row) for row in rows]
    found = query(
        "SELECT k.n, a.raw::text FROM unnest(%s::uuid[], %s::text[]) WITH ORDINALITY AS k (id, raw, n) "
        "LEFT JOIN importer_archivedrow a ON a.id = k.id "
        "WHERE a.id IS NULL OR a.raw IS DISTINCT FROM k.raw::jsonb ORDER BY k.n",
        [[key_of(stream, row) for row in rows], expected],
    )
    for n, kept in found:
        key = encode_position(rows[n - 1].position)
        if kept is None:
            findings.missing += 1
            findings.tell("missing", key)
        else:
            findings.different += 1
            _tell(key, json.loads(expected[n - 1]), json.loads(kept), findings)


def _tell(key: Any, source: dict[str, Any], target: dict[str, Any], findings: Findings) -> None:
    for name in source | target:
        if source.get(name) != target.get(name) or (name in source) != (name in target):
            findings.tell("different", key, name, source.get(name), target.get(name))


def _find_extra(file: SourceFile, table: SourceTable, stream: Stream, findings: Findings) -> None:
    """Look every archived row up in the file."""
    last = "00000000-0000-0000-0000-000000000000"
    while places := query(
        "SELECT id::text, place FROM importer_archivedrow WHERE stream_id = %s AND id > %s ORDER BY id LIMIT %s",
        [stream.pk, last, BATCH],
    ):
        last = places[-1][0]
        positions = {place: decode_position(json.loads(place)) for _, place in places}
        try:
            there = {row.position for row in file.rows_at(table, [], list(positions.values()))}
        except ValueError:  # rows are told otherwise than they were: by key, and no longer by rowid, say
            there = set()
        for place, position in positions.items():
            if position not in there:
                findings.extra += 1
                findings.tell("extra", json.loads(place))


def archive_digest(stream: Stream) -> str:
    """Return a digest of what the archive holds of a stream: independent of order, of every stored value."""
    ((total, count),) = query(
        "SELECT coalesce(sum(('x' || substr(md5(a.place || a.raw::text), 1, 15))::bit(60)::bigint), 0), count(*) "
        "FROM importer_archivedrow a WHERE a.stream_id = %s",
        [stream.pk],
    )
    return f"{int(total):x}-{count}"
