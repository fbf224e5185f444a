"""What type a column's values are, told from all of them; no declared type and no sample decides.

Pure: knows stored values and the converters, whose yes or no is what an import will say. A type is given only
where every value fits it and stays the same value; where nearly all fit, the exceptions are named.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.importer import convert
from apps.importer.convert import Invalid
from apps.importer.convert.base import shown
from apps.importer.convert.moments import FIRST_SECOND, PAST_SECOND
from apps.importer.convert.texts import UUID_CANONICAL
from apps.importer.scaffold.names import words
from apps.importer.source import Stored, TooLarge

NEARLY = 0.8
"""The share of a column's values from which on a type that does not fit all of them is worth a word."""
FEW = 20
"""Misses that are counted in any case; beyond them a type is given up once others fit more values than it."""
EXAMPLES = 3
EXACT = 2**53
ROOMY = 10**8
"""Whole numbers up to here leave room to grow in an integer of 32 bits."""
WIDE = 32
"""Lists of so many fractions each are taken for an embedding whatever their column is called."""

INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}").fullmatch
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
PAIRS = tuple(
    frozenset(pair)
    for pair in (("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("on", "off"), ("1", "0"))
)

TIME_WORDS = frozenset(
    {
        *(
            "at",
            "time",
            "date",
            "datetime",
            "timestamp",
            "ts",
            "when",
            "epoch",
            "created",
            "updated",
            "modified",
        ),
        *(
            "changed",
            "expires",
            "expiry",
            "expiration",
            "since",
            "until",
            "started",
            "finished",
            "seen",
            "mtime",
        ),
        *("ctime", "atime", "visited", "accessed", "added", "deleted", "published", "last", "on"),
    }
)
TRUTH_WORDS = frozenset(
    {"is", "has", "can", "was", "flag", "enabled", "disabled", "active", "deleted", "hidden"}
) | {
    *("visible", "archived", "read", "done", "valid", "public", "private", "locked", "starred", "favorite"),
}
CODE_WORDS = frozenset(
    {"phone", "tel", "fax", "mobile", "zip", "zipcode", "postcode", "postal", "code", "isbn"}
) | {
    *("version", "sku", "ean", "serial", "account", "iban", "card", "number", "no", "ip", "hash", "checksum"),
}
VECTOR_WORDS = frozenset({"embedding", "embeddings", "vector", "vectors", "vec", "emb"})
UUID_WORDS = frozenset({"uuid", "guid", "id", "uid"})


@dataclass(frozen=True)
class Hints:
    """What a column is called and declared as: decides only between readings that its values allow."""

    name: str
    declared: str = ""

    def names(self, sought: frozenset[str]) -> bool:
        """Tell whether the name has one of these words."""
        return not sought.isdisjoint(words(self.name).split("_"))

    def declares(self, *sought: str) -> bool:
        """Tell whether the declared type has one of these texts in it."""
        return any(text in self.declared.upper() for text in sought)


@dataclass
class Tally:
    """How many values fit a type, and the first that do not, each with the place of its row."""

    fits: Callable[[Any], bool]
    hits: int = 0
    misses: int = 0
    examples: list[tuple[str, Stored]] = field(default_factory=list)
    alive: bool = True

    def count(self, values: Sequence[Any], places: Sequence[str], most: int) -> None:
        """Try values on; with more than ``most`` misses, or mostly misses, the type is given up."""
        for value, place in zip(values, places, strict=True):
            if self.fits(value):
                self.hits += 1
            else:
                self.misses += 1
                if len(self.examples) < EXAMPLES:
                    self.examples.append((place, value))
        self.alive = self.misses <= FEW or self.misses <= min(most, self.hits)

    @property
    def whole(self) -> bool:
        """Whether every value that was tried fits."""
        return self.alive and not self.misses and self.hits > 0

    def note(self, what: str) -> str:
        """Return what a person should know of a type that nearly fits."""
        seen = "; ".join(f"{place} holds {told(value)}" for place, value in self.examples)
        return f"{self.hits:,} of {self.hits + self.misses:,} values are {what}; {seen}"


def told(value: Stored) -> str:
    """Show a value in a note."""
    if value is None:
        return "NULL"
    return f"{value.size:,} bytes" if isinstance(value, TooLarge) else shown(value)


def takes(converter: convert.Converter, value: Stored) -> bool:
    """Tell whether a converter takes a value."""
    try:
        return value is not None and converter(value) is not None
    except Invalid:
        return False


def is_moment(text: str) -> bool:
    """Tell a date, with or without a time of day, from all that is written otherwise."""
    return len(text) >= 10 and text[4:5] == "-" and takes(convert.datetime(), text)


def is_day(text: str) -> bool:
    """Tell a plain calendar day."""
    return len(text) == 10 and takes(convert.date(), text)


def is_integer(text: str) -> bool:
    """Tell a whole number of at most 64 bits that would be written back just so."""
    return bool(INTEGER(text)) and -(2**63) <= int(text) < 2**63


def is_decimal(text: str) -> bool:
    """Tell a number that a double holds exactly as written, zeros at the end apart."""
    return bool(DECIMAL(text)) and (len(text) <= 16 or Decimal(repr(float(text))) == Decimal(text))


def is_document(text: str) -> bool:
    """Tell a JSON object or list."""
    return text.lstrip(" \t\r\n")[:1] in ("{", "[") and takes(convert.json(), text)


def is_word_list(text: str) -> bool:
    """Tell a JSON list of texts."""
    return text.lstrip(" \t\r\n")[:1] == "[" and takes(convert.string_array(), text)


def is_vector(text: str) -> bool:
    """Tell a JSON list of numbers."""
    return text.lstrip(" \t\r\n")[:1] == "[" and takes(convert.vector(), text)


TEXT_TYPES: dict[str, tuple[Callable[[str], bool], str]] = {
    "uuid": (lambda text: len(text) >= 32 and takes(convert.uuid(), text), "uuids"),
    "date": (is_day, "dates"),
    "datetime": (is_moment, "dates and times"),
    "boolean": (lambda text: any(text.lower() in pair for pair in PAIRS), "truth values"),
    "integer": (is_integer, "whole numbers"),
    "real": (is_decimal, "numbers"),
    "vector": (is_vector, "lists of numbers"),
    "strings": (is_word_list, "JSON lists of texts"),
    "json": (is_document, "JSON objects or lists"),
}
"""The types that a text may be, in the order of preference: the test, and what such values are called."""

ZONED = re.compile(r".{16,}?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)", re.DOTALL).fullmatch
WINDOWS = {"s": (FIRST_SECOND, PAST_SECOND), "ms": (FIRST_SECOND * 1000, PAST_SECOND * 1000)}
CLASSES = {int: "whole numbers", float: "fractions", str: "texts", bytes: "BLOBs"}


@dataclass
class Facts:
    """What the values of one column have shown so far; ``total`` is how many rows there will be."""

    total: int
    rows: int = 0
    nulls: int = 0
    counts: dict[type, int] = field(default_factory=dict)
    first: dict[type, list[tuple[str, Stored]]] = field(default_factory=dict)
    low: float = math.inf
    high: float = -math.inf
    in_window: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WINDOWS, 0))
    outside: dict[str, list[tuple[str, Stored]]] = field(default_factory=lambda: {u: [] for u in WINDOWS})
    endless: bool = False
    longest: int = 0
    weight: int = 0
    """The most bytes that a text or BLOB has."""
    unstorable: list[tuple[str, Stored]] = field(default_factory=list)
    zoned: int = 0
    days: int = 0
    padded: bool = False
    """Whether a number ends in zeros that only a text keeps."""
    spelled: set[str] = field(default_factory=set)
    widths: set[int] = field(default_factory=set)
    fractions: bool = False
    sizes: set[int] = field(default_factory=set)
    """Lengths of BLOBs, as far as they are few."""
    tallies: dict[str, Tally] = field(init=False)

    def __post_init__(self) -> None:
        self.tallies = {kind: Tally(fits) for kind, (fits, _) in TEXT_TYPES.items()}

    @property
    def values(self) -> int:
        """How many values are neither NULL nor too large to be read."""
        return sum(self.counts.values())

    def add(self, values: Sequence[Stored], places: Sequence[str]) -> None:
        """Look at some more rows' values; ``places`` say where each row is."""
        self.rows += len(values)
        found = set(map(type, values))
        for kind, look in LOOKS.items():
            if kind in found:
                picked = [i for i, value in enumerate(values) if type(value) is kind]
                look(self, [values[i] for i in picked], [places[i] for i in picked])

    def _nulls(self, values: Sequence[Any], places: Sequence[str]) -> None:
        self.nulls += len(values)

    def _large(self, values: Sequence[Any], places: Sequence[str]) -> None:
        self._note_unstorable(zip(places, values, strict=True))

    def _count(self, kind: type, values: Sequence[Any], places: Sequence[str]) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + len(values)
        seen = self.first.setdefault(kind, [])
        seen += list(zip(places, values, strict=True))[: EXAMPLES - len(seen)]

    def _numbers(self, values: Sequence[Any], places: Sequence[str]) -> None:
        self._count(type(values[0]), values, places)
        self.low, self.high = min(self.low, *values), max(self.high, *values)
        self.endless |= not all(map(math.isfinite, values))
        for unit, (start, end) in WINDOWS.items():
            outside = [pair for pair in zip(places, values, strict=True) if not start <= pair[1] < end]
            self.in_window[unit] += len(values) - len(outside)
            self.outside[unit] += outside[: EXAMPLES - len(self.outside[unit])]

    def _blobs(self, values: Sequence[Any], places: Sequence[str]) -> None:
        self._count(bytes, values, places)
        self.weight = max(self.weight, *map(len, values))
        if len(self.sizes) <= FEW:
            self.sizes.update(map(len, values))

    def _texts(self, values: Sequence[Any], places: Sequence[str]) -> None:
        self._count(str, values, places)
        self.longest = max(self.longest, *map(len, values))
        self.weight = max(self.weight, *map(_bytes, values))
        if not _is_clean("".join(values)):
            self._note_unstorable(p for p in zip(places, values, strict=True) if not _is_clean(p[1]))
        most = int(self.total * (1 - NEARLY))
        for tally in self.tallies.values():
            if tally.alive:
                tally.count(values, places, most)
        self._look_closer(values)

    def _note_unstorable(self, pairs: Any) -> None:
        self.unstorable += list(pairs)[: EXAMPLES - len(self.unstorable)]

    def _look_closer(self, values: Sequence[str]) -> None:
        """Remember what decides between readings, as long as a type is possible at all."""
        if self.tallies["datetime"].alive:
            self.zoned += sum(1 for value in values if ZONED(value))
            self.days += sum(1 for value in values if len(value) == 10)
        if self.tallies["real"].whole:
            self.padded |= any(value.endswith("0") and "." in value for value in values)
        if self.tallies["boolean"].whole:
            self.spelled.update(map(str.lower, values))
        if self.tallies["uuid"].whole:
            self.spelled.update(map(_spelling, values))
        if self.tallies["vector"].whole:
            self.widths.update(value.count(",") + 1 for value in values)
            self.fractions |= any("." in value for value in values)


LOOKS: dict[type, Callable[[Facts, Sequence[Any], Sequence[str]], None]] = {
    type(None): Facts._nulls,
    int: Facts._numbers,
    float: Facts._numbers,
    str: Facts._texts,
    bytes: Facts._blobs,
    TooLarge: Facts._large,
}


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _is_clean(text: str) -> bool:
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spelling(text: str) -> str:
    """Say how a uuid is written: canonical, the same without dashes, or otherwise."""
    if UUID_CANONICAL(text):
        return "canonical"
    return "digits" if len(text) == 32 and text == text.lower() else "otherwise"
