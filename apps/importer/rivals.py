"""Which rows of a batch stay where several have one key, and where one refers to another; asks nobody.

The first importable row of a key is the one that counts, whatever the size of a batch: a row that lacks its
parent leaves its key to the next one, and a row without a key to itself is nobody's parent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.importer.binding import Ready

Columns = tuple[str, ...]
Key = tuple[str | None, ...]


@dataclass
class Claims:
    """The keys of a batch's rows that are sure to come in, each with its rowid: by identity, and by unique set."""

    identities: dict[str, int] = field(default_factory=dict)
    sets: dict[Columns, dict[Key, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Unique:
    """A unique set: its columns, their places among a row's fields, the keys that PostgreSQL has and who holds each."""

    columns: Columns
    places: tuple[int, ...]
    taken: dict[Key, str] = field(default_factory=dict)

    def key(self, ready: Ready) -> Key | None:
        """Return a row's key; None where a part of it is NULL, which equals nothing."""
        key = tuple(ready.fields[place] for place in self.places)
        return None if None in key else key


@dataclass(frozen=True)
class Own:
    """A reference to the same table: where it stands, to which field, and the parents that are not there yet."""

    place: int
    to: int
    absent: set[str]

    def lacks(self, ready: Ready) -> bool:
        """Tell whether the parent of a row is still to come."""
        return ready.fields[self.place] in self.absent


@dataclass
class Rivals:
    """The rows of one batch, and what is known of their keys.

    ``changed``: rows that are there already, by ``id``; ``edited``: those of them that will not be updated, since
    somebody edited them; ``waits``: whether a row may wait for its parent;
    ``held``: identities of rows that wait already. After ``decide`` every row is in ``kept``, ``twins`` or
    ``late``; ``clash`` says that one of them comes before a claimed row and has its key.
    """

    rows: Sequence[Ready]
    uniques: Sequence[Unique]
    own: Sequence[Own]
    claims: Claims
    changed: set[int]
    edited: set[int]
    waits: bool
    held: set[str]
    kept: list[Ready] = field(default_factory=list)
    twins: list[tuple[Ready, Columns]] = field(default_factory=list)
    late: list[Ready] = field(default_factory=list)
    clash: bool = False

    def __post_init__(self) -> None:
        self._keys = {id(r): self._keys_of(r) for r in self.rows}

    def decide(self) -> None:
        """Find the rows that stay; each round takes out those that turn out to lack their parent."""
        late: set[int] = set()
        while True:
            self._take_first_ones(late)
            orphans = self._orphans()
            if not orphans:
                break
            late |= orphans
        twins = {id(r) for r, _ in self.twins}
        self.late = [r for r in self.rows if id(r) in late and id(r) not in twins]
        self.clash = any(self._claims_on(r) for r in (*self.kept, *self.late))

    def _keys_of(self, ready: Ready) -> list[tuple[Unique, Key]]:
        keys = ((unique, unique.key(ready)) for unique in self.uniques)
        return [(unique, key) for unique, key in keys if key is not None]

    def _claims_on(self, r: Ready) -> list[int]:
        """Return the rowids of claimed rows that have a key of a row."""
        if not self.claims.identities:
            return []
        claimed = [self.claims.sets.get(u.columns, {}).get(key) for u, key in self._keys[id(r)]]
        found = [*claimed, self.claims.identities.get(r.identity)]
        return [rowid for rowid in found if rowid is not None]

    def _take_first_ones(self, late: set[int]) -> None:
        """Go through the rows in order: each claims its keys, unless one of them is claimed or held."""
        self.kept, self.twins = [], []
        moved: set[str] = set()
        seen: dict[Columns, set[Key]] = {unique.columns: set() for unique in self.uniques}
        held = set(self.held)
        for r in self.rows:
            rival = self._rival(r, seen, moved)
            if rival is not None:
                self.twins.append((r, rival))
            elif id(r) in late or r.identity in held:
                late.add(id(r))
                if self.waits:
                    held.add(r.identity)
            else:
                self.kept.append(r)
                if id(r) in self.changed - self.edited:
                    moved.add(r.pk)
                for unique, key in self._keys[id(r)]:
                    seen[unique.columns].add(key)

    def _rival(self, r: Ready, seen: dict[Columns, set[Key]], moved: set[str]) -> Columns | None:
        """Return the unique set by which a row equals one that is there, or that comes before it and stays.

        A changed row holds its former keys until its turn has come: ``moved`` names those whose turn has.
        """
        own = r.pk if id(r) in self.changed else None
        place = r.row.rowid or 0
        for unique, key in self._keys[id(r)]:
            holder = unique.taken.get(key)
            if key in seen[unique.columns] or (holder is not None and holder != own and holder not in moved):
                return unique.columns
            if self.claims.sets.get(unique.columns, {}).get(key, place) < place:
                return unique.columns
        return () if self.claims.identities.get(r.identity, place) < place else None

    def _orphans(self) -> set[int]:
        """Return the kept rows whose parent is not there and does not stay, and all that hang from them."""
        if not self.own:
            return set()
        here = [Counter(r.fields[own.to] for r in self.kept) for own in self.own]
        children: dict[tuple[int, str | None], list[Ready]] = defaultdict(list)
        lost: list[Ready] = []
        for r in self.kept:
            for number, own in enumerate(self.own):
                if own.lacks(r):
                    parent = r.fields[own.place]
                    children[number, parent].append(r)
                    if not here[number][parent]:
                        lost.append(r)
        orphans: set[int] = set()
        while lost:
            r = lost.pop()
            if id(r) in orphans:
                continue
            orphans.add(id(r))
            for number, own in enumerate(self.own):
                here[number][r.fields[own.to]] -= 1
                if not here[number][r.fields[own.to]]:
                    lost += children[number, r.fields[own.to]]
        return orphans
