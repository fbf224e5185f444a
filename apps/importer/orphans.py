"""Rows that lost their parent while their table was without foreign keys: set aside as if they came now.

Nothing keeps a parent for as long: no person, and no application. Only this import's own rows are touched, and
none that somebody edited since it came in.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from apps.importer import indexes
from apps.importer.intake import Intake
from apps.importer.load import Known
from apps.importer.mapping import Reference
from apps.importer.models import ImportRun

BATCHES = 20
"""So many are looked for at once: each time the whole table is."""


def set_aside(run: ImportRun, intakes: Sequence[Intake], tables: Collection[str]) -> int:
    """Set rows of these tables aside that lost their parent, and those whose parent they are; returns how many.

    The tables' foreign keys, and those that refer to them, are away afterwards.
    """
    concerned = _concerned(intakes, tables)
    for intake in concerned:
        indexes.put_off_foreign_keys(run, intake.bound.table.target)
    count = 0
    pairs = [(intake, reference) for intake in concerned for reference in intake.bound.table.references]
    while lost := sum(_set_aside(intake, reference) for intake, reference in pairs):
        count += lost
    return count


def _concerned(intakes: Sequence[Intake], tables: Collection[str]) -> list[Intake]:
    """Return the intakes of these tables, and of those that refer to them, and so on."""
    known: set[str] = set()
    more = set(tables)
    while not more <= known:
        known |= more
        more = {
            intake.bound.table.target
            for intake in intakes
            for reference in intake.bound.table.references
            if reference.parent in known
        }
    return [intake for intake in intakes if intake.bound.table.target in known]


def _set_aside(intake: Intake, reference: Reference) -> int:
    """Take a table's rows out that lack one kind of parent, and import them once more; returns how many went."""
    intake.classifier.pending, intake.classifier.careful = set(), True
    before = intake.record.quarantined
    batch = intake.options.batch
    while orphans := list(intake.loader.orphans(reference, BATCHES * batch).items()):
        for start in range(0, len(orphans), batch):
            intake.commit(partial(_take_anew, intake, dict(orphans[start : start + batch])))
    return int(intake.record.quarantined) - before


def _take_anew(intake: Intake, known: Mapping[str, Known]) -> None:
    started = time.monotonic()
    intake.classifier.forget()
    gone = intake.loader.take_out(known)
    places = [row.position(intake.bound, identity) for identity, row in known.items() if identity in gone]
    result = intake.classifier.sort(intake.file.rows_at(intake.bound.source, intake.bound.names, places))
    intake.write(result)
    intake.record.imported -= len(gone)
    intake.remember(result, started)
