"""The hot path: a batch converted column by column, so that plain values cost no call of Python each.

A column whose values all have a plain form is proved and converted at once, in C; a column that has other
values goes through its converter one by one. A row that does not convert, or about which the mapping says
more than its columns do, is left to the careful path, which gives the same result for every row.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from apps.importer import binary
from apps.importer.binding import BoundTable, Step, copy_fields, digest, identity_of
from apps.importer.convert import Invalid
from apps.importer.source import Position, SourceFile, Values

LIST_BYTES = 4 * 2**20
"""Bytes that the rows of one list may have; several lists and what they became are held at once."""
ENOUGH_PLAIN = 0.5
"""The share of a first list's rows that must pass, or the careful path alone is faster."""
MEMO_LENGTH, MEMO_SIZE = 64, 4096
"""Of short texts that need their converter, such as empty lists in JSON, so many are remembered."""


@dataclass(slots=True)
class Passed:
    """A batch of the hot path: its plain rows, ready for COPY, and the rowids of the others.

    ``rows``, ``identities``, ``rowids`` and ``digests`` run side by side, as do the ``fields`` of each column of
    which others must know, by its place. Rows lack a surrogate key, which is given when they are written.
    """

    rows: list[bytes]
    identities: list[str]
    rowids: list[int]
    digests: list[str]
    fields: dict[int, list[str | None]]
    others: list[int]
    last: int
    size: int

    def keep(self, flags: Sequence[bool]) -> None:
        """Keep the rows that the flags name, leave the others to the careful path."""
        self.others += [rowid for rowid, kept in zip(self.rowids, flags, strict=True) if not kept]
        self.others.sort()
        self.rows = list(compress(self.rows, flags))
        self.identities = list(compress(self.identities, flags))
        self.rowids = list(compress(self.rowids, flags))
        self.digests = list(compress(self.digests, flags))
        self.fields = {place: list(compress(column, flags)) for place, column in self.fields.items()}

    def leave_all(self) -> None:
        """Leave every row to the careful path."""
        self.keep([False] * len(self.rows))


class Column:
    """Converts the values of one column; remembers what short texts became that need their converter."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.plain = step.plain
        self._memo: dict[str, str | None] = {}

    def read(self, values: Sequence[Any], bad: set[int]) -> list[str | None]:
        """Return the converter's texts; the positions of values that do not convert are added to ``bad``."""
        if None not in values:
            return self._read(values, range(len(values)), bad)
        places = [place for place, value in enumerate(values) if value is not None]
        texts: list[str | None] = [None] * len(values)
        if self.step.required:
            bad.update(set(range(len(values))).difference(places))
        if places:
            found = self._read([values[place] for place in places], places, bad)
            for place, text in zip(places, found, strict=True):
                texts[place] = text
        return texts

    def _read(self, values: Sequence[Any], places: Sequence[int], bad: set[int]) -> list[str | None]:
        texts = self.plain(values) if self.plain else None
        if texts is not None:
            return texts  # type: ignore[return-value]
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


class FastPath:
    """Reads one bound table the fast way. ``plan`` returns None where the table is none for it."""

    def __init__(self, file: SourceFile, bound: BoundTable) -> None:
        self.file = file
        self.bound = bound
        self.columns = [Column(step) for step in bound.steps]
        self.shift = bound.scope.shift if bound.steps[bound.key_steps[0]].column.shift else 0
        self._bare = [step.is_bare for step in bound.steps]
        unique = {name for names in bound.table.uniques for name in names}
        known = {reference.column for reference in bound.table.references} | unique
        self._known = [place for place, name in enumerate(bound.columns) if name in known]
        self._encode = binary.encoders(step.column.type for step in bound.steps) if bound.packed else None
        where = bound.table.declared.rewrite_where
        self._rewritten = [
            (bound.names.index(name), set(where[name])) for name in where if name in bound.names
        ]

    @classmethod
    def plan(cls, file: SourceFile, bound: BoundTable) -> FastPath | None:
        """Return the path of a table whose rows are nothing but their columns."""
        return cls(file, bound) if _is_simple(bound) and bound.source.rowid_name else None

    def batches(self, batch: int, after: Position | None, until: int | None = None) -> Generator[Passed]:
        """Read the table from a position on, up to a rowid if one is given; ends early where few rows pass."""
        first = True
        cells = self.file.cells(self.bound.source, self.bound.names, batch, after, LIST_BYTES, until)
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
        texts = [column.read(stored[column.step.index], bad) for column in self.columns]
        for place in self.bound.key_steps:
            bad.update(n for n, text in enumerate(texts[place]) if text is None)
        kept = list(rowids)
        if bad:
            flags = [n not in bad for n in range(len(rowids))]
            texts = [list(compress(column, flags)) for column in texts]
            kept = list(compress(rowids, flags))
        rows = self._rows(texts)
        return Passed(
            rows=rows,
            identities=self._identities(texts),
            rowids=kept,
            digests=list(map(digest, rows)),
            fields={place: texts[place] for place in self._known},
            others=[rowids[n] for n in sorted(bad)],
            last=rowids[-1],
            size=len(rowids),
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

    def _rows(self, texts: Sequence[list[str | None]]) -> list[bytes]:
        """Return the rows as COPY takes them."""
        if self._encode:
            return list(map(b"".join, zip(*map(binary.column, texts, self._encode), strict=True)))
        fields = map(copy_fields, texts, self._bare)
        return list(map(str.encode, map("\t".join, zip(*fields, strict=True))))

    def _identities(self, texts: Sequence[list[str | None]]) -> list[str]:
        """Return the legacy keys as ``BoundTable`` writes them."""
        keys: list[Any] = [texts[place] for place in self.bound.key_steps]
        if len(keys) > 1:
            return [identity_of(parts) for parts in zip(*keys, strict=True)]
        return [str(int(key) - self.shift) for key in keys[0]] if self.shift else keys[0]


def _is_simple(bound: BoundTable) -> bool:
    """Tell whether nothing about a table's rows needs more than its own columns, one by one."""
    declared, table = bound.table.declared, bound.table
    special = declared.widths or declared.unique or table.links or declared.null_key or bound.missing
    rewritten = declared.rewrite and not declared.rewrite_where
    whole = all(reference.column in bound.columns for reference in table.references)
    if special or rewritten or not whole or not bound.key_steps:
        return False
    if len(bound.key_steps) > 1:
        shifted_parts = bound.scope.shift and any(bound.steps[s].column.shift for s in bound.key_steps)
        return table.surrogate and len(bound.key_steps) == len(table.key) and not shifted_parts
    return bound.columns[bound.key_steps[0]] == table.pk
