"""Rows that waited for a parent: brought in once it is there, circles as one, the rest set aside.

Works on the tables of one group, which refer to themselves or to one another in a circle.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction

from apps.importer.classify import Sorted
from apps.importer.intake import Intake
from apps.importer.models import WaitingRow
from apps.importer.source import SourceRow, decode_position, encode_position
from apps.importer.sql import query

DOOM = """
WITH RECURSIVE doomed (id, handles) AS (
    SELECT w.id, w.handles FROM importer_waitingrow w JOIN importer_need m ON m.id = w.id
    WHERE (%s::text[] IS NULL OR m.need = ANY(%s))
    AND NOT EXISTS (SELECT 1 FROM importer_handle h WHERE h.handle = m.need)
    UNION
    SELECT w.id, w.handles FROM doomed d CROSS JOIN unnest(d.handles) AS g (handle)
    JOIN importer_need m ON m.need = g.handle JOIN importer_waitingrow w ON w.id = m.id
    WHERE NOT EXISTS (SELECT 1 FROM importer_handle h WHERE h.handle = g.handle AND h.id <> d.id)),
marked AS (
    UPDATE importer_waitingrow w SET doomed = true FROM doomed WHERE doomed.id = w.id RETURNING w.id),
gone AS (
    DELETE FROM importer_handle h USING marked WHERE marked.id = h.id RETURNING h.handle)
SELECT DISTINCT g.handle FROM gone g JOIN importer_shared s ON s.handle = g.handle
"""
"""Marks the rows whose parent is no waiting row, and all that hang from them alone. Where several waiting rows
have the key of a parent, its children are doomed with the last of them: such keys, of which a row was marked,
come back and are looked at by the next round."""


def settle(intakes: Sequence[Intake]) -> None:
    """Settle every waiting row of a group of tables.

    A row that is set aside may let another in that has its key; so it goes on until nobody waits.
    """
    backwards = True
    while group := _waiting(intakes):
        while sum([_try_again(intake, backwards) for intake in group]):
            backwards = not backwards
        group = _waiting(group)
        if group and not _set_doomed_aside(group):
            _close_circles(group)


def _waiting(intakes: Sequence[Intake]) -> list[Intake]:
    """Return those of which a row waits."""
    return [intake for intake in intakes if intake.may_wait and intake.record.waiting.exists()]


def _tables(group: Sequence[Intake]) -> list[str]:
    return [str(intake.record.pk) for intake in group]


# -- those whose parents are there by now


def _try_again(intake: Intake, backwards: bool) -> int:
    """Try the waiting rows of a table again, newest first or oldest first; returns how many no longer wait."""
    settled, last = 0, None
    intake.classifier.waiting_table, intake.classifier.careful = None, True
    while chunk := _chunk(intake, backwards, last):
        last = chunk[-1].ordinal
        settled += _try(intake, chunk)
    return settled


def _chunk(intake: Intake, backwards: bool, last: int | None) -> list[WaitingRow]:
    waiting = intake.record.waiting.order_by("-ordinal" if backwards else "ordinal")
    if last is not None:
        waiting = waiting.filter(**{"ordinal__lt" if backwards else "ordinal__gt": last})
    return list(waiting[: intake.options.batch])


def _try(intake: Intake, chunk: list[WaitingRow]) -> int:
    """Try the first of each key; of those behind them, find out what they would need."""
    first = _first_in_line(intake, chunk)
    tried = {w.pk for w in first}
    behind = [w for w in chunk if w.pk not in tried]
    rows, others = _rows(intake, first), _rows(intake, behind)
    still = 0

    def work() -> None:
        nonlocal still
        started = time.monotonic()
        result = intake.classifier.sort(rows)
        needs: dict[str, list[str]] = {str(w.position): [] for w in behind} | _needs(result)
        needs |= _needs(intake.classifier.sort(others)) if others else {}
        still = len(needs)
        intake.write(result)
        intake.remember(result, started)
        done = [w.pk for w in chunk if str(w.position) not in needs]
        changed = [w for w in chunk if str(w.position) in needs and w.needs != needs[str(w.position)]]
        for w in changed:
            w.needs = needs[str(w.position)]
        WaitingRow.objects.bulk_update(changed, ["needs"])
        WaitingRow.objects.filter(pk__in=done).delete()

    intake.commit(work)
    return len(chunk) - still


def _first_in_line(intake: Intake, chunk: list[WaitingRow]) -> list[WaitingRow]:
    """Leave out the rows behind one that waits with the same key; once the key is taken, nobody is behind."""
    rows = query(
        "SELECT k.ordinal FROM unnest(%s::bigint[], %s::text[]) AS k (ordinal, identity) "
        "WHERE EXISTS (SELECT 1 FROM importer_waitingrow b WHERE b.table_id = %s "
        'AND b.identity = k.identity COLLATE "C" AND b.ordinal < k.ordinal) '
        "AND NOT EXISTS (SELECT 1 FROM importer_provenance p WHERE p.stream_id = ANY(%s) "
        'AND p.identity = k.identity COLLATE "C")',
        [
            [w.ordinal for w in chunk],
            [w.identity for w in chunk],
            str(intake.record.pk),
            intake.loader.streams,
        ],
    )
    behind = {ordinal for (ordinal,) in rows}
    return [w for w in chunk if w.ordinal not in behind]


def _rows(intake: Intake, chunk: Sequence[WaitingRow]) -> list[SourceRow]:
    """Read the source rows of waiting rows again, in the order of the file."""
    positions = [decode_position(w.position) for w in sorted(chunk, key=lambda w: w.ordinal)]
    return intake.file.rows_at(intake.bound.source, intake.bound.names, positions)


def _needs(result: Sorted) -> dict[str, list[str]]:
    """Return what the waiting rows of a batch wait for, by their place."""
    return {str(encode_position(r.row.position)): r.needs for r in result.waiting}


# -- those whose parents never come


def _set_doomed_aside(group: Sequence[Intake]) -> int:
    """Set aside the rows whose parent never comes; returns how many there were."""
    _find_doomed(group)
    count = 0
    for intake in group:
        intake.classifier.waiting_table, intake.classifier.careful = None, True
        doomed = intake.record.waiting.filter(doomed=True).order_by("ordinal")
        while chunk := list(doomed[: intake.options.batch]):
            needs = [need for waiting in chunk for need in waiting.needs]
            alive, lost = (_provided(group, needs, by_doomed) for by_doomed in (False, True))
            _set_aside(intake, chunk, alive, lost)
            count += len(chunk)
    return count


def _set_aside(intake: Intake, chunk: list[WaitingRow], alive: set[str], lost: set[str]) -> None:
    """Set waiting rows aside whose parent never comes.

    ``alive`` names the parents that may still come, ``lost`` those that go into quarantine as well.
    """

    def work() -> None:
        started = time.monotonic()
        result = intake.classifier.sort(_rows(intake, chunk))
        result.rejected.extend(intake.classifier.doomed(result.waiting, alive, lost))
        result.waiting = []
        intake.write(result)
        intake.remember(result, started)
        WaitingRow.objects.filter(pk__in=[w.pk for w in chunk]).delete()

    intake.commit(work)


def _find_doomed(group: Sequence[Intake]) -> None:
    """Mark the rows whose parent never comes; the rest hang from one another in circles, or wait in line."""
    with transaction.atomic():
        WaitingRow.objects.filter(table__in=[i.record.pk for i in group], doomed=True).update(doomed=False)
        query("ANALYZE importer_waitingrow")
        for name, column in (("need", "needs"), ("handle", "handles")):
            _unfold(group, name, column)
        query("DROP TABLE IF EXISTS pg_temp.importer_shared")
        query(
            "CREATE TEMPORARY TABLE importer_shared ON COMMIT DROP AS "
            "SELECT handle FROM importer_handle GROUP BY handle HAVING count(*) > 1"
        )
        keys: list[str] | None = None
        while found := query(DOOM, [keys, keys]):
            keys = [key for (key,) in found]


def _unfold(group: Sequence[Intake], name: str, column: str) -> None:
    """Make a temporary table of the elements of an array column of the waiting rows."""
    query(f"DROP TABLE IF EXISTS pg_temp.importer_{name}")
    query(
        f"CREATE TEMPORARY TABLE importer_{name} ON COMMIT DROP AS SELECT w.id, u.{name} "
        f"FROM importer_waitingrow w CROSS JOIN unnest(w.{column}) AS u ({name}) "
        "WHERE w.table_id = ANY(%s::uuid[])",
        [_tables(group)],
    )
    query(f"CREATE INDEX ON importer_{name} ({name})")
    query(f"ANALYZE importer_{name}")


def _provided(group: Sequence[Intake], needs: list[str], by_doomed: bool) -> set[str]:
    """Return the needs that waiting rows would meet."""
    rows = query(
        "SELECT DISTINCT g.handle FROM importer_waitingrow w CROSS JOIN unnest(w.handles) AS g (handle) "
        "WHERE w.table_id = ANY(%s::uuid[]) AND w.doomed = %s AND g.handle = ANY(%s)",
        [_tables(group), by_doomed, needs],
    )
    return {need for (need,) in rows}


# -- those whose parents hang from them


def _close_circles(group: Sequence[Intake]) -> None:
    """Write the rows that are left, each of which has its parent among the others, in one transaction."""
    rows = {
        intake.record.pk: _first_in_line(intake, list(intake.record.waiting.order_by("ordinal")))
        for intake in group
    }
    assumed = {handle for waiting in rows.values() for w in waiting for handle in w.handles}

    def work() -> None:
        for intake in group:
            _close_circle(intake, rows[intake.record.pk], assumed)
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query("SET CONSTRAINTS ALL DEFERRED")

    group[0].commit(work)


def _close_circle(intake: Intake, chunk: list[WaitingRow], assumed: set[str]) -> None:
    """Write the waiting rows of a circle, whose parents come in by the same transaction."""
    intake.classifier.assumed, intake.classifier.careful, intake.deferred = assumed, True, True
    started = time.monotonic()
    result = intake.classifier.sort(_rows(intake, chunk))
    if result.waiting:
        raise AssertionError(f"{len(result.waiting)} rows of a circle lack a parent")
    intake.write(result)
    intake.remember(result, started)
    WaitingRow.objects.filter(pk__in=[w.pk for w in chunk]).delete()
    intake.classifier.assumed, intake.deferred = set(), False
