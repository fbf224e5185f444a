"""The archive: tables that no mapping knows, kept row by row as they are stored.

A table's way into the archive has the same surface as one into a model, and keeps the same promises: each
batch and its checkpoint are one transaction, a second run writes nothing for rows that are the same.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b, sha256

import orjson
from django.db import transaction

from apps.importer.binding import copy_field
from apps.importer.models import ArchivedRow, ImportRun, RunTable, Stream
from apps.importer.quarantine import place_of
from apps.importer.source import (
    SourceFile,
    SourceRow,
    SourceTable,
    Stored,
    TooLarge,
    decode_position,
    encode_position,
    raw,
)
from apps.importer.sql import copy, query

TARGET = str(ArchivedRow._meta.db_table)
COLUMNS = "id, stream_id, source_table, source_rowid, place, raw, digest, first_run, last_run"
COUNTS = ("imported", "updated", "unchanged")
LARGEST_ROW = 160 * 2**20
"""Bytes of one row's values that jsonb surely takes: it has room for 256 MiB, and BLOBs grow by a third."""


@dataclass(frozen=True)
class ArchivedTable:
    """An unknown table as a stream: its name, its declared key, and the table its rows go to."""

    source: str
    key: tuple[str, ...]
    target: str = TARGET


def archived_table(table: SourceTable) -> ArchivedTable:
    """Return the stream that a table of a file makes."""
    return ArchivedTable(table.name, tuple(column.name for column in table.key))


def stored_columns(table: SourceTable) -> list[str]:
    """Return the columns that hold something; a generated one is what an expression of the file makes of them."""
    return [column.name for column in table.columns if not column.generated]


def key_of(stream: Stream, row: SourceRow) -> str:
    """Return the archive's key of a row, 32 hex digits: made from its stream and its place there."""
    return blake2b(f"{stream.pk} {place_of(row)}".encode(), digest_size=16).hexdigest()


def raw_text(names: Sequence[str], row: SourceRow) -> str:
    """Return a row's stored values as the archive writes them."""
    return orjson.dumps(raw(dict(zip(names, fitting(row.values), strict=True)))).decode()


@dataclass(slots=True)
class Kept:
    """A row as the archive holds it."""

    id: str
    row: SourceRow
    raw: str
    digest: str
    first_run: int


@dataclass
class Archive:
    """Takes one unknown table of one file into the archive within a run."""

    file: SourceFile
    table: SourceTable
    stream: Stream
    run: ImportRun
    record: RunTable
    batch: int
    names: list[str] = field(init=False)
    fresh: bool = field(init=False)
    """Whether no row of this table was in the archive when its reading began."""

    def __post_init__(self) -> None:
        self.names = stored_columns(self.table)
        self.fresh = not ArchivedRow.objects.filter(stream=self.stream).exists()

    def done_rows(self) -> int:
        """Return how many rows the run has read of this table."""
        return sum(int(getattr(self.record, name)) for name in COUNTS)

    def read(self, limit: int | None) -> Generator[int]:
        """Read the table from its checkpoint on; yields the rows of each batch, once committed."""
        left = None if limit is None else limit - self.done_rows()
        after = self.record.checkpoint
        start = None if after is None else decode_position(after)
        for rows in self.file.rows(self.table, self.names, self.batch, start):
            if left is not None:
                rows = rows[:left]
                left -= len(rows)
            if rows:
                self._take(rows)
                yield len(rows)
            if left == 0:
                return

    def finish(self) -> None:
        """Count what was not read as skipped, and close the table's entry in the book."""
        self.record.skipped = self.record.source_rows - self.done_rows()
        self.record.stage = RunTable.Stage.DONE
        self.record.keep()

    # -- one batch

    def _take(self, rows: Sequence[SourceRow]) -> None:
        started = time.monotonic()
        with _batch():
            kept = [self._keep(row) for row in rows]
            known = {} if self.fresh else _known([k.id for k in kept])
            new = [k for k in kept if k.id not in known]
            changed = [k for k in kept if k.id in known and known[k.id][0] != k.digest]
            for k in changed:
                k.first_run = known[k.id][1]
            self._set_former_aside(changed)
            copy(TARGET, COLUMNS, (self._line(k) for k in (*new, *changed)))
            self.record.imported += len(new)
            self.record.updated += len(changed)
            self.record.unchanged += len(kept) - len(new) - len(changed)
            self.record.checkpoint = encode_position(rows[-1].position)
            self.record.seconds += time.monotonic() - started
            self.record.keep()

    def _keep(self, row: SourceRow) -> Kept:
        text = raw_text(self.names, row)
        digest = blake2b(text.encode(), digest_size=16).hexdigest()
        return Kept(key_of(self.stream, row), row, text, digest, self.run.number)

    def _line(self, kept: Kept) -> str:
        fields = (
            *(kept.id, str(self.stream.pk), self.stream.source_table),
            *(None if kept.row.rowid is None else str(kept.row.rowid), place_of(kept.row)),
            *(kept.raw, kept.digest, str(kept.first_run), str(self.run.number)),
        )
        return "\t".join(map(copy_field, fields)) + "\n"

    def _set_former_aside(self, changed: Sequence[Kept]) -> None:
        """Take the changed rows out, and keep what they held for an undo of this run."""
        if not changed:
            return
        ids = [k.id for k in changed]
        query(
            "INSERT INTO importer_formerrow (id, run_id, stream_id, identity, former, provenance) "
            "SELECT gen_random_uuid(), r.id, a.stream_id, a.id::text, a::text, '' "
            "FROM importer_archivedrow a, importer_importrun r WHERE a.id = ANY(%s::uuid[]) AND r.number = %s "
            "ON CONFLICT DO NOTHING",
            [ids, self.run.number],
        )
        query("DELETE FROM importer_archivedrow WHERE id = ANY(%s::uuid[])", [ids])


@contextmanager
def _batch() -> Iterator[None]:
    """One transaction; the commit that says ``done`` makes it durable."""
    with transaction.atomic():
        query("SET LOCAL synchronous_commit = off")
        yield


def _known(ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return digest and first run of those rows that are in the archive already."""
    rows = query(
        "SELECT id, digest, first_run FROM importer_archivedrow WHERE id = ANY(%s::uuid[])", [list(ids)]
    )
    return {key.hex: (digest.hex, first_run) for key, digest, first_run in rows}


def fitting(values: Sequence[Stored], limit: int = LARGEST_ROW) -> list[Stored]:
    """Return a row's values such that jsonb takes them together: the largest ones give way to size and hash."""
    found = list(values)
    sizes = [len(value) * 4 if isinstance(value, str) else _size(value) for value in found]
    if sum(sizes) <= limit:
        return found
    sizes = [_size(value) for value in found]
    while sum(sizes) > limit:
        place = sizes.index(max(sizes))
        found[place], sizes[place] = _too_large(found[place]), 0
    return found


def _stored(value: Stored) -> bytes:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)  # type: ignore[arg-type]


def _size(value: Stored) -> int:
    return len(_stored(value)) if isinstance(value, (str, bytes)) else 0


def _too_large(value: Stored) -> TooLarge:
    stored = _stored(value)
    kind = "text" if isinstance(value, str) else "blob"
    return TooLarge(len(stored), sha256(stored).hexdigest(), kind)
