"""A large new table read in pieces, several at once, each lane in a process and on a connection of its own.

A piece is a range of rowids with its own counts and checkpoint, so every transaction still holds a batch's
rows, provenance, quarantine and checkpoint, and no two lanes wait for one row of the book. Which of two rows
with one key comes first can only be told by reading in order: at the first duplicate the lanes stop, or find
it when they build the key that they did without; what they wrote is taken back, and the table is read from
its start by one. So lanes are for tables whose file declares its keys unique, and whose rows PostgreSQL has
none of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from apps.importer import indexes, keys, session
from apps.importer.binding import BoundTable
from apps.importer.fastpath import load_numpy
from apps.importer.indexes import Say
from apps.importer.intake import COUNTS, Intake, KeyNeeded, Rivalry
from apps.importer.models import RunPiece, RunTable
from apps.importer.pieces import hold_pieces, take_back
from apps.importer.source import SourceFile, encode_position
from apps.importer.sql import query
from apps.importer.standing import Standing
from apps.importer.workers import Worker, Workers

LEAST_ROWS = 500
"""Rows below which a second connection costs more than it brings."""
PIECES = 4
"""Pieces for each lane: they end at about the same time, though some rows are longer than others."""


def lanes_for(intake: Intake, say: Say) -> Lanes | None:
    """Return the lanes that read a table; None where it is to be read by one, in order."""
    if intake.is_cut:
        return Lanes(intake, say)
    if intake.options.limit is not None or _how_many(intake) < 2 or not intake.is_at_start():
        return None
    return Lanes(intake, say) if intake.standing.is_new and _is_plain(intake) and intake.plan() else None


def _how_many(intake: Intake) -> int:
    jobs, rows = intake.options.jobs, intake.record.source_rows
    if jobs < 2 or rows < LEAST_ROWS:
        return 1
    return min(jobs * PIECES, rows // intake.options.batch)


def _is_plain(intake: Intake) -> bool:
    """Tell whether a row's fate hangs on no other row, but for its key, which the file declares unique."""
    table = intake.bound.table
    if table.surrogate or table.own_uniques or not all(link.are_few() for link in intake.loader.links):
        return False
    sources = {column.name: column.source.lower() for column in table.columns}
    if not {name for names in table.uniques for name in names} <= sources.keys():
        return False
    key = tuple(name.lower() for name in table.key)
    wanted = {key, *(tuple(sources[name] for name in names) for names in table.uniques)}
    late = {table.target, *intake.classifier.pending}
    if len(wanted) > 1 and any(reference.parent in late for reference in table.references):
        return False  # of the rows that wait for a parent only the keys are known
    return {frozenset(names) for names in wanted} <= _declared_unique(intake)


def _declared_unique(intake: Intake) -> set[frozenset[str]]:
    """Return the sets of columns that the file declares unique, if only for some rows: most often those with a value.

    More duplicates than the file lets suspect cost time, and nothing else.
    """
    source = intake.bound.source
    indexes = [index for index in intake.file.declared(source).indexes if index.unique]
    found = {frozenset((name or "").lower() for name in index.columns) for index in indexes}
    return found | {frozenset(column.name.lower() for column in source.key)}


@dataclass
class Lanes:
    """Reads one table by several intakes at once."""

    intake: Intake
    say: Say
    count: int = field(init=False, default=0)
    """How many there are."""

    def read(self) -> Generator[int]:
        """Read the pieces that are not done; yields the rows of each batch, once committed."""
        with self._without_keys() as keyless:
            try:
                yield from self._fill(keyless)
                self._add_up()
            except Rivalry:
                self._take_back()

    @contextmanager
    def _without_keys(self) -> Iterator[bool]:
        """Put off keys where so many rows are worth it; gives whether the table is without its own."""
        rows = self.intake.record.source_rows
        if rows < indexes.WORTH_ROWS:
            yield False
            return
        # the parents are looked up by it
        needed = self._refers_to_itself()
        with keys.put_off(self.intake.run, self.intake.bound.table.target, rows, needed) as keyless:
            yield keyless

    def _refers_to_itself(self) -> bool:
        table = self.intake.bound.table
        return any(reference.parent == table.target for reference in table.references)

    def _fill(self, keyless: bool) -> Generator[int]:
        try:
            yield from self._read_pieces(keyless)
        except KeyNeeded:
            keys.build(self.intake.run, self.say)
            self.intake.is_cut, self.intake.record.quarantined = True, 0  # of the latter the pieces tell
            yield from self._read_pieces(keyless=False)

    def _read_pieces(self, keyless: bool) -> Generator[int]:
        pieces = self._pieces()
        _import_once(self.intake)
        workers = Workers(partial(self._work, pieces, keyless), len(pieces))
        try:
            # the first rows are the parents of others, where a table refers to itself
            for _ in range(1 if self._refers_to_itself() else self.intake.options.jobs):
                workers.start()
            for rows, set_aside in workers.told():
                while workers.started < self.intake.options.jobs:
                    workers.start()
                self.intake.record.quarantined += set_aside
                yield rows
        finally:
            workers.end()
            self.count = max(self.count, workers.started)

    def _pieces(self) -> list[RunPiece]:
        """Return the pieces still to be read; cuts the table where nothing of it has been read."""
        record = self.intake.record
        if not self.intake.is_cut:
            RunPiece.objects.bulk_create(self._cut())
        record.quarantined = self.intake.quarantined()
        return list(record.pieces.filter(stage=RunTable.Stage.READING).order_by("number"))

    def _cut(self) -> list[RunPiece]:
        ranges = self.intake.file.ranges(self.intake.bound.source, _how_many(self.intake))
        return [
            RunPiece(table=self.intake.record, number=number, start=start, stop=stop)
            for number, (start, stop) in enumerate(ranges)
        ]

    # -- one lane, in a process of its own

    def _work(self, pieces: Sequence[RunPiece], keyless: bool, worker: Worker) -> None:
        """Read piece after piece, until none is left or the reading ends."""
        with session.of_worker():
            file = self.intake.file.beside()  # not closed: what it shares with the parent's is the parent's
            for number in worker.tasks():
                piece = pieces[number]
                self._read(self._lane(file, piece, keyless), piece, worker)

    def _lane(self, file: SourceFile, piece: RunPiece, keyless: bool) -> Intake:
        one = self.intake
        bound = BoundTable(one.bound.table, one.bound.source, one.bound.scope)
        # what a piece has still to read was never imported: so it was when the table was cut
        unread = Standing(one.standing.streams)
        book = one.run, one.record, one.options
        lane = Intake(file, bound, one.stream, *book, unread, piece=piece, keyless=keyless)
        lane.classifier.pending = one.classifier.pending
        lane.loader.links = one.loader.links
        return lane

    def _read(self, lane: Intake, piece: RunPiece, worker: Worker) -> None:
        before = piece.quarantined
        for rows in lane.read(None):
            worker.tell((rows, piece.quarantined - before))
            before = piece.quarantined
            if worker.is_over():
                return

    # -- the end

    def _add_up(self) -> None:
        """Make one of all pieces: their counts, and a checkpoint behind the last row."""
        keys.build(self.intake.run, self.say)
        record = self.intake.record
        with transaction.atomic():
            pieces = hold_pieces(record)
            if any(piece.stage != RunTable.Stage.DONE for piece in pieces):
                raise AssertionError(f"a piece of {record.source_table} was not read to its end")
            if self._has_rival_waiting():
                raise Rivalry
            self._sum(pieces)
        self.intake.leave_pieces()

    def _sum(self, pieces: Sequence[RunPiece]) -> None:
        record = self.intake.record
        for name in COUNTS:
            setattr(record, name, sum(getattr(piece, name) for piece in pieces))
        record.seconds = sum(piece.seconds for piece in pieces) / self.count  # side by side
        for name in ("reasons", "unmapped"):
            setattr(record, name, dict(sum((Counter(getattr(piece, name)) for piece in pieces), Counter())))
        span = self.intake.file.span(self.intake.bound.source)
        record.checkpoint = encode_position(span[1]) if span else None
        record.pieces.all().delete()
        record.save()

    def _has_rival_waiting(self) -> bool:
        """Tell whether a row that came in has the key of one that waits for its parent, and may come before it."""
        return bool(
            query(
                "SELECT 1 FROM importer_waitingrow w JOIN importer_provenance p "
                "ON p.stream_id = %s AND p.identity = w.identity WHERE w.table_id = %s LIMIT 1",
                [self.intake.stream.pk, str(self.intake.record.pk)],
            )
        )

    def _take_back(self) -> None:
        """Delete what the lanes wrote, and begin anew."""
        take_back(self.intake.record)
        keys.build_left(self.intake.run, self.say)
        self.intake.leave_pieces()


def _import_once(intake: Intake) -> None:
    """Import what the lanes will need, once for all of them, before they are forked."""
    if intake.bound.has_vectors:
        load_numpy()
        import simdjson  # noqa: F401
    intake.plan()
