"""Rows that waited for a parent: brought in once it is there, circles as one, the rest set aside.

Works on the tables of one group, which refer to themselves or to one another in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.importer.intake import Intake
from apps.importer.load import query
from apps.importer.models import WaitingRow

DOOM = """
WITH RECURSIVE doomed (id, handles) AS (
    SELECT w.id, w.handles FROM importer_waitingrow w
    WHERE w.table_id = ANY(%s) AND EXISTS (
        SELECT 1 FROM unnest(w.needs) AS n (need)
        WHERE NOT EXISTS (SELECT 1 FROM importer_handle h WHERE h.handle = n.need))
    UNION
    SELECT w.id, w.handles FROM doomed d CROSS JOIN unnest(d.handles) AS g (handle)
    JOIN importer_need m ON m.need = g.handle JOIN importer_waitingrow w ON w.id = m.id)
UPDATE importer_waitingrow SET doomed = true FROM doomed WHERE doomed.id = importer_waitingrow.id
"""


def settle(intakes: Sequence[Intake]) -> None:
    """Settle every waiting row of a group of tables."""
    group = [intake for intake in intakes if intake.record.waiting.exists()]
    if not group:
        return
    backwards = True
    while sum([intake.settle_pass(backwards) for intake in group]):
        backwards = not backwards
    group = [intake for intake in group if intake.record.waiting.exists()]
    if group:
        _find_doomed(group)
        _close_circles(group)
        _set_aside(group)


def _tables(group: Sequence[Intake]) -> list[str]:
    return [str(intake.record.pk) for intake in group]


def _find_doomed(group: Sequence[Intake]) -> None:
    """Mark the rows whose parent is no waiting row, and all that hang from them; the rest are circles."""
    with transaction.atomic():
        for name, column in (("need", "needs"), ("handle", "handles")):
            query(f"DROP TABLE IF EXISTS pg_temp.importer_{name}")
            query(
                f"CREATE TEMPORARY TABLE importer_{name} ON COMMIT DROP AS SELECT w.id, u.{name} "
                f"FROM importer_waitingrow w CROSS JOIN unnest(w.{column}) AS u ({name}) "
                "WHERE w.table_id = ANY(%s::uuid[])",
                [_tables(group)],
            )
            query(f"CREATE INDEX ON importer_{name} ({name})")
            query(f"ANALYZE importer_{name}")
        query(DOOM.replace("ANY(%s)", "ANY(%s::uuid[])"), [_tables(group)])


def _close_circles(group: Sequence[Intake]) -> None:
    rows = {
        intake.record.pk: list(intake.record.waiting.filter(doomed=False).order_by("ordinal"))
        for intake in group
    }
    assumed = {handle for waiting in rows.values() for w in waiting for handle in w.handles}
    if not assumed:
        return

    def work() -> None:
        for intake in group:
            intake.close_circle(rows[intake.record.pk], assumed)
            WaitingRow.objects.filter(pk__in=[w.pk for w in rows[intake.record.pk]]).delete()
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query("SET CONSTRAINTS ALL DEFERRED")

    group[0].commit(work)


def _set_aside(group: Sequence[Intake]) -> None:
    for intake in group:
        intake.classifier.waiting_table = None
        while chunk := list(intake.record.waiting.order_by("ordinal")[: intake.options.batch]):
            needs = [need for waiting in chunk for need in waiting.needs]
            rows = query(
                "SELECT DISTINCT n.need FROM unnest(%s::text[]) AS n (need) JOIN importer_waitingrow w "
                "ON w.handles @> ARRAY[n.need] WHERE w.table_id = ANY(%s::uuid[])",
                [needs, _tables(group)],
            )
            intake.set_doomed_aside(chunk, {need for (need,) in rows})
