"""Which class each row of a batch belongs to: new, changed, unchanged, quarantined, or waiting for a parent.

Asks PostgreSQL through the loader; writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from apps.importer.binding import BoundTable, Ready, Rejected
from apps.importer.load import Known, Loader
from apps.importer.mapping import Reference
from apps.importer.models import Provenance
from apps.importer.rivals import Claims, Own, Rivals, Unique
from apps.importer.source import SourceFile, SourceRow
from apps.importer.sql import present, query

CACHE = 200_000
"""How many parent keys are remembered as present; more are forgotten and asked for again."""


@dataclass
class Sorted:
    """The rows of one batch by class; ``passed`` and ``same`` count those of the hot path, new and unchanged."""

    new: list[Ready] = field(default_factory=list)
    changed: list[Ready] = field(default_factory=list)
    shared: list[Ready] = field(default_factory=list)
    unchanged: list[Ready] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    waiting: list[Ready] = field(default_factory=list)
    passed: int = 0
    same: int = 0


class Classifier:
    """Sorts the rows of one legacy table.

    ``fresh``: no row of this table has been imported before, so provenance need not be asked.
    ``careful``: keys are looked up before the rows are written; off until PostgreSQL refuses a batch.
    ``pending``: target tables whose rows are still to come, for which a row may wait.
    ``assumed``: parents (``table.column=value``) that come in by the same transaction.
    ``claims``: the keys of rows of the same batch that are sure to come in; ``clash``: one of the rows sorted
    last comes before such a row, which therefore is not sure at all.
    """

    def __init__(self, file: SourceFile, loader: Loader, fresh: bool) -> None:
        self.file = file
        self.loader = loader
        self.bound: BoundTable = loader.bound
        self.fresh = fresh
        self.careful = bool(loader.table.own_uniques)
        self.pending: set[str] = set()
        self.assumed: set[str] = set()
        self.claims = Claims()
        self.clash = False
        self.waiting_table: object | None = None
        self._twins: set[int] = set()
        """Rows of the batch, by ``id``, whose key another row has that is there already."""
        self._places = {name: i for i, name in enumerate(self.bound.columns)}
        self._present: dict[str, set[str]] = {}

    def sort(self, rows: Iterable[SourceRow]) -> Sorted:
        """Sort one batch of source rows."""
        result = Sorted()
        self.clash = False
        self._twins.clear()
        ready: list[Ready] = []
        for row in rows:
            converted = self.bound.convert(row)
            if isinstance(converted, Ready):
                ready.append(converted)
            else:
                result.rejected.append(converted)
        self.loader.finish(ready)
        candidates = ready if self.fresh and not self.careful else self._compare(ready, result)
        hasty = bool(result.changed) and not self.careful and len(self._unique_sets()) > 1
        self.careful = self.careful or hasty  # keys change hands in the order of the rows
        self._check_waiting(candidates, result)
        candidates = self._check_parents(candidates, result)
        candidates = self._check_keys(candidates, result)
        self.clash = self.clash or hasty
        known = {id(r) for r in result.changed}
        result.changed = [r for r in candidates if id(r) in known]
        result.new = [r for r in candidates if id(r) not in known]
        return result

    # -- rows that were imported before

    def _compare(self, ready: list[Ready], result: Sorted) -> list[Ready]:
        """Take out what is there already; return new rows, changed ones (also in ``changed``) and known twins."""
        known = self.loader.known([r.identity for r in ready])
        candidates: list[Ready] = []
        seen = set()
        for r in ready:
            found = known.get(r.identity)
            if found is None:
                candidates.append(r)
            elif r.identity in seen or self._is_twin(r, found):
                self._twins.add(id(r))
                candidates.append(r)
            else:
                seen.add(r.identity)
                self._place_known(r, found, candidates, result)
        return candidates

    def _place_known(self, r: Ready, found: Known, candidates: list[Ready], result: Sorted) -> None:
        r.pk = found.target_pk
        ours = found.stream == self.loader.stream.pk
        if found.digest == r.digest:
            (result.unchanged if ours else result.shared).append(r)
        elif ours and found.outcome != Provenance.Outcome.SHARED:
            candidates.append(r)
            result.changed.append(r)
        else:
            self._twins.add(id(r))
            candidates.append(r)

    def _is_twin(self, r: Ready, found: Known) -> bool:
        """Tell whether provenance speaks of another row of the file that has the same key."""
        if found.stream != self.loader.stream.pk:
            return False
        if self.bound.source.without_rowid and self.bound.table.key:
            place = found.position(self.bound, r.identity)
            if place == r.row.position:
                return False
        elif found.source_rowid in (None, r.row.rowid):
            return False
        else:
            place = found.source_rowid
        others = self.file.rows_at(self.bound.source, self.bound.names, [place])
        for other in others:
            converted = self.bound.convert(other)
            if isinstance(converted, Ready) and converted.identity == r.identity:
                return True
        return False

    # -- keys

    def _check_keys(self, rows: list[Ready], result: Sorted) -> list[Ready]:
        """Keep the rows that are the first with their keys and whose parents of the same table are there or stay.

        With care, PostgreSQL is asked for the keys as well. Of a row that lacks its parent, that is the reason.
        """
        changed = {id(r) for r in result.changed}
        references = self._own_references()
        edited = self.loader.edited(result.changed) if result.changed and self.careful else set()
        rivals = Rivals(
            [r for r in rows if id(r) not in self._twins],
            [self._unique(columns, rows) for columns in self._unique_sets()],
            [self._own(reference, rows) for reference in references],
            self.claims,
            changed,
            {id(r) for r in result.changed if r.identity in edited},
            waits=self.bound.table.target in self.pending,
            held={r.identity for r in result.waiting},
        )
        rivals.decide()
        self.clash = rivals.clash or any(r.identity in self.claims.identities for r in result.waiting)
        known = ((r, self.bound.table.key) for r in rows if id(r) in self._twins)
        here = [{r.fields[own.to] for r in rivals.kept} for own in rivals.own]
        for r, columns in (*known, *rivals.twins, *((r, None) for r in rivals.late)):
            lacking = [
                reference
                for reference, own, kept in zip(references, rivals.own, here, strict=True)
                if own.lacks(r) and r.fields[own.place] not in kept
            ]
            if columns is None or lacking:
                self._place_orphan(r, lacking, rivals.waits, result)
            else:
                sources = [c.source for c in self.bound.table.columns if c.name in columns]
                result.rejected.append(self._duplicate(r, sources or self.bound.table.key))
        return rivals.kept

    def _place_orphan(self, r: Ready, lacking: list[Reference], waits: bool, result: Sorted) -> None:
        """Let a row wait that lacks parents of the same table, or stands behind one; or set it aside."""
        if not waits and lacking:
            self._place_late([r], lacking[0], self._places[lacking[0].column], result)
            return
        r.needs.extend(f"{x.parent}.{x.to}={r.fields[self._places[x.column]]}" for x in lacking)
        result.waiting.append(r)

    def _unique_sets(self) -> list[tuple[str, ...]]:
        key = tuple(c.name for c in self.bound.table.columns if c.source in self.bound.table.key)
        own = sorted(self.bound.table.own_uniques)
        sets = dict.fromkeys([*self.bound.table.uniques, *own, *([key] if key else [])])
        return [columns for columns in sets if self._places.keys() >= set(columns)]

    def _unique(self, columns: tuple[str, ...], rows: list[Ready]) -> Unique:
        unique = Unique(columns, tuple(self._places[name] for name in columns))
        if self.careful:
            keys = [key for key in map(unique.key, rows) if key is not None]
            holders = self.loader.taken(columns, keys)
            unique.taken.update((keys[n], holder) for n, holder in holders.items())
        return unique

    def _own_references(self) -> list[Reference]:
        own = [r for r in self.bound.table.references if r.parent == self.bound.table.target]
        return [r for r in own if r.column in self._places and r.to in self._places]

    def _own(self, reference: Reference, rows: list[Ready]) -> Own:
        place = self._places[reference.column]
        absent = self.missing(reference, {r.fields[place] for r in rows} - {None})
        return Own(place, self._places[reference.to], absent)

    def _duplicate(self, r: Ready, columns: Iterable[str]) -> Rejected:
        names = ", ".join(columns)
        return Rejected(
            r.row, "duplicate_key", names or None, f"another row has the same {names or 'key'} already"
        )

    # -- parents

    def _check_parents(self, rows: list[Ready], result: Sorted) -> list[Ready]:
        """Keep the rows whose parents are in PostgreSQL; others wait, or are set aside."""
        for reference in self.bound.table.references:
            if reference.parent == self.bound.table.target or not rows:
                continue
            place = self._places.get(reference.column)
            if place is None:
                continue
            missing = self.missing(reference, {r.fields[place] for r in rows} - {None})
            if missing:
                late = [r for r in rows if r.fields[place] in missing]
                rows = [r for r in rows if r.fields[place] not in missing]
                self._place_late(late, reference, place, result)
        return rows

    def missing(self, reference: Reference, texts: set[str | None]) -> set[str]:
        """Return those parent keys that PostgreSQL does not have."""
        cache = self._present.setdefault(reference.column, set())
        unknown = [text for text in texts if text is not None and text not in cache]
        found = present(reference.parent, [(reference.to, reference.type)], [[text] for text in unknown])
        if len(cache) + len(found) > CACHE:
            cache.clear()
        cache.update(unknown[n] for n in found)
        stem = f"{reference.parent}.{reference.to}="
        return {text for n, text in enumerate(unknown) if n not in found and stem + text not in self.assumed}

    def forget(self) -> None:
        """Forget which parents were present: after a rollback they may not be."""
        self._present.clear()

    def _place_late(self, rows: list[Ready], reference: Reference, place: int, result: Sorted) -> None:
        if reference.parent in self.pending:
            for r in rows:
                r.needs.append(f"{reference.parent}.{reference.to}={r.fields[place]}")
            result.waiting.extend(rows)
            return
        result.rejected.extend(self.orphans(rows, reference, place))

    def orphans(self, rows: list[Ready], reference: Reference, place: int) -> list[Rejected]:
        """Set rows aside whose parent is nowhere, or in quarantine."""
        source = next(c.source for c in self.bound.table.columns if c.name == reference.column)
        handles = {r.fields[place]: f"{reference.to}={r.fields[place]}" for r in rows}
        held = self.quarantined(reference.parent, list(handles.values()))
        rejected = []
        for r in rows:
            value = r.fields[place]
            if handles[value] in held:
                message = f"its parent in {reference.parent}, {value}, is in quarantine"
                rejected.append(Rejected(r.row, "parent_quarantined", source, message))
            else:
                message = f"{reference.parent} has no row {value}"
                rejected.append(Rejected(r.row, "missing_parent", source, message))
        return rejected

    def doomed(self, rows: list[Ready], alive: set[str], lost: set[str]) -> Iterator[Rejected]:
        """Set waiting rows aside, each for a parent that never comes.

        ``alive`` are needs that may still be met; the parents of those in ``lost`` go into quarantine as well.
        """
        for reference in self.bound.table.references:
            place = self._places.get(reference.column)
            if place is None:
                continue
            needs = {id(r): f"{reference.parent}.{reference.to}={r.fields[place]}" for r in rows}
            late = [r for r in rows if needs[id(r)] in r.needs and needs[id(r)] not in alive]
            for r, rejected in zip(late, self.orphans(late, reference, place), strict=True):
                if needs[id(r)] in lost:
                    rejected.reason = "parent_quarantined"
                    rejected.message = (
                        f"its parent in {reference.parent}, {r.fields[place]}, is in quarantine"
                    )
                yield rejected
            told = {id(r) for r in late}
            rows = [r for r in rows if id(r) not in told]
        if rows:
            raise AssertionError(f"{len(rows)} rows of {self.bound.table.source} wait for nothing")

    def quarantined(self, parent: str, handles: list[str]) -> set[str]:
        """Return those handles by which rows of a parent table are in quarantine."""
        rows = query(
            "SELECT DISTINCT g.handle FROM importer_quarantinedrow q "
            "JOIN importer_stream s ON s.id = q.stream_id CROSS JOIN unnest(q.handles) AS g (handle) "
            "WHERE s.source_id = %s AND s.target_table = %s AND q.status <> 'resolved' "
            "AND q.handles && %s::text[] AND g.handle = ANY(%s)",
            [self.loader.stream.source_id, parent, handles, handles],
        )
        return {row[0] for row in rows}

    def _check_waiting(self, rows: list[Ready], result: Sorted) -> None:
        """A row whose key a waiting row has waits as well: the first importable one is to win."""
        held = self.held([r.identity for r in rows])
        if held:
            result.waiting.extend(r for r in rows if r.identity in held)
            rows[:] = [r for r in rows if r.identity not in held]

    def held(self, identities: list[str]) -> set[str]:
        """Return those keys that rows which wait for a parent have."""
        if self.waiting_table is None or not identities:
            return set()
        rows = query(
            "SELECT DISTINCT w.identity FROM unnest(%s::text[]) AS k(identity) JOIN importer_waitingrow w "
            'ON w.identity = k.identity COLLATE "C" AND w.table_id = %s',
            [identities, str(self.waiting_table)],
        )
        return {row[0] for row in rows}
