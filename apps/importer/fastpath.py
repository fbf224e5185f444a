"""The hot path: rows that SQLite proves plain pass to COPY as bytes, with no Python for each value.

For each column the plain form that most rows of a sample have is chosen; values of types that SQL cannot
judge (json, real, vectors, arrays) go through their converter one by one. A row that is not plain, whatever
the cause, is left to the careful path, which gives the same result for every row.

The bytes of a batch come out of SQLite with marks that UTF-8 never holds; they are counted, so that a text
with broken bytes cannot pass for a mark, and decoded as a whole, so that only UTF-8 passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import compress
from typing import Any

from apps.importer.binding import BoundTable, Read, Step, identity_of
from apps.importer.convert import Invalid
from apps.importer.convert.plain import Form, either, literal, shifted
from apps.importer.source import Position, SourceFile, SourceRow

FIELD, NULL, ROW = b"\xff", b"\xf8", b"\xfd"
SQL_FIELD, SQL_NULL = "CAST(x'FF' AS TEXT)", "CAST(x'F8' AS TEXT)"
SAMPLE = 500
USUAL = 0.02
"""The share of a sample's rows from which a form is one of a column's usual ones."""
ENOUGH_PLAIN = 0.5
"""The share of plain rows in the sample below which the careful path alone is faster."""

ESCAPES = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\t", b"\\t"), (b"\r", b"\\r"))
MARKS = ((ROW, b"\n"), (FIELD, b"\t"), (NULL, b"\t\\N"))


@dataclass(slots=True)
class Passed:
    """A batch of the hot path: its plain rows, ready for COPY, and the positions of the others.

    ``lines``, ``identities``, ``rowids`` and ``digests`` run side by side; ``parents`` holds for each
    reference the keys that the rows refer to. Lines lack a surrogate key, which is given when they are written.
    """

    lines: list[bytes]
    identities: list[str]
    rowids: list[int]
    digests: list[str]
    parents: list[list[str | None]]
    others: list[int]
    last: int
    size: int

    def keep(self, flags: Sequence[bool]) -> None:
        """Keep the rows that the flags name, leave the others to the careful path."""
        self.others += [rowid for rowid, kept in zip(self.rowids, flags, strict=True) if not kept]
        self.others.sort()
        self.lines = list(compress(self.lines, flags))
        self.identities = list(compress(self.identities, flags))
        self.rowids = list(compress(self.rowids, flags))
        self.digests = list(compress(self.digests, flags))
        self.parents = [list(compress(keys, flags)) for keys in self.parents]


class FastPath:
    """Reads one bound table the fast way. ``plan`` returns None where the table is none for it."""

    def __init__(self, file: SourceFile, bound: BoundTable, forms: list[Form | None]) -> None:
        self.file = file
        self.bound = bound
        self.forms = forms
        self.readers: list[tuple[int, Read]] = []
        self._references = [bound.columns.index(r.column) for r in bound.table.references]
        self._expressions = self._build()
        self._fields = len(bound.steps)
        self.shift = bound.scope.shift if bound.steps[bound.key_steps[0]].column.shift else 0

    @classmethod
    def plan(cls, file: SourceFile, bound: BoundTable) -> FastPath | None:
        """Choose the plain form of each column by a sample; None where the careful path is to read alone."""
        if not (_is_simple(bound) and bound.source.rowid_name and file.is_utf8):
            return None
        names = [file.expression(bound.source, bound.names[step.index]) for step in bound.steps]
        choices = [
            _choices(step, name, bound.scope.shift) for step, name in zip(bound.steps, names, strict=True)
        ]
        forms = _choose(file, bound, choices)
        if forms is None:
            return None
        needed = [*bound.key_steps, *(bound.columns.index(r.column) for r in bound.table.references)]
        return cls(file, bound, forms) if all(forms[position] for position in needed) else None

    # -- the SELECT

    def _build(self) -> list[str]:
        """Return the expressions: whether plain, the key, the references, then runs of fields and single values."""
        conditions = [f"{self._name(place)} IS NULL" for place in self.bound.unmapped]
        conditions += self._not_rewritten()
        parts: list[str] = []
        run: list[str] = []
        for position, (step, form) in enumerate(zip(self.bound.steps, self.forms, strict=True)):
            name = self._name(step.index)
            if form is None:
                parts.append(f"CAST({' || '.join(run)} AS BLOB)" if run else "NULL")
                parts.append(name)
                run = []
                self.readers.append((position, step.read))
                continue
            conditions.append(_condition(step, name, form))
            run.append(_field(step, name, form))
        parts.append(f"CAST({' || '.join(run)} AS BLOB)" if run else "NULL")
        keys = [self._form(position) for position in (*self.bound.key_steps, *self._references)]
        plain = " AND ".join(f"({condition})" for condition in conditions) or "1"
        return [plain, *(f"CAST({key} AS BLOB)" for key in keys), *parts]

    def _form(self, position: int) -> str:
        form = self.forms[position]
        return form.expression if form else "NULL"

    def _name(self, place: int) -> str:
        return self.file.expression(self.bound.source, self.bound.names[place])

    def _not_rewritten(self) -> list[str]:
        """Return the conditions under which the mapping's ``rewrite`` leaves a row alone."""
        where = self.bound.table.declared.rewrite_where
        return [
            f"{self._name(place)} IS NULL OR {self._name(place)} NOT IN ({', '.join(map(literal, where[name]))})"
            for place, name in enumerate(self.bound.names)
            if name in where
        ]

    # -- reading

    def batches(self, batch: int, after: Position | None) -> Iterator[Passed]:
        """Read the table from a position on."""
        for rows in self.file.computed(self.bound.source, self._expressions, batch, after):
            yield self._pass(rows)

    def _pass(self, rows: list[SourceRow]) -> Passed:
        plain = [row for row in rows if row.values[0] == 1]
        others = [row.rowid for row in rows if row.values[0] != 1 and row.rowid is not None]
        first = 1 + len(self.bound.key_steps) + len(self._references)
        joined: list[bytes] = []
        kept = plain
        if self.readers:
            kept = []
            for row in plain:
                line = self._joined(row.values[first:])
                if line is None:
                    others.append(row.rowid or 0)
                else:
                    joined.append(line)
                    kept.append(row)
        else:
            joined = [row.values[first] for row in plain]  # type: ignore[misc]
        lines = self._lines(joined)
        if lines is None:
            lines, kept, others = [], [], [row.rowid or 0 for row in rows]
        return self._passed(rows, kept, lines, sorted(others))

    def _joined(self, values: Sequence[Any]) -> bytes | None:
        """Join a row's runs of fields and its converted values; None where one does not convert."""
        parts = [values[0] or b""]
        try:
            for number, (position, read) in enumerate(self.readers):
                value = values[2 * number + 1]
                text = None if value is None else read(value)
                if text is None:
                    if self.bound.steps[position].required:
                        return None
                    parts.append(NULL)
                else:
                    parts += (FIELD, text.encode())
                parts.append(values[2 * number + 2] or b"")
        except Invalid:
            return None
        return b"".join(parts)

    def _lines(self, joined: list[bytes]) -> list[bytes] | None:
        """Turn a batch's bytes into COPY lines; None where a text holds U+0000, a mark or broken UTF-8."""
        if not joined:
            return []
        block = ROW.join(joined)
        marks = block.count(FIELD) + block.count(NULL)
        if b"\0" in block or marks != self._fields * len(joined) or block.count(ROW) != len(joined) - 1:
            return None
        for old, new in (*ESCAPES, *MARKS):
            block = block.replace(old, new)
        try:
            block.decode()
        except UnicodeDecodeError:
            return None
        return [line[1:] for line in block.split(b"\n")]

    def _passed(
        self, rows: list[SourceRow], kept: list[SourceRow], lines: list[bytes], others: list[int]
    ) -> Passed:
        parents: list[list[str | None]] = []
        for number in range(len(self._references)):
            place = 1 + len(self.bound.key_steps) + number
            column: list[Any] = [row.values[place] for row in kept]
            parents.append([None if key is None else key.decode() for key in column])
        return Passed(
            lines=lines,
            identities=self._identities(kept),
            rowids=[row.rowid or 0 for row in kept],
            digests=[blake2b(line, digest_size=16).hexdigest() for line in lines],
            parents=parents,
            others=others,
            last=rows[-1].rowid or 0,
            size=len(rows),
        )

    def _identities(self, rows: list[SourceRow]) -> list[str]:
        """Return the legacy keys as ``BoundTable`` writes them."""
        if len(self.bound.key_steps) > 1:
            count = 1 + len(self.bound.key_steps)
            return [identity_of([key.decode() for key in row.values[1:count]]) for row in rows]  # type: ignore[union-attr]
        keys: list[Any] = [row.values[1] for row in rows]
        if self.shift:
            return [str(int(key) - self.shift) for key in keys]
        return [key.decode() for key in keys]


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


def _choices(step: Step, name: str, shift: int) -> list[Form]:
    """Return the plain forms a column may have; none where its converter must see every value."""
    column = step.column
    if step.source_keyed or column.local:
        return []
    forms = step.plain
    if column.shift and shift:
        forms = shifted(forms, shift)
    return [form.on(name) for form in forms]


def _condition(step: Step, name: str, form: Form) -> str:
    return form.condition if step.required else f"{name} IS NULL OR ({form.condition})"


def _field(step: Step, name: str, form: Form) -> str:
    field = f"{SQL_FIELD} || {form.expression}"
    return field if step.required else f"CASE WHEN {name} IS NULL THEN {SQL_NULL} ELSE {field} END"


def _choose(file: SourceFile, bound: BoundTable, choices: list[list[Form]]) -> list[Form | None] | None:
    """Return for each column the form that most rows of the sample have; None where too few rows are plain."""
    names = [file.expression(bound.source, bound.names[step.index]) for step in bound.steps]
    flat = [(name, form) for name, forms in zip(names, choices, strict=True) for form in forms]
    conditions = [f"CASE WHEN {name} IS NULL THEN 2 ELSE ({form.condition}) END" for name, form in flat] or [
        "1"
    ]
    sample = next(iter(file.computed(bound.source, conditions, SAMPLE)), [])
    if not sample:
        return None
    chosen: list[Form | None] = []
    plain = [True] * len(sample)
    at = 0
    for forms in choices:
        columns = [[row.values[at + n] for row in sample] for n in range(len(forms))]
        at += len(forms)
        if not forms:
            chosen.append(None)
            continue
        counts = [sum(value == 1 for value in column) for column in columns]
        usual = [n for n, count in enumerate(counts) if count >= USUAL * len(sample)] or [0]
        chosen.append(either([forms[n] for n in usual]))
        fits = [any(values) for values in zip(*(columns[n] for n in usual), strict=True)]
        plain = [p and fit for p, fit in zip(plain, fits, strict=True)]
    return chosen if sum(plain) >= ENOUGH_PLAIN * len(sample) else None
