"""What PostgreSQL has of legacy tables before they are read, asked for all tables of a source at once.

A file has up to a hundred tables, most of them small: a question for each would cost more than their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.importer.load import same_streams
from apps.importer.mapping import ResolvedTable
from apps.importer.models import Stream
from apps.importer.sql import query

# the order makes each look-up one probe of the index, however many rows a stream is expected to have
IMPORTED = """
SELECT k.id FROM unnest(%s::int[]) AS k (id) CROSS JOIN LATERAL (
    SELECT FROM importer_provenance p WHERE p.stream_id = k.id ORDER BY p.stream_id, p.identity LIMIT 1) AS one
"""
IN_QUARANTINE = """
SELECT stream_id, count(*), count(source_rowid) FROM importer_quarantinedrow
WHERE stream_id = ANY(%s) AND status <> 'resolved' GROUP BY stream_id
"""
DECIDED = """
SELECT stream_id FROM importer_quarantinedrow WHERE stream_id = ANY(%s) AND status = 'ignored' UNION
SELECT stream_id FROM importer_quarantinedrow WHERE stream_id = ANY(%s) AND repairs IS NOT NULL
"""


@dataclass(frozen=True)
class Standing:
    """What is known of one legacy table's rows.

    ``streams``: those in which a key means the same row. ``imported``: rows of any of them came in. ``entries``:
    rows of this table in quarantine, of which a rowid finds so many (``placed``). ``decided``: a person decided
    about some row.
    """

    streams: tuple[int, ...]
    imported: bool = False
    entries: int = 0
    placed: int = 0
    decided: bool = False

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of the rows: neither imported nor set aside."""
        return not (self.imported or self.entries or self.decided)


def standing_of(streams: Sequence[Stream], tables: Sequence[ResolvedTable]) -> dict[int, Standing]:
    """Return what is known of the rows of each of these streams, into the table of the same place."""
    same = same_streams(streams, tables)
    ids = list(same)
    imported = {pk for (pk,) in query(IMPORTED, [sorted({pk for group in same.values() for pk in group})])}
    held = {pk: (entries, placed) for pk, entries, placed in query(IN_QUARANTINE, [ids])}
    decided = {pk for (pk,) in query(DECIDED, [ids, ids])}
    return {
        pk: Standing(group, not imported.isdisjoint(group), *held.get(pk, (0, 0)), decided=pk in decided)
        for pk, group in same.items()
    }


def imported_rows(streams: Sequence[Stream]) -> dict[int, int]:
    """Return how many rows of each stream are imported."""
    rows = query(
        "SELECT stream_id, count(*) FROM importer_provenance WHERE stream_id = ANY(%s) GROUP BY stream_id",
        [[stream.pk for stream in streams]],
    )
    return dict(rows)
