"""One legacy table on its way in: batches read, classified, written and remembered in one transaction each."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DatabaseError, transaction
from psycopg2 import errorcodes

from apps.core.database import sqlstate
from apps.importer import quarantine, runs
from apps.importer.ahead import ahead
from apps.importer.binding import BoundTable, Ready, Rejected
from apps.importer.classify import Classifier, Sorted
from apps.importer.fastpath import FastPath, Passed
from apps.importer.load import Loader, Refused, rejection
from apps.importer.models import ImportRun, Progress, Provenance, RunPiece, RunTable, Stream, WaitingRow
from apps.importer.rivals import Claims
from apps.importer.runs import Options
from apps.importer.sift import Sieve
from apps.importer.source import Position, SourceFile, SourceRow, decode_position, encode_position
from apps.importer.sql import is_refusal, query
from apps.importer.standing import Standing

ORDINALS = 10**12
"""More than the rows of a piece: waiting rows of piece n are numbered from n times this on."""
COUNTS = ("imported", "updated", "unchanged", "quarantined")
TRANSIENT = {errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED}
SET_ASIDE = "set aside"
"""The key of a checkpoint that counts only rows in quarantine, all others being unchanged."""
IMPORTING = "SET LOCAL rehome.importing = 'on'; SET LOCAL synchronous_commit = off"
SPARED = ("unchanged", "unmapped", "stage")
SAVED = (*COUNTS, "reasons", "unmapped", "checkpoint", "stage", "seconds", "skipped")


class Rivalry(Exception):
    """A row has the key of another: which is the first is told by reading the table in order only."""


class KeyNeeded(Exception):
    """PostgreSQL refused rows of a table that is without its key, by which each of them would be looked up now."""


@dataclass
class Intake:
    """Imports one legacy table of one file within a run.

    Every transaction holds a batch's rows, their provenance, its quarantine entries and its checkpoint:
    all of it is there after a crash, or none.
    """

    file: SourceFile
    bound: BoundTable
    stream: Stream
    run: ImportRun
    record: RunTable
    options: Options
    standing: Standing
    deferred: bool = False
    """Whether foreign keys are checked at the end of the transaction only: while a circle is written."""
    piece: RunPiece | None = None
    """The range of the table that this intake reads beside others, each of them on a connection of its own."""
    keyless: bool = False
    """Whether the table is without its key meanwhile."""
    is_cut: bool = False
    """Whether the table was being read in pieces when the run was interrupted."""
    book: Progress = field(init=False)
    """What counts the rows and holds the checkpoint."""
    loader: Loader = field(init=False)
    classifier: Classifier = field(init=False)

    def __post_init__(self) -> None:
        self.loader = Loader(self.bound, self.stream, self.run.number, self.standing.streams)
        self.book = self.piece or self.record
        self.classifier = Classifier(self.file, self.loader, fresh=not self.standing.imported)
        self._sifts_carefully = False
        self._leaves_all = False
        """Whether PostgreSQL refused the batch for what no sieve tells: then its rows are written with care."""
        self._ordinal = self._first_ordinal()
        self._kept = 0
        """Rows that are there and need no reading, not yet counted."""
        self._mark_waiting()

    def _first_ordinal(self) -> int:
        """Return the ordinal after which this intake's waiting rows are numbered: in the order of the file."""
        if not self.piece and self.is_at_start():
            return 0
        least = self.piece.number * ORDINALS if self.piece else 0
        mine = self.record.waiting.filter(ordinal__gt=least).order_by("-ordinal")
        if self.piece:
            mine = mine.filter(ordinal__lt=least + ORDINALS)
        return mine.values_list("ordinal", flat=True).first() or least

    @property
    def may_wait(self) -> bool:
        """Whether rows of this intake may wait for a parent; where not, none does."""
        return self._ordinal > (self.piece.number * ORDINALS if self.piece else 0)

    def _mark_waiting(self) -> None:
        self.classifier.waiting_table = self.record.pk if self.may_wait else None

    # -- reading

    def is_at_start(self) -> bool:
        """Tell whether nothing of the table has been read in this run."""
        reading = self.record.stage == RunTable.Stage.READING and self.record.checkpoint is None
        return reading and not self.is_cut

    def quarantined(self) -> int:
        """Return how many rows the run has set aside of this table."""
        pieces = self.record.pieces.values_list("quarantined", flat=True) if self.is_cut else ()
        return self.record.quarantined + sum(pieces)

    def plan(self) -> FastPath | None:
        """Return the hot path of the table, if it has one."""
        return FastPath.plan(self.file, self.bound, self.record.source_rows) if self.options.fast else None

    def read(self, limit: int | None) -> Generator[int]:
        """Read the table from its checkpoint on; yields the rows of each batch, once committed."""
        if self._kept or (not self.piece and SET_ASIDE in (self.record.checkpoint or ())):
            yield from self._read_set_aside()
            return
        if limit is None and (path := self.plan()):
            yield from self.read_fast(path)
        yield from self.read_carefully(limit)
        if self.piece:
            self.commit(self._close_piece)

    def read_fast(self, path: FastPath) -> Generator[int]:
        """Read by the hot path as far as it goes; the careful path reads what may be left."""
        sieve = Sieve(path, self.loader, self.classifier)
        stop = self.piece.stop if self.piece else None
        batches = path.batches(self.options.batch, self._after(), stop)
        with closing(batches if self.piece else ahead(batches)) as ready:
            for passed in ready:
                size = passed.size
                self._take_passed(sieve, passed)
                del passed  # before the next batch is read
                yield size

    def read_carefully(self, limit: int | None) -> Iterator[int]:
        """Read row by row what is left."""
        for rows in self._batches(limit):
            started = time.monotonic()
            self.take(rows, encode_position(rows[-1].position), started)
            yield len(rows)

    def _close_piece(self) -> None:
        self.book.stage = RunTable.Stage.DONE
        self.book.keep()

    def leave_pieces(self) -> None:
        """Go on as one: the pieces were added up, or taken back."""
        self.is_cut = False
        self._ordinal = self._first_ordinal()
        self._mark_waiting()

    def _after(self) -> Position | None:
        """Return the position after which reading goes on."""
        if self.book.checkpoint is not None:
            return decode_position(self.book.checkpoint)
        return self.piece.start if self.piece else None

    def _take_passed(self, sieve: Sieve, read: Passed) -> None:
        started = time.monotonic()

        def work() -> None:
            passed = replace(read, others=list(read.others))  # sifted anew where the work is repeated
            if self._leaves_all or (self.classifier.careful and not self._sifts_carefully):
                passed.leave_all()
            same = sieve.sift(passed)
            result = self._sort_others(sieve, passed)
            result.same, result.passed = len(same), len(passed.rows)
            self._wait(result.waiting)
            self.loader.give_keys(passed, result.new)
            self.loader.insert_passed(passed)
            self.write(result)
            if self.standing.entries:
                quarantine.close_rowids(self.stream, self.run, [*same, *passed.rowids])
            self.remember(result, started, encode_position(passed.last))

        self.commit(work)
        self._sifts_carefully, self._leaves_all = self.classifier.careful, False
        self._mark_waiting()

    def _sort_others(self, sieve: Sieve, passed: Passed) -> Sorted:
        """Sort the rows that are not plain; where one has the key of a plain row that comes later, all rows."""
        others = self._others(passed)
        self.classifier.claims = sieve.claims(passed) if others else Claims()
        result = self.classifier.sort(others)
        self.classifier.claims = Claims()
        # with care new rows get their keys one after another: of these, some would come before others of the file
        mixed = self.bound.table.surrogate and self.classifier.careful and result.new and passed.rows
        if self.classifier.clash or mixed:
            passed.leave_all()
            result = self.classifier.sort(self._others(passed))
        return result

    def _others(self, passed: Passed) -> list[SourceRow]:
        if not passed.others:
            return []
        return self.file.rows_at(self.bound.source, self.bound.names, passed.others)

    def _batches(self, limit: int | None) -> Iterator[list[SourceRow]]:
        left = None if limit is None else limit - self.done_rows()
        bound, stop = self.bound, self.piece.stop if self.piece else None
        for rows in self.file.rows(bound.source, bound.names, self.options.batch, self._after(), stop):
            if left is not None:
                rows = rows[:left]
                left -= len(rows)
            if rows:
                yield rows
            if left == 0:
                return

    def done_rows(self) -> int:
        """Return how many rows the run has read of this table."""
        books = [self.book, *(self.record.pieces.all() if self.is_cut else ())]
        return sum(int(getattr(book, name)) for book in books for name in COUNTS) + self._waiting_count()

    def _waiting_count(self) -> int:
        return self.record.waiting.count() if self.may_wait else 0

    def spare(self, before: RunTable, kept: int) -> bool:
        """Count as unchanged what a whole reading of the same rows brought in, where all of it still stands.

        ``kept`` are the rows that are imported. Left to be read are the rows that were set aside: their parents may
        be there by now. True: there are none, the table is done, and its entry in the book is to be saved.
        """
        rows, standing = self.record.source_rows, self.standing
        whole = before.stage == RunTable.Stage.DONE and before.source_rows == rows and not before.skipped
        stands = kept + standing.entries == rows and standing.placed == standing.entries
        if not whole or not stands or standing.decided:
            return False
        self.record.unmapped = before.unmapped
        if standing.entries:
            self._kept = kept
            return False
        self.record.unchanged, self.record.stage = rows, RunTable.Stage.DONE
        return True

    def _read_set_aside(self) -> Iterator[int]:
        """Read the rows that were set aside; the checkpoint tells that all others were counted with the first."""
        while True:
            started = time.monotonic()
            after = (self.record.checkpoint or {SET_ASIDE: None})[SET_ASIDE]
            rowids = quarantine.open_rowids(self.stream, after, self.options.batch)
            if not rowids:
                return
            kept, self._kept = self._kept, 0
            rows = self.file.rows_at(self.bound.source, self.bound.names, rowids)
            self.take(rows, {SET_ASIDE: rowids[-1]}, started, same=kept)
            yield kept + len(rows)
            if len(rowids) < self.options.batch:
                return

    # -- one batch

    def take(self, rows: list[SourceRow], checkpoint: Any, started: float, same: int = 0) -> None:
        """Import one batch of newly read rows; ``same`` more are unchanged without a look."""

        def work() -> None:
            result = self.classifier.sort(rows)
            result.same = same
            self._wait(result.waiting)
            self.write(result)
            self.remember(result, started, checkpoint)

        self.commit(work)
        self._mark_waiting()

    def commit(self, work: Any) -> None:
        """Run ``work`` in one transaction; with care after PostgreSQL's first refusal, again when it deadlocks."""
        for attempt in range(6):
            before = {name: getattr(self.book, name) for name in SAVED}, self._ordinal
            try:
                with self.transaction():
                    work()
                return
            except DatabaseError as error:
                if self.piece and sqlstate(error) == errorcodes.UNIQUE_VIOLATION:
                    raise Rivalry from error
                if is_refusal(error) and not (self.classifier.careful and self._leaves_all):
                    if self.keyless:
                        raise KeyNeeded from error
                    self._leaves_all = self.classifier.careful
                    self.classifier.careful = True
                elif sqlstate(error) not in TRANSIENT or attempt == 5:
                    raise
                self._restore(before)

    def _restore(self, before: tuple[dict[str, Any], int]) -> None:
        saved, self._ordinal = before
        for name, value in saved.items():
            setattr(self.book, name, value)
        self.classifier.forget()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction of the import; durable at once only where the run says ``done``."""
        with transaction.atomic():
            if self.piece:
                self._hold_piece(self.piece)
            else:
                query(IMPORTING)
            yield

    def _hold_piece(self, piece: RunPiece) -> None:
        """See that nobody else goes on with this piece: the lock of the run is another connection's."""
        found = query(
            f"{IMPORTING}; SELECT checkpoint::text, stage FROM importer_runpiece WHERE id = %s FOR UPDATE",
            [str(piece.pk)],
        )
        known = [(None if text is None else json.loads(text), stage) for text, stage in found]
        if known != [(self.book.checkpoint, self.book.stage)]:
            raise runs.SourceHeld("another import goes on with this source; wait for it, or stop it first")

    def write(self, result: Sorted) -> None:
        """Write a batch as it was sorted; what PostgreSQL refuses of it is set aside with the rest."""
        updated, refused = self.loader.update_each(result.changed)  # they may give up keys for new rows
        refused += self._insert(result.new, result.passed)
        lost = {id(r.ready) for r in refused}
        for r in result.changed:
            if r.identity not in updated and id(r) not in lost:
                message = "the row was edited in PostgreSQL since it was imported; the edit stays"
                result.rejected.append(Rejected(r.row, "target_edited", None, message))
        result.rejected.extend(rejection(self.bound, r) for r in refused)
        if self.piece and any(r.reason == "duplicate_key" for r in result.rejected):
            raise Rivalry
        self.loader.provenance.note(result.shared, Provenance.Outcome.SHARED)
        result.unchanged += result.shared
        result.changed = [r for r in result.changed if r.identity in updated]
        result.new = [r for r in result.new if id(r) not in lost]
        if self.standing.decided:
            self._leave_settled(result)
        self._set_aside(result.rejected)
        if self.standing.entries:
            came_in = [*result.new, *result.changed, *result.unchanged]
            quarantine.close(self.stream, self.run, (r.row for r in came_in))

    def _leave_settled(self, result: Sorted) -> None:
        """Take out the rows about which a person decided: repaired ones are unchanged, others left out."""
        settled = quarantine.settled(self.bound, self.stream, (r.row for r in result.rejected))
        result.rejected = [r for r in result.rejected if quarantine.place_of(r.row) not in settled]
        result.same += sum(settled.values())

    def _set_aside(self, rejected: Sequence[Rejected]) -> None:
        quarantine.set_aside(
            self.bound, self.stream, self.run, self.file.sha256, rejected, known=self.standing.entries > 0
        )

    def _insert(self, rows: list[Ready], passed: int) -> list[Refused]:
        """Insert new rows, and have the references checked: theirs, and those of rows of the hot path."""
        if self.classifier.careful and not self.deferred:
            return self.loader.insert_each(rows)
        self.loader.insert(rows, have_keys=passed > 0)
        if (rows or passed) and not self.deferred:
            query("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        return []

    def _wait(self, rows: list[Ready]) -> None:
        WaitingRow.objects.bulk_create(self._waiting_rows(rows), batch_size=1000)

    def _waiting_rows(self, rows: list[Ready]) -> Iterator[WaitingRow]:
        for r in sorted(rows, key=lambda r: r.row.rowid or 0):
            self._ordinal += 1
            yield WaitingRow(
                table=self.record,
                ordinal=self._ordinal,
                position=encode_position(r.row.position),
                identity=r.identity,
                handles=[f"{self.bound.table.target}.{handle}" for handle in self.bound.handles(r.row)],
                needs=r.needs,
            )

    def remember(self, result: Sorted, started: float, checkpoint: Any = None) -> None:
        """Count a batch in the book, and the seconds since it was begun."""
        record = self.book
        record.imported += len(result.new) + result.passed
        record.updated += len(result.changed)
        record.unchanged += len(result.unchanged) + result.same
        record.quarantined += len(result.rejected)
        record.reasons = dict(Counter(record.reasons) + Counter(r.reason for r in result.rejected))
        if self.bound.unmapped:
            record.unmapped = dict(Counter(record.unmapped) + self._unmapped(result))
        if checkpoint is not None:
            record.checkpoint = checkpoint
        record.seconds += time.monotonic() - started
        record.keep()

    def _unmapped(self, result: Sorted) -> Counter[str]:
        kept = [*result.new, *result.changed, *result.unchanged]
        return Counter(
            self.bound.names[place]
            for r in kept
            for place in self.bound.unmapped
            if r.row.values[place] is not None
        )

    # -- the end of a table

    def finish(self, whole: bool) -> None:
        """Close what is no longer in quarantine, move the key's sequence on, count the rest as skipped."""

        def work() -> None:
            if whole and self.standing.entries:
                quarantine.sweep(self.stream, self.run)
            if not self.options.dry_run:
                self.loader.advance_sequence(None)
            self.record.skipped = self.record.source_rows - sum(getattr(self.record, name) for name in COUNTS)
            self.record.stage = RunTable.Stage.DONE
            self.record.keep()

        self.commit(work)
