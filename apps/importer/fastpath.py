"""The hot path: a batch converted column by column, so that plain values cost no call of Python each.

A column whose values all have a plain form is proved and converted at once, in C; a column that has other
values goes through its converter one by one. A row that does not convert, or about which the mapping says
more than its columns do, is left to the careful path, which gives the same result for every row.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_hexdigest

from apps.importer.binary import BYTES_OF_FLOAT, Format, kind
from apps.importer.binding import BoundTable, Step, copy_fields, identity_of, moved
from apps.importer.convert import Invalid
from apps.importer.convert.packed import Packed
from apps.importer.source import Position, SourceFile, Values

if TYPE_CHECKING:
    from apps.importer.blocks import Array, Blocks, Numbers

LIST_BYTES = 5 * 2**20
"""Bytes that the rows of one list may have; several lists and what they became are held at once."""
ENOUGH_PLAIN = 0.5
"""The share of a first list's rows that must pass, or the careful path alone is faster."""
VECTOR_BYTES = 2 * 2**20
"""Bytes that the vectors of one list may have, in whatever form they are stored: they are copied more often."""
WORTH_ROWS = 5000
"""Rows of a table from which its batches are worth NumPy, which takes a tenth of a second to import."""
WORTH_BYTES = 4 * 2**20
"""Bytes of a file that may have so many."""
PART = 125
"""Values that go through their converter one by one because one of them is not plain."""
MEMO_LENGTH, MEMO_SIZE = 64, 4096
"""Of short texts that need their converter, such as empty lists in JSON, so many are remembered."""


@dataclass(slots=True)
class Passed:
    """A batch of the hot path: its plain rows, ready for COPY, and the rowids of the others.

    ``rows``, ``identities``, ``pks``, ``rowids`` and ``digests`` run side by side, as do the ``fields`` of each
    column of which others must know, by its place. ``pks`` are the keys in PostgreSQL where they are others than
    the identities; surrogate ones are given last. Rows lack theirs, and links, until they are written.
    """

    rows: list[bytes]
    identities: list[str]
    pks: list[str] | None
    rowids: list[int]
    digests: list[str]
    fields: dict[int, list[str | None]]
    others: list[int]
    last: int
    size: int
    in_blocks: bool
    """Whether NumPy put the rows together, and is to do so with their provenance."""

    def keep(self, flags: Sequence[bool]) -> None:
        """Keep the rows that the flags name, leave the others to the careful path."""
        self.others += [rowid for rowid, kept in zip(self.rowids, flags, strict=True) if not kept]
        self.others.sort()
        self.rows = list(compress(self.rows, flags))
        self.identities = list(compress(self.identities, flags))
        self.pks = None if self.pks is None else list(compress(self.pks, flags))
        self.rowids = list(compress(self.rowids, flags))
        self.digests = list(compress(self.digests, flags))
        self.fields = {place: list(compress(column, flags)) for place, column in self.fields.items()}

    def leave_all(self) -> None:
        """Leave every row to the careful path."""
        self.keep([False] * len(self.rows))


class Column:
    """Converts the values of one column; remembers what short texts became that need their converter."""

    def __init__(self, step: Step, as_numbers: bool = False) -> None:
        self.step = step
        self.plain = step.plain
        self.packed = step.packed if as_numbers else None
        self.kind = kind(step.column.type)
        self._memo: dict[str, str | None] = {}

    def read(self, values: Sequence[Any], bad: set[int]) -> list[str | None] | Numbers:
        """Return the values as numbers where they are wanted and plain, else as ``texts`` does."""
        found = self._numbers(self.packed, values, bad) if self.packed else None
        return self.texts(values, bad) if found is None else found

    def _numbers(self, packed: Packed, values: Sequence[Any], bad: set[int]) -> Numbers | None:
        """Take a column that is plain but for NULL, for values of another storage class, and for some parts."""
        from apps.importer.blocks import Numbers, joined, spread

        if None not in values and (found := packed(values)) is not None:
            return Numbers(found)
        kinds = Counter(map(type, values))
        if kinds.pop(type(None), 0) and self.step.required:
            return None
        if not kinds:
            return spread([False] * len(values), None)
        usual = max(kinds, key=kinds.__getitem__)
        there, arrays = _plain_of(packed, values, [type(value) is usual for value in values])
        if not arrays:
            return None
        numbers = spread(there, arrays[0] if len(arrays) == 1 else joined(arrays))
        if sum(there) < kinds.total():
            self._fill_in(numbers, values, there, bad)
        return numbers

    def _fill_in(self, numbers: Numbers, values: Sequence[Any], there: Sequence[bool], bad: set[int]) -> None:
        """Add the values that are not there, each by the converter."""
        for place, value in enumerate(values):
            if value is not None and not there[place]:
                text = self._one(value, place, bad)
                if text is not None:
                    numbers.put(place, text, self.kind)

    def texts(self, values: Sequence[Any], bad: set[int]) -> list[str | None]:
        """Return the converter's texts; the positions of values that do not convert are added to ``bad``."""
        if None not in values:
            return self._read(values, None, bad)
        if self.step.required:
            bad.update(place for place, value in enumerate(values) if value is None)
        stored = [value for value in values if value is not None]
        if not stored:
            return [None] * len(values)
        found = iter(self._read(stored, values, bad))
        return [None if value is None else next(found) for value in values]

    def _read(self, values: Sequence[Any], among: Sequence[Any] | None, bad: set[int]) -> list[str | None]:
        """Convert values, which may stand among others that are NULL."""
        texts = self.plain(values) if self.plain else None
        if texts is not None:
            return texts  # type: ignore[return-value]
        places = range(len(values)) if among is None else [n for n, v in enumerate(among) if v is not None]
        if not self.plain or len(values) <= PART:
            return self._one_by_one(values, places, bad)
        found: list[str | None] = []
        for part in _parts(len(values)):
            texts = self.plain(values[part])
            found += self._one_by_one(values[part], places[part], bad) if texts is None else texts
        return found

    def _one_by_one(self, values: Sequence[Any], places: Sequence[int], bad: set[int]) -> list[str | None]:
        memo = self._memo
        return [
            memo[value] if value in memo else self._one(value, place, bad)
            for value, place in zip(values, places, strict=True)
        ]

    def _one(self, value: Any, place: int, bad: set[int]) -> str | None:
        try:
            text = self.step.read(value)
        except Invalid:
            bad.add(place)
            return None
        if text is None and self.step.required:
            bad.add(place)
        elif type(value) is str and len(value) <= MEMO_LENGTH and len(self._memo) < MEMO_SIZE:
            self._memo[value] = text
        return text


def _plain_of(packed: Packed, values: Sequence[Any], flags: list[bool]) -> tuple[list[bool], list[Array]]:
    """Take the values that the flags name: all at once, or those parts of them that are plain.

    Returns which values were taken, and their arrays, in order; none where no part is plain.
    """
    stored = list(compress(values, flags))
    whole = packed(stored)
    if whole is not None:
        return flags, [whole]
    if len(stored) <= PART:
        return flags, []
    taken: list[bool] = []
    arrays = []
    for part in _parts(len(stored)):
        some = stored[part]
        found = packed(some)
        taken += [found is not None] * len(some)
        if found is not None:
            arrays.append(found)
    each = iter(taken)
    return [flag and next(each) for flag in flags], arrays


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + PART) for start in range(0, count, PART))


class FastPath:
    """Reads one bound table the fast way. ``plan`` returns None where the table is none for it."""

    def __init__(self, file: SourceFile, bound: BoundTable, rows: int) -> None:
        self.file = file
        self.bound = bound
        self.shift = bound.scope.shift if bound.steps[bound.key_steps[0]].column.shift else 0
        self._bare = [step.is_bare for step in bound.steps]
        unique = {name for names in bound.table.uniques for name in names}
        known = {reference.column for reference in bound.table.references} | unique
        named = [place for place in bound.link_places if place is not None]
        self._known = [place for place, name in enumerate(bound.columns) if name in known or place in named]
        as_texts = {*self._known, *bound.key_steps, *(place for place, _ in bound.widths)}
        self._form = Format(step.column.type for step in bound.steps) if bound.packed else None
        self._blocks = _blocks(self._form) if self._form and rows >= WORTH_ROWS else None
        self.columns = [
            Column(step, self._blocks is not None and place not in as_texts)
            for place, step in enumerate(bound.steps)
        ]
        widths = (getattr(step.column.field, "dimensions", None) for step in bound.steps)
        self._vector_bytes = BYTES_OF_FLOAT * sum(width or 0 for width in widths)
        where = bound.table.declared.rewrite_where
        self._rewritten = [
            (bound.names.index(name), set(where[name])) for name in where if name in bound.names
        ]

    @classmethod
    def plan(cls, file: SourceFile, bound: BoundTable, rows: int) -> FastPath | None:
        """Return the path of a table of about so many rows, if they are nothing but their columns."""
        return cls(file, bound, rows) if _is_simple(bound) and bound.source.rowid_name else None

    def batches(self, batch: int, after: Position | None, until: int | None = None) -> Generator[Passed]:
        """Read the table from a position on, up to a rowid if one is given; ends early where few rows pass."""
        first = True
        most = max(1, VECTOR_BYTES // self._vector_bytes) if self._vector_bytes else batch
        cells = self.file.cells(
            self.bound.source, self.bound.names, min(batch, most), after, LIST_BYTES, until
        )
        for rows in cells:
            passed, size = self.convert(rows), len(rows)
            del rows  # before the next ones are read
            if first and len(passed.rows) < ENOUGH_PLAIN * size:
                return
            first = False
            yield passed
            del passed

    def convert(self, cells: Sequence[Values]) -> Passed:
        """Convert one batch: the rows as tuples of rowid and values."""
        rowids, *stored = zip(*cells, strict=True)
        bad = self._left_out(stored)
        columns: list[Any] = [column.read(stored[column.step.index], bad) for column in self.columns]
        for place in () if self.bound.table.declared.null_key else self.bound.key_steps:
            if None in columns[place]:
                bad.update(n for n, text in enumerate(columns[place]) if text is None)
        for place, width in self.bound.widths:
            bad.update(self._of_another_width(columns[place], stored[width]))
        kept = list(rowids)
        if bad:
            flags = [n not in bad for n in range(len(rowids))]
            columns = [_keep(column, flags) for column in columns]
            kept = list(compress(rowids, flags))
        rows = self._rows(columns)
        return Passed(
            rows=rows,
            identities=self._identities(columns, kept),
            pks=columns[self.bound.key_steps[0]] if self.shift else None,
            rowids=kept,
            digests=list(map(xxh3_128_hexdigest, rows)),
            fields={place: columns[place] for place in self._known},
            others=[rowids[n] for n in sorted(bad)],
            last=rowids[-1],
            size=len(rowids),
            in_blocks=self._blocks is not None,
        )

    def _left_out(self, stored: Sequence[Sequence[Any]]) -> set[int]:
        """Return the rows that have values no mapping knows, or that the mapping rewrites."""
        bad: set[int] = set()
        for place in self.bound.unmapped:
            values = stored[place]
            if values.count(None) < len(values):
                bad.update(n for n, value in enumerate(values) if value is not None)
        for place, rewritten in self._rewritten:
            bad.update(n for n, value in enumerate(stored[place]) if value in rewritten)
        return bad

    def _of_another_width(self, vectors: Sequence[str | None], widths: Sequence[Any]) -> Iterator[int]:
        """Return the rows whose vector has not as many numbers as the row says."""
        for n, (text, width) in enumerate(zip(vectors, widths, strict=True)):
            if text is not None and not self.bound.has_width(text, width):
                yield n

    def _rows(self, columns: Sequence[Any]) -> list[bytes]:
        """Return the rows as COPY takes them."""
        if self._blocks:
            return self._blocks.rows(columns)
        if self._form:
            return self._form.rows(columns)
        fields = map(copy_fields, columns, self._bare)
        return list(map(str.encode, map("\t".join, zip(*fields, strict=True))))

    def _identities(self, columns: Sequence[Any], rowids: Sequence[int]) -> list[str]:
        """Return the legacy keys as ``BoundTable`` writes them; of rows without one, which may be, the rowid."""
        found = self._keys(columns)
        if None not in found:
            return found
        return [f"rowid:{n}" if key is None else key for key, n in zip(found, rowids, strict=True)]

    def _keys(self, columns: Sequence[Any]) -> list[str]:
        keys: list[Any] = [columns[place] for place in self.bound.key_steps]
        if len(keys) > 1:
            return [identity_of(parts) for parts in zip(*keys, strict=True)]
        return moved(keys[0], -self.shift) if self.shift else keys[0]


def load_numpy() -> None:
    """Import NumPy, without the threads of its linear algebra: they would spin for a while, for nothing."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from apps.importer import blocks  # noqa: F401


def _blocks(form: Format) -> Blocks:
    load_numpy()
    from apps.importer.blocks import Blocks

    return Blocks(form)


def _keep(column: list[str | None] | Numbers, flags: Sequence[bool]) -> list[str | None] | Numbers:
    return list(compress(column, flags)) if isinstance(column, list) else column.keep(flags)


def _is_simple(bound: BoundTable) -> bool:
    """Tell whether nothing about a table's rows needs more than its own columns, one by one."""
    declared, table = bound.table.declared, bound.table
    special = declared.unique or bound.missing
    rewritten = declared.rewrite and not declared.rewrite_where
    whole = all(reference.column in bound.columns for reference in table.references)
    if special or rewritten or not whole or not bound.key_steps:
        return False
    if not table.surrogate:
        return len(bound.key_steps) == 1 and bound.columns[bound.key_steps[0]] == table.pk
    shifted_parts = bound.scope.shift and any(bound.steps[s].column.shift for s in bound.key_steps)
    one_or_none = len(bound.key_steps) == 1 or not declared.null_key
    return len(bound.key_steps) == len(table.key) and not shifted_parts and one_or_none
