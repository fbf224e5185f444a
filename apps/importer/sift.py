"""The hot path's questions to PostgreSQL: which rows of a batch are there already, which must be looked at.

What is not answered by a few sets of keys is left to the careful path, row by row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from apps.importer.classify import Classifier
from apps.importer.fastpath import FastPath, Passed
from apps.importer.load import Loader
from apps.importer.mapping import Reference
from apps.importer.rivals import Claims


class Sieve:
    """Sifts the batches of one table: leaves in each only the rows that are new and sure to fit."""

    def __init__(self, path: FastPath, loader: Loader, classifier: Classifier) -> None:
        self.path = path
        self.loader = loader
        self.classifier = classifier
        self.table = loader.table
        self._places = {name: place for place, name in enumerate(loader.bound.columns)}

    def sift(self, passed: Passed) -> list[int]:
        """Leave the new rows in ``passed``; return the rowids of those that are there already, unchanged."""
        unchanged = self._leave_out_known(passed)
        held = self.classifier.held(passed.identities)
        if held:
            passed.keep([identity not in held for identity in passed.identities])
        for number, reference in enumerate(self.table.references):
            if reference.parent != self.table.target:
                self._keep_with_parent(passed, number, reference)
        if self.classifier.careful:
            for columns in self.table.uniques:
                self._keep_unique(passed, columns)
        self._keep_with_own_parents(passed)
        return unchanged

    def _leave_out_known(self, passed: Passed) -> list[int]:
        if self.classifier.fresh or not passed.lines:
            return []
        known = self.loader.known(passed.identities)
        if not known:
            return []
        ours = self.loader.stream.pk
        same, new = [], []
        rows = zip(passed.identities, passed.rowids, passed.digests, strict=True)
        for identity, rowid, digest in rows:
            found = known.get(identity)
            new.append(found is None)
            same.append(
                found is not None
                and found.stream == ours
                and found.digest == digest
                and found.source_rowid == rowid
            )
        rest = [rowid for rowid, is_same in zip(passed.rowids, same, strict=True) if is_same]
        passed.keep(new)
        unchanged = set(rest)
        passed.others = [rowid for rowid in passed.others if rowid not in unchanged]
        return rest

    def _keep_with_parent(self, passed: Passed, number: int, reference: Reference) -> None:
        keys = passed.parents[number]
        missing = self.classifier.missing(reference, set(keys)) if passed.lines else set()
        if missing:
            passed.keep([key not in missing for key in keys])

    def _keep_with_own_parents(self, passed: Passed) -> None:
        """Leave rows out whose parent of the same table is neither there nor left in the batch; comes last."""
        own = [n for n, r in enumerate(self.table.references) if r.parent == self.table.target]
        if not own or not passed.lines:
            return
        pks = passed.identities
        if self.path.shift:
            pks = [str(int(identity) + self.path.shift) for identity in pks]
        here = Counter(pks)
        children: dict[str, list[int]] = defaultdict(list)
        lost: list[int] = []
        for number in own:
            reference = self.table.references[number]
            missing = self.classifier.missing(reference, set(passed.parents[number]))
            for row, key in enumerate(passed.parents[number]):
                if key in missing and reference.to == self.table.pk and here[key]:
                    children[key].append(row)
                elif key in missing:
                    lost.append(row)
        flags = [True] * len(pks)
        while lost:
            row = lost.pop()
            if flags[row]:
                flags[row] = False
                here[pks[row]] -= 1
                lost += children.pop(pks[row], []) if not here[pks[row]] else []
        passed.keep(flags)

    def _keep_unique(self, passed: Passed, columns: Sequence[str]) -> None:
        """Leave rows out whose unique set is taken; text that COPY escapes is for the careful path to compare."""
        places = [self._places[name] for name in columns if name in self._places]
        if not passed.lines or len(places) != len(columns):
            return
        keys = self._keys(passed, places)
        asked = [n for n, key in enumerate(keys) if "\\N" not in key]
        found = self.loader.taken(tuple(columns), [keys[n] for n in asked])
        taken = {asked[n] for n in found}
        seen: set[tuple[str, ...]] = set()
        flags = []
        for n, whole in enumerate(keys):
            escaped = any("\\" in part and part != "\\N" for part in whole)
            flags.append(not escaped and n not in taken and ("\\N" in whole or whole not in seen))
            seen.add(whole)
        passed.keep(flags)

    def _keys(self, passed: Passed, places: Sequence[int]) -> list[tuple[str, ...]]:
        rows = (line.split(b"\t") for line in passed.lines)
        return [tuple(row[place].decode() for place in places) for row in rows]

    def claims(self, passed: Passed) -> Claims:
        """Return the keys of the rows left, which the others of the batch cannot have; with care, all unique sets."""
        claims = Claims(dict(zip(passed.identities, passed.rowids, strict=True)))
        for columns in self.table.uniques if self.classifier.careful else ():
            places = [self._places[name] for name in columns if name in self._places]
            if len(places) == len(columns):
                keys: list[tuple[str | None, ...]] = list(self._keys(passed, places))
                claims.sets[columns] = dict(zip(keys, passed.rowids, strict=True))
        return claims
