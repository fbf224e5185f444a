"""Rows that waited for a parent: brought in once it is there, circles as one, the rest set aside.

Works on the tables of one group, which refer to themselves or to one another in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.importer.intake import Intake
from apps.importer.models import WaitingRow
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
        while sum([intake.settle_pass(backwards) for intake in group]):
            backwards = not backwards
        group = _waiting(group)
        if group and not _set_doomed_aside(group):
            _close_circles(group)


def _waiting(intakes: Sequence[Intake]) -> list[Intake]:
    """Return those of which a row waits."""
    return [intake for intake in intakes if intake.may_wait and intake.record.waiting.exists()]


def _tables(group: Sequence[Intake]) -> list[str]:
    return [str(intake.record.pk) for intake in group]


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
