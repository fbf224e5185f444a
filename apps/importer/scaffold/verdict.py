"""The type of a column, decided from what all of its values have shown.

Each reading is tried in turn; the first that every value fits is taken. Numbers and words that could be read
in two ways are read by the column's name, and left as they are where the name says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from apps.importer.convert.base import shown
from apps.importer.scaffold.judge import (
    CLASSES,
    CODE_WORDS,
    EXACT,
    EXAMPLES,
    NEARLY,
    PAIRS,
    ROOMY,
    TEXT_TYPES,
    TIME_WORDS,
    TRUTH_WORDS,
    UUID_WORDS,
    VECTOR_WORDS,
    WIDE,
    Facts,
    Hints,
    Tally,
    told,
)

DECLARED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("BOOL",), "boolean"),
    (("UUID", "GUID"), "uuid"),
    (("JSON",), "json"),
    (("DATETIME", "TIMESTAMP"), "datetime"),
    (("DATE",), "date"),
    (("INT",), "bigint"),
    (("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"), "real"),
    (("CHAR", "CLOB", "TEXT"), "text"),
    (("BLOB",), "blob"),
)
"""Parts of a declared type, and the type of a column that has no value to judge it by."""
UNIT_NAMES = {"s": "seconds", "ms": "milliseconds"}


@dataclass(frozen=True)
class Verdict:
    """A type (``kind``), its width or unit where it has one, and what was not sure, one line each."""

    kind: str
    detail: int | str | None = None
    notes: tuple[str, ...] = ()


def decide(facts: Facts, hints: Hints) -> Verdict:
    """Return the type that all the values of a column fit."""
    kinds = set(facts.counts)
    if not kinds:
        found = _by_declaration(hints)
    elif kinds == {str}:
        found = _of_texts(facts, hints)
    elif kinds == {bytes}:
        found = _of_blobs(facts, hints)
    elif kinds == {int}:
        found = _of_integers(facts, hints)
    elif kinds <= {int, float}:
        found = _of_numbers(facts, hints)
    else:
        found = _of_several(facts)
    return Verdict(found.kind, found.detail, (*found.notes, *_about_unstorable(facts)))


def _by_declaration(hints: Hints) -> Verdict:
    kind = next((kind for parts, kind in DECLARED if hints.declares(*parts)), "any")
    declared = f"declared as {shown(hints.declared)}" if hints.declared else "declared without a type"
    return Verdict(kind, notes=(f"no value to judge the type by: {declared}",))


def _about_unstorable(facts: Facts) -> Iterator[str]:
    if facts.unstorable:
        seen = "; ".join(f"{place} holds {told(value)}" for place, value in facts.unstorable)
        yield f"PostgreSQL does not take every value (U+0000, no UTF-8, or too large); {seen}"


# -- several storage classes in one column


def _of_several(facts: Facts) -> Verdict:
    """Keep a column of several storage classes as JSON, in which none of its values changes."""
    mixed = {int, float} < set(facts.counts)
    names = {kind: "numbers" if mixed and kind in (int, float) else CLASSES[kind] for kind in facts.counts}
    sizes: Counter[str] = Counter()
    for kind, count in facts.counts.items():
        sizes[names[kind]] += count
    ((most, count),) = sizes.most_common(1)
    others = [pair for kind, seen in facts.first.items() if names[kind] != most for pair in seen]
    seen = "; ".join(f"{place} holds {told(value)}" for place, value in others[:EXAMPLES])
    return Verdict("any", notes=(f"{count:,} of {facts.values:,} values are {most}; {seen}",))


# -- BLOBs


def _of_blobs(facts: Facts, hints: Hints) -> Verdict:
    if facts.sizes == {16} and hints.names(UUID_WORDS):
        return Verdict("uuid")
    return Verdict("blob")


# -- numbers


def _of_integers(facts: Facts, hints: Hints) -> Verdict:
    unit, notes = _epoch(facts, hints)
    if unit:
        return Verdict("epoch", unit)
    if facts.low >= 0 and facts.high <= 1:
        if hints.names(TRUTH_WORDS) or hints.declares("BOOL"):
            return Verdict("boolean")
        notes = ("only 0 and 1: truth values, perhaps",)
    return Verdict("integer" if facts.low > -ROOMY and facts.high < ROOMY else "bigint", notes=notes)


def _of_numbers(facts: Facts, hints: Hints) -> Verdict:
    unit, notes = _epoch(facts, hints)
    if unit:
        return Verdict("epoch", unit, ("fractions of a second are rounded to the microsecond",))
    if int in facts.counts and not -EXACT <= facts.low <= facts.high <= EXACT:
        return _of_several(facts)
    return Verdict("real", notes=notes)


def _epoch(facts: Facts, hints: Hints) -> tuple[str | None, tuple[str, ...]]:
    """Return the unit of a column of times, or None and what speaks for or against it."""
    named = hints.names(TIME_WORDS)
    for unit, hits in facts.in_window.items():
        name = UNIT_NAMES[unit]
        if hits == facts.values and named:
            return unit, ()
        if hits == facts.values:
            return None, (f"all values could be {name} since 1970; the name does not say so",)
        if named and hits >= facts.values * NEARLY:
            seen = "; ".join(f"{place} holds {told(value)}" for place, value in facts.outside[unit])
            return None, (f"{hits:,} of {facts.values:,} values could be {name} since 1970; {seen}",)
    return None, ()


# -- texts


def _of_texts(facts: Facts, hints: Hints) -> Verdict:
    for kind, tally in facts.tallies.items():
        if tally.whole:
            found = READINGS[kind](facts, hints)
            if found is not None:
                return found
    return Verdict("text", notes=tuple(_near_misses(facts.tallies)))


def _near_misses(tallies: dict[str, Tally]) -> Iterator[str]:
    """Name the type that fits the most values, if nearly all."""
    near = {
        kind: tally
        for kind, tally in tallies.items()
        if tally.alive and tally.misses and tally.hits >= (tally.hits + tally.misses) * NEARLY
    }
    if near:
        kind = max(near, key=lambda kind: (near[kind].hits, kind != "boolean"))
        yield near[kind].note(TEXT_TYPES[kind][1])


def _uuid(facts: Facts, hints: Hints) -> Verdict:
    if facts.spelled <= {"canonical"}:
        return Verdict("uuid")
    return Verdict("uuid", "spelled", ("not all written as PostgreSQL writes a uuid",))


def _date(facts: Facts, hints: Hints) -> Verdict:
    return Verdict("date")


def _moment(facts: Facts, hints: Hints) -> Verdict:
    notes = []
    if facts.days:
        notes.append(f"{facts.days:,} of {facts.values:,} values have no time of day: taken as midnight")
    if not facts.zoned:
        notes.append("no zone is written: taken as UTC")
    elif facts.zoned < facts.values - facts.days:
        notes.append(
            f"{facts.zoned:,} of {facts.values:,} values name their zone, the others are taken as UTC"
        )
    return Verdict("datetime", notes=tuple(notes))


def _truth(facts: Facts, hints: Hints) -> Verdict | None:
    pair = next((pair for pair in PAIRS if facts.spelled <= pair), None)
    if pair is None:
        return Verdict("text", notes=("truth values in several spellings",))
    named = hints.names(TRUTH_WORDS) or hints.declares("BOOL")
    if pair == {"0", "1"} and not named:
        return None
    if named or facts.spelled == pair:
        return Verdict("boolean")
    return Verdict("text", notes=(f"nothing but {shown(min(facts.spelled))}: truth values, perhaps",))


def _whole_texts(facts: Facts, hints: Hints) -> Verdict:
    if hints.names(CODE_WORDS):
        return Verdict("text", notes=("digits only, but named like a code: left as text",))
    return Verdict("bigint", notes=("whole numbers, stored as text",))


def _decimal_texts(facts: Facts, hints: Hints) -> Verdict:
    if hints.names(CODE_WORDS):
        return Verdict("text", notes=("numbers only, but named like a code: left as text",))
    padded = "; zeros at their end are not kept" if facts.padded else ""
    return Verdict("real", notes=(f"numbers, stored as text{padded}",))


def _vector(facts: Facts, hints: Hints) -> Verdict | None:
    named = hints.names(VECTOR_WORDS)
    if len(facts.widths) == 1:
        (width,) = facts.widths
        if width > 1 and (named or (width >= WIDE and facts.fractions)):
            return Verdict("vector", width)
    if named:
        return Verdict("json", notes=(f"lists of {min(facts.widths)} to {max(facts.widths)} numbers",))
    return None


def _list(facts: Facts, hints: Hints) -> Verdict | None:
    return Verdict("strings") if facts.longest > len("[]") else None


def _document(facts: Facts, hints: Hints) -> Verdict:
    return Verdict("json")


READINGS: dict[str, Callable[[Facts, Hints], Verdict | None]] = {
    "uuid": _uuid,
    "date": _date,
    "datetime": _moment,
    "boolean": _truth,
    "integer": _whole_texts,
    "real": _decimal_texts,
    "vector": _vector,
    "strings": _list,
    "json": _document,
}
