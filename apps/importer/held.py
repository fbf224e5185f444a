"""Rows of the quarantine on their way in after all: read from their entries, mended where a person asked.

The same engine imports them as imports rows of a file. Known here is only what differs: where the rows come
from, what repairs do to them, and how their entries and their provenance say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from apps.importer import former
from apps.importer.binding import BoundTable, Ready, Rejected
from apps.importer.classify import Classifier, Sorted
from apps.importer.convert import Invalid
from apps.importer.intake import Intake
from apps.importer.load import Known, Loader, same_streams
from apps.importer.mapping import logical
from apps.importer.mend import Change, Chosen, Useless, mend
from apps.importer.models import ImportRun, Provenance, RunTable, Stream
from apps.importer.runs import Options
from apps.importer.source import (
    Column,
    Position,
    SourceFile,
    SourceRow,
    SourceTable,
    Stored,
    decode_position,
    decode_value,
    encode_position,
    encode_value,
)
from apps.importer.sql import query
from apps.importer.standing import Standing

SHOWN = 50
"""How many rows of a group are shown; all are counted."""


class HeldRow(SourceRow):
    """A row as its entry holds it: the entry, what it says, and the repairs chosen so far and now."""

    entry: str
    reason: str
    column: str | None
    former: tuple[Chosen, ...]
    chosen: tuple[Chosen, ...]

    @property
    def repairs(self) -> tuple[Chosen, ...]:
        """All the repairs of the row, in order."""
        return (*self.former, *self.chosen)


def repairs_of(row: SourceRow) -> tuple[Chosen, ...]:
    """Return the repairs of a row; none of a row that comes from elsewhere."""
    return row.repairs if isinstance(row, HeldRow) else ()


def source_table(name: str, columns: Iterable[str]) -> SourceTable:
    """Return a table of a file that is not there, of which only the columns' names are known."""
    described = (Column(column, "", 0, False, None, False) for column in columns)
    return SourceTable(name, "table", tuple(described))


ENTRIES = """
SELECT q.id, q.place, q.source_rowid, q.reason, q.column_name, q.raw, q.repairs, {chosen}
FROM importer_quarantinedrow q
"""


class HeldRows:
    """The entries of one stream as a file of rows: what ``Intake`` asks of a file, no more.

    ``repair`` is applied to those rows that were chosen, beside the repairs that entries bring along.
    """

    def __init__(self, stream: Stream, names: Sequence[str], sha256: str, repair: Chosen | None) -> None:
        self.stream = stream
        self.names = names
        self.sha256 = sha256
        self.repair = repair

    def as_file(self) -> SourceFile:
        """Return the rows as what ``Intake`` takes for a file."""
        return cast(SourceFile, self)

    def rows_at(self, table: object, names: Sequence[str], positions: Sequence[Position]) -> list[SourceRow]:
        """Read the rows of these places again, in their order."""
        places = [json.dumps(encode_position(position), ensure_ascii=False) for position in positions]
        chosen = "EXISTS (SELECT 1 FROM importer_retry t WHERE t.entry = q.id AND t.chosen)"
        found = query(
            f"{ENTRIES.format(chosen=chosen)} JOIN unnest(%s::text[]) WITH ORDINALITY AS k (place, n) "
            "ON q.place = k.place COLLATE \"C\" WHERE q.stream_id = %s AND q.status = 'open' ORDER BY k.n",
            [places, self.stream.pk],
        )
        return [self.row(*entry) for entry in found]

    def row(
        self,
        entry: object,
        place: str,
        rowid: int | None,
        reason: str,
        column: str | None,
        raw: str,
        repairs: str | None,
        chosen: bool,
    ) -> SourceRow:
        """Return the row of one entry."""
        stored = json.loads(raw)
        values = tuple(decode_value(stored[name]) for name in self.names)
        row = HeldRow(rowid, decode_position(json.loads(place)), values)
        row.entry, row.reason, row.column = str(entry), reason, column
        row.former = tuple(map(Chosen.from_json, json.loads(repairs))) if repairs else ()
        row.chosen = (self.repair,) if self.repair and chosen else ()
        return row


class MendedTable(BoundTable):
    """A bound table that mends a row before it converts it; the row itself stays as the source has it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        declared = replace(self.table.declared, rewrite=None)
        self.plain = BoundTable(self.table, self.source, self.scope)
        self._straight = BoundTable(replace(self.table, declared=declared), self.source, self.scope)
        self._types = {column.source.lower(): logical(column.converter) for column in self.table.columns}

    def _logical(self, name: str) -> str:
        return self._types.get(name.lower(), "")

    def mended(self, row: SourceRow) -> tuple[SourceRow, list[Change]]:
        """Return the row as its repairs make it, and what they changed; ``Useless`` where one cannot."""
        named: dict[str, Stored] = dict(zip(self.names, row.values, strict=True))
        if self.table.declared.rewrite:
            named = self.table.declared.rewrite(named)
        named, changes = mend(named, repairs_of(row), self._logical)
        return SourceRow(row.rowid, row.position, tuple(named[name] for name in self.names)), changes

    def as_mended(self, row: SourceRow) -> SourceRow:
        """Return the row as its repairs make it, or as it is where one cannot."""
        try:
            return self.mended(row)[0] if repairs_of(row) else row
        except Useless:
            return row

    def convert(self, row: SourceRow) -> Ready | Rejected:
        """Convert a row as its repairs make it."""
        if not isinstance(row, HeldRow) or not row.repairs:
            return super().convert(row)
        try:
            mended, _ = self.mended(row)
        except Useless as error:
            return Rejected(row, row.reason, row.column, f"{row.repairs[-1].repair} does not help: {error}")
        converted = self._straight.convert(mended)
        converted.row = row
        return converted

    def handles(self, row: SourceRow) -> list[str]:
        """Return the names under which others may refer to the mended row."""
        return super().handles(self.as_mended(row))

    def needs(self, row: SourceRow) -> dict[str, str]:
        """Return the keys of the parents that a row refers to, by the referring target column."""
        values = self.as_mended(row).values
        found = {}
        for reference in self.table.references:
            step = next((step for step in self.steps if step.column.name == reference.column), None)
            value = None if step is None else values[step.index]
            try:
                text = None if step is None or value is None else step.read(value)
            except Invalid:
                continue
            if text is not None:
                found[reference.column] = text
        return found


class HeldLoader(Loader):
    """Notes with a repaired row what was repaired, and keeps the digest of what the source has."""

    def __init__(self, bound: MendedTable, stream: Stream, run_number: int, streams: Sequence[int]) -> None:
        super().__init__(bound, stream, run_number, streams)
        self.mends = bound
        self._unmended = Loader(bound.plain, stream, run_number, streams)

    def finish(self, rows: list[Ready], digests: bool = True) -> None:
        """Resolve links and give digests.

        The digest of a repaired row is that of the row as it is in the source, if that converts: so a
        later import of the same row finds it unchanged.
        """
        super().finish(rows, digests)
        for ready in rows:
            if isinstance(ready.row, HeldRow) and ready.row.repairs:
                self._mark(ready, ready.row)

    def _mark(self, ready: Ready, row: HeldRow) -> None:
        unmended = self.mends.plain.convert(row)
        if isinstance(unmended, Ready) and unmended.identity == ready.identity:
            self._unmended.finish([unmended])
            ready.digest = unmended.digest
        changes = self.mends.mended(row)[1]
        extras = json.loads(ready.extras) if ready.extras else {}
        marks = {"repairs": [change.as_json() for change in changes], "entry": row.entry}
        if extras.keys() & marks.keys():
            extras = {"columns": extras}
        ready.extras = json.dumps(extras | marks, ensure_ascii=False)


class HeldClassifier(Classifier):
    """Judges rows of which the file is not at hand."""

    def _is_twin(self, r: Ready, found: Known) -> bool:
        """Tell whether provenance speaks of another row: of another rowid, or of a row that has none."""
        if found.stream != self.loader.stream.pk:
            return False
        if found.source_rowid is None:
            return r.row.rowid is None  # else a placeholder, whose place the row takes
        return found.source_rowid != r.row.rowid

    def _place_known(self, r: Ready, found: Known, candidates: list[Ready], result: Sorted) -> None:
        """Write a repaired row even where it is the same: its provenance has to tell of the repair."""
        ours = found.stream == self.loader.stream.pk and found.outcome != Provenance.Outcome.SHARED
        if ours and repairs_of(r.row):
            r.pk = found.target_pk
            candidates.append(r)
            result.changed.append(r)
            return
        super()._place_known(r, found, candidates, result)


@dataclass
class Witness:
    """What became of the rows that were chosen: counted all, some of them told one by one."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    failing: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0
    repaired: int = 0
    placeholders: int = 0

    def tell(self, key: Any, change: dict[str, Any] | None, outcome: str, message: str = "") -> None:
        """Count a row, and show it while there is room."""
        self.rows += 1
        self.repaired += outcome != "quarantined"
        told = {"key": key, **(change or {}), "outcome": outcome, "message": message}
        where = self.failing if outcome == "quarantined" else self.shown
        if len(where) < SHOWN:
            where.append(told)


class HeldIntake(Intake):
    """Imports entries of one stream; each batch's rows and the closing of their entries are one transaction."""

    def __init__(
        self,
        rows: HeldRows,
        bound: MendedTable,
        run: ImportRun,
        record: RunTable,
        options: Options,
        witness: Witness | None = None,
    ) -> None:
        same = same_streams([rows.stream], [bound.table])[rows.stream.pk]
        standing = Standing(same, imported=True, entries=record.source_rows)
        super().__init__(rows.as_file(), bound, rows.stream, run, record, options, standing)
        self.held, self.mends = rows, bound
        self.loader = HeldLoader(bound, rows.stream, run.number, same)
        self.classifier = HeldClassifier(self.file, self.loader, fresh=False)
        self.classifier.careful = True
        self.witness = witness
        self.came_in: list[Ready] = []
        """The rows that came in by the last batch."""
        self.waits: list[Ready] = []
        """The rows of the last batch that wait for another."""

    def _wait(self, rows: list[Ready]) -> None:
        self.waits = rows
        super()._wait(rows)

    def write(self, result: Sorted) -> None:
        super().write(result)
        kinds = {"imported": result.new, "updated": result.changed, "unchanged": result.unchanged}
        self.came_in = [r for rows in kinds.values() for r in rows]
        self._note_repairs([r for r in self.came_in if repairs_of(r.row)])
        for outcome, rows in kinds.items():
            for r in rows:
                self._tell(r.row, outcome, "")
        for rejected in result.rejected:
            self._tell(rejected.row, "quarantined", f"{rejected.reason}: {rejected.message}")

    def _note_repairs(self, rows: Sequence[Ready]) -> None:
        held = [
            (row.entry, _as_json(row.repairs), r.identity) for r in rows for row in [cast(HeldRow, r.row)]
        ]
        if held:
            query(
                "UPDATE importer_quarantinedrow q SET repairs = k.repairs::jsonb, identity = k.identity "
                "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS k (id, repairs, identity) WHERE q.id = k.id",
                [list(column) for column in zip(*held, strict=True)],
            )

    def _set_aside(self, rejected: Sequence[Rejected]) -> None:
        """Say in its entry what is wrong with a row now, and keep the repairs that brought it so far.

        An entry with which nothing else is wrong than before stays as it is: the repair did not help.
        """
        told = (self._said(r, cast(HeldRow, r.row)) for r in rejected)
        said = [entry for entry in told if entry is not None]
        if not said:
            return
        former.keep_entries(self.run, "q.id = ANY(%s::uuid[])", [[entry[0] for entry in said]])
        query(
            "UPDATE importer_quarantinedrow q SET reason = k.reason, column_name = k.column_name, "
            "message = k.message, sqlstate = k.sqlstate, repairs = k.repairs::jsonb "
            "FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) "
            "AS k (id, reason, column_name, message, sqlstate, repairs) WHERE q.id = k.id",
            [list(column) for column in zip(*said, strict=True)],
        )

    def _said(self, r: Rejected, row: HeldRow) -> tuple[str | None, ...] | None:
        if (r.reason, r.column) == (row.reason, row.column):
            return None
        return row.entry, r.reason, r.column, r.message, r.sqlstate, _as_json(row.repairs)

    def _tell(self, row: SourceRow, outcome: str, message: str) -> None:
        if self.witness is None or not isinstance(row, HeldRow) or not row.chosen:
            return
        try:
            change = self.mends.mended(row)[1][-1]
            told = {**change.as_json(), "after": encode_value(change.after)}
        except Useless:
            told = {
                **row.chosen[-1].as_json(),
                "before": self.mends.raw(row).get(row.chosen[-1].column or ""),
            }
        self.witness.tell(self.mends.key_of(row) or {"rowid": row.rowid}, told, outcome, message)


def _as_json(repairs: Iterable[Chosen]) -> str | None:
    kept = [chosen.as_json() for chosen in repairs]
    return json.dumps(kept, ensure_ascii=False) if kept else None
