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
from apps.importer.rivals import Claims, Key


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
        for reference in self.table.references:
            if reference.parent != self.table.target:
                self._keep_with_parent(passed, reference)
        if self.classifier.careful:
            for columns in self.table.uniques:
                self._keep_unique(passed, columns)
        self._keep_with_own_parents(passed)
        return unchanged

    def _leave_out_known(self, passed: Passed) -> list[int]:
        if self.classifier.fresh or not passed.rows:
            return []
        rowids, identities = passed.rowids, passed.identities
        unlike = self.loader.unlike(identities, passed.digests, rowids)
        known = self.loader.known([identities[n] for n in unlike]) if unlike else {}
        new = {n for n in unlike if identities[n] not in known}
        if len(new) == len(rowids):
            return []
        changed = set(unlike)
        unchanged = [rowid for n, rowid in enumerate(rowids) if n not in changed]
        passed.keep([n in new for n in range(len(rowids))])
        passed.others = sorted({*passed.others}.difference(unchanged))
        return unchanged

    def _keep_with_parent(self, passed: Passed, reference: Reference) -> None:
        keys = passed.fields[self._places[reference.column]]
        missing = self.classifier.missing(reference, set(keys)) if passed.rows else set()
        if missing:
            passed.keep([key not in missing for key in keys])

    def _keep_with_own_parents(self, passed: Passed) -> None:
        """Leave rows out whose parent of the same table is neither there nor left in the batch; comes last."""
        own = [reference for reference in self.table.references if reference.parent == self.table.target]
        if not own or not passed.rows:
            return
        pks = passed.identities
        if self.path.shift:
            pks = [str(int(identity) + self.path.shift) for identity in pks]
        here = Counter(pks)
        children: dict[str, list[int]] = defaultdict(list)
        lost: list[int] = []
        for reference in own:
            keys = passed.fields[self._places[reference.column]]
            missing = self.classifier.missing(reference, set(keys))
            for row, key in enumerate(keys):
                if key is not None and key in missing and reference.to == self.table.pk and here[key]:
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
        """Leave rows out whose unique set is taken, or stands in a row before."""
        if not passed.rows or not self._places.keys() >= set(columns):
            return
        keys = self._keys(passed, columns)
        asked = [n for n, key in enumerate(keys) if None not in key]
        found = self.loader.taken(tuple(columns), [keys[n] for n in asked])
        taken = {asked[n] for n in found}
        seen: set[Key] = set()
        flags = []
        for n, key in enumerate(keys):
            flags.append(n not in taken and (None in key or key not in seen))
            seen.add(key)
        passed.keep(flags)

    def _keys(self, passed: Passed, columns: Sequence[str]) -> list[Key]:
        return list(zip(*(passed.fields[self._places[name]] for name in columns), strict=True))

    def claims(self, passed: Passed) -> Claims:
        """Return the keys of the rows left, which the others of the batch cannot have; with care, all unique sets."""
        claims = Claims(dict(zip(passed.identities, passed.rowids, strict=True)))
        for columns in self.table.uniques if self.classifier.careful else ():
            if self._places.keys() >= set(columns):
                claims.sets[columns] = dict(zip(self._keys(passed, columns), passed.rowids, strict=True))
        return claims
