"""The tables that one file fills: without indexes meanwhile; whole, and known to the planner, afterwards."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from django.db import IntegrityError
from psycopg2.errorcodes import FOREIGN_KEY_VIOLATION

from apps.core.database import sqlstate
from apps.importer import indexes, keys, orphans
from apps.importer.indexes import Built, Say
from apps.importer.intake import Intake
from apps.importer.models import DeferredIndex, ImportRun


@dataclass
class Targets:
    """The targets of a file's tables, of which so many are built or looked at side by side."""

    run: ImportRun
    intakes: Sequence[Intake]
    jobs: int
    say: Say
    orphans: int = 0
    """Rows that were set aside because their parent was deleted while nothing kept it."""

    def put_off(self) -> None:
        """Drop the indexes and foreign keys of large tables that are empty yet."""
        for intake in self.intakes:
            table = intake.bound.table.target
            is_large = intake.record.source_rows >= indexes.WORTH_ROWS
            if intake.is_at_start() and is_large and not indexes.put_off(self.run, table):
                self.say(f"{table} keeps its indexes: another session holds it, or a table that it refers to")

    def pending(self) -> int:
        """Return how many indexes and foreign keys are to be built."""
        return sum(entry.kind != DeferredIndex.Kind.SETTING for entry in self._pending())

    def _pending(self) -> list[DeferredIndex]:
        """Return what was put off of these tables; a run that goes on may have put off others' as well."""
        tables = {indexes.ORIGINS, *(intake.bound.table.target for intake in self.intakes)}
        return [entry for entry in indexes.pending(self.run) if entry.table in tables]

    def build(self) -> Generator[Built]:
        """Build what was put off. Raises ``keys.Unbuildable`` where rows that are not the import's forbid it."""
        with keys.explained():
            try:
                yield from self._build()
            except IntegrityError as error:
                if sqlstate(error) != FOREIGN_KEY_VIOLATION:
                    raise
                tables = {entry.table for entry in self._pending()}
                self.orphans += orphans.set_aside(self.run, self.intakes, tables)
                yield from self._build()

    def _build(self) -> Generator[Built]:
        return indexes.build(self._pending(), self.jobs, self.say)

    def analyze(self, takes_over: bool) -> None:
        """Take statistics of what changed, and of what has none; a run that took over knows not what changed."""
        there = {intake.bound.table.target for intake in self.intakes if intake.record.source_rows}
        changed = {
            intake.bound.table.target
            for intake in self.intakes
            if takes_over or intake.record.imported or intake.record.updated
        }
        changed |= indexes.without_statistics(there)
        if changed:
            indexes.analyze(changed | {indexes.ORIGINS}, self.jobs)
