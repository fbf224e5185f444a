"""Missing parents, made as marked placeholders: what they must have and no more, until the real row comes.

A placeholder is a row of the parent's stream like any other, known by its legacy key, so that the real row
takes its place when a source brings it. Its provenance says that it is none of a source.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone

from apps.importer import runs
from apps.importer.binding import BoundTable, Ready
from apps.importer.held import HeldIntake, repairs_of, source_table
from apps.importer.load import Loader
from apps.importer.mapping import Column, Reference, ResolvedTable, logical, pg_type
from apps.importer.mend import Chosen
from apps.importer.retry import Helper
from apps.importer.source import SourceRow, Stored
from apps.importer.sql import cast, query, quote

Made = dict[str, tuple[Loader, Ready]]
"""Placeholders of a batch by the key under which children refer to them."""


def parent_of(
    table: ResolvedTable, column: str | None, tables: Mapping[str, ResolvedTable]
) -> tuple[Reference, ResolvedTable] | None:
    """Return the reference that a legacy column feeds and the table of its parents.

    None where a placeholder cannot be made: no such reference, or a parent that needs more than its key and
    values that mean nothing: a parent of its own, a vector.
    """
    for reference in table.references:
        fed = next(c for c in table.columns if c.name == reference.column)
        if fed.source.lower() != (column or "").lower():
            continue
        for parent in tables.values():
            if parent.target == reference.parent and _can_be_made(parent, reference):
                return reference, parent
    return None


def _can_be_made(parent: ResolvedTable, reference: Reference) -> bool:
    key = tuple(c.source for c in parent.columns if c.name == reference.to)
    plain = not parent.declared.rewrite and not parent.surrogate and parent.key == key
    return plain and all(column.field.remote_field is None and _fill(column) for column in _required(parent))


def _required(parent: ResolvedTable) -> list[Column]:
    """Return the columns that a row must have, beside its key."""
    return [c for c in parent.columns if c.source not in parent.key and not c.has_default]


def _text(column: Column, key: str) -> Stored:
    limit = column.field.max_length
    text = f"missing {key}"
    return text if limit is None or len(text) <= limit else key[-limit:]


def _enum(column: Column, key: str) -> Stored:
    choices = column.field.flatchoices
    return str(choices[0][0]) if choices else _text(column, key)


FILL: dict[str, Callable[[Column, str], Stored]] = {
    "text": _text,
    "enum": _enum,
    "integer": lambda column, key: 0,
    "real": lambda column, key: 0.0,
    "decimal": lambda column, key: 0,
    "boolean": lambda column, key: 0,
    "datetime": lambda column, key: timezone.now().isoformat(" "),
    "date": lambda column, key: timezone.now().date().isoformat(),
    "epoch_s": lambda column, key: int(timezone.now().timestamp()),
    "epoch_ms": lambda column, key: int(timezone.now().timestamp() * 1000),
    "json": lambda column, key: "{}",
    "string[]": lambda column, key: "[]",
    "uuid": lambda column, key: str(uuid.uuid5(uuid.NAMESPACE_URL, f"rehome:placeholder:{key}")),
    "blob": lambda column, key: b"",
}
"""A value that says nothing, for each logical type: what a placeholder has where it must have something."""


def _fill(column: Column) -> Callable[[Column, str], Stored] | None:
    return FILL.get(logical(column.converter))


class Placeholders(Helper):
    """Makes the parents that a batch lacks, and takes those back that did not help its rows in."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self.made: Made = {}

    def prepare(
        self, intake: HeldIntake, rows: Sequence[SourceRow], tables: dict[str, ResolvedTable]
    ) -> None:
        """Make the missing parents of the chosen rows."""
        self.made = {}
        found = parent_of(intake.bound.table, self.chosen.column, tables)
        if found is None:
            return
        reference, parent = found
        place = intake.bound.columns.index(reference.column)
        position = intake.bound.steps[place].index
        stored: dict[str, Stored] = {}
        for row in rows:
            key = intake.mends.needs(row).get(reference.column)
            if key is not None and self.chosen in repairs_of(row):
                stored[key] = intake.mends.as_mended(row).values[position]
        missing = intake.classifier.missing(reference, set(stored))
        handles = {f"{reference.to}={key}": key for key in missing}
        held = intake.classifier.quarantined(reference.parent, list(handles))
        self._make(
            intake, parent, {key: stored[key] for handle, key in handles.items() if handle not in held}
        )

    def _make(self, intake: HeldIntake, parent: ResolvedTable, keys: Mapping[str, Stored]) -> None:
        if not keys:
            return
        required = _required(parent)
        names = [parent.key[0], *(column.source for column in required)]
        bound = BoundTable(parent, source_table(parent.source, names), intake.bound.scope)
        stream = runs.streams_of(intake.stream.source, [parent], intake.options.dry_run)[parent.source]
        loader = Loader(bound, stream, intake.run.number)
        ready: dict[str, Ready] = {}
        for key, value in keys.items():
            filled = [FILL[logical(column.converter)](column, key) for column in required]
            converted = bound.convert(SourceRow(None, 0, (value, *filled)))
            if isinstance(converted, Ready):
                ready[key] = converted
        loader.finish(list(ready.values()))
        for r in ready.values():
            r.extras = json.dumps({"placeholder": True})
        refused = {id(r.ready) for r in loader.insert_each(list(ready.values()))}
        self.made = {key: (loader, r) for key, r in ready.items() if id(r) not in refused}

    def clear(self, intake: HeldIntake) -> None:
        """Take back the placeholders of rows that did not come in, and count the others."""
        if not self.made:
            return
        used = set()
        for r in (*intake.came_in, *intake.waits):
            used |= set(intake.mends.needs(r.row).values())
        unused = [made for key, made in self.made.items() if key not in used]
        for loader, r in unused:
            self._take_back(loader, r)
        if unused:
            intake.classifier.forget()
        if intake.witness is not None:
            intake.witness.placeholders += len(self.made) - len(unused)

    def _take_back(self, loader: Loader, r: Ready) -> None:
        table = loader.table
        kind = cast(pg_type(table.model._meta.pk))
        query(f"DELETE FROM {quote(table.target)} WHERE {quote(table.pk)} = %s{kind}", [r.pk])
        query(
            "DELETE FROM importer_provenance WHERE stream_id = %s AND identity = %s",
            [loader.stream.pk, r.identity],
        )
