"""Rows that waited for a parent: brought in once it is there, circles as one, the rest set aside.

Works on the tables of one group, which refer to themselves or to one another in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.importer.intake import Intake
from apps.importer.load import query
from apps.importer.models import WaitingRow

FIRST = """NOT EXISTS (
        SELECT 1 FROM importer_waitingrow b
        WHERE b.table_id = w.table_id AND b.identity = w.identity AND b.ordinal < w.ordinal)"""
"""A row that stands in line behind another with its key is judged when that one has been."""

DOOM = """
WITH RECURSIVE doomed (id, handles) AS (
    SELECT w.id, w.handles FROM importer_waitingrow w JOIN importer_need m ON m.id = w.id
    WHERE NOT w.doomed AND NOT EXISTS (SELECT 1 FROM importer_handle h WHERE h.handle = m.need)
    UNION
    SELECT w.id, w.handles FROM doomed d CROSS JOIN unnest(d.handles) AS g (handle)
    JOIN importer_need m ON m.need = g.handle JOIN importer_waitingrow w ON w.id = m.id
    WHERE NOT EXISTS (SELECT 1 FROM importer_handle h WHERE h.handle = g.handle AND h.id <> d.id)),
marked AS (
    UPDATE importer_waitingrow w SET doomed = true FROM doomed WHERE doomed.id = w.id RETURNING w.id)
DELETE FROM importer_handle h USING marked WHERE marked.id = h.id RETURNING h.id
"""
"""Marks the rows whose parent is no waiting row, and those that hang from them alone: where several waiting
rows have the key of a parent, a row is doomed with the last of them, which the next round sees."""


def settle(intakes: Sequence[Intake]) -> None:
    """Settle every waiting row of a group of tables.

    A row that is set aside may let another in that has its key; so it goes on until nobody waits.
    """
    backwards = True
    while group := [intake for intake in intakes if intake.record.waiting.exists()]:
        while sum([intake.settle_pass(backwards) for intake in group]):
            backwards = not backwards
        group = [intake for intake in group if intake.record.waiting.exists()]
        if group and not _set_doomed_aside(group):
            _close_circles(group)


def _tables(group: Sequence[Intake]) -> list[str]:
    return [str(intake.record.pk) for intake in group]


def _find_doomed(group: Sequence[Intake]) -> None:
    """Mark the rows whose parent never comes; the rest hang from one another in circles, or wait in line."""
    with transaction.atomic():
        WaitingRow.objects.filter(table__in=[i.record.pk for i in group], doomed=True).update(doomed=False)
        for name, column, where in (("need", "needs", FIRST), ("handle", "handles", "true")):
            query(f"DROP TABLE IF EXISTS pg_temp.importer_{name}")
            query(
                f"CREATE TEMPORARY TABLE importer_{name} ON COMMIT DROP AS SELECT w.id, u.{name} "
                f"FROM importer_waitingrow w CROSS JOIN unnest(w.{column}) AS u ({name}) "
                f"WHERE w.table_id = ANY(%s::uuid[]) AND {where}",
                [_tables(group)],
            )
            query(f"CREATE INDEX ON importer_{name} ({name})")
            query(f"ANALYZE importer_{name}")
        while query(DOOM):
            pass


def _close_circles(group: Sequence[Intake]) -> None:
    rows = {
        intake.record.pk: intake.first_in_line(list(intake.record.waiting.order_by("ordinal")))
        for intake in group
    }
    assumed = {handle for waiting in rows.values() for w in waiting for handle in w.handles}

    def work() -> None:
        for intake in group:
            intake.close_circle(rows[intake.record.pk], assumed)
            WaitingRow.objects.filter(pk__in=[w.pk for w in rows[intake.record.pk]]).delete()
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query("SET CONSTRAINTS ALL DEFERRED")

    group[0].commit(work)


def _set_doomed_aside(group: Sequence[Intake]) -> int:
    """Set aside the rows whose parent never comes; returns how many there were."""
    _find_doomed(group)
    count = 0
    for intake in group:
        intake.classifier.waiting_table = None
        doomed = intake.record.waiting.filter(doomed=True).order_by("ordinal")
        while chunk := list(doomed[: intake.options.batch]):
            needs = [need for waiting in chunk for need in waiting.needs]
            alive, lost = (_provided(group, needs, by_doomed) for by_doomed in (False, True))
            intake.set_doomed_aside(chunk, alive, lost)
            count += len(chunk)
    return count


def _provided(group: Sequence[Intake], needs: list[str], by_doomed: bool) -> set[str]:
    """Return the needs that waiting rows would meet."""
    rows = query(
        "SELECT DISTINCT g.handle FROM importer_waitingrow w CROSS JOIN unnest(w.handles) AS g (handle) "
        "WHERE w.table_id = ANY(%s::uuid[]) AND w.doomed = %s AND g.handle = ANY(%s)",
        [_tables(group), by_doomed, needs],
    )
    return {need for (need,) in rows}
