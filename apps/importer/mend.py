"""What a chosen repair makes of a stored value. Pure: knows values, no table and no database.

Nothing here is ever applied unasked: a person names the repair, and its argument, for rows in quarantine.
"""

from __future__ import annotations

import codecs
import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from apps.importer import convert
from apps.importer.convert import Invalid
from apps.importer.source import Stored, encode_value

PLACEHOLDER, DROP = "placeholder_parent", "drop_duplicate"
"""The repairs that change no value: one makes the row's parent, the other leaves the row out."""

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?").fullmatch
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Chosen:
    """A repair that a person chose for a legacy column, with its argument."""

    column: str | None
    repair: str
    argument: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the repair as it is kept with an entry and with a row."""
        return {"column": self.column, "repair": self.repair, "with": self.argument}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Chosen:
        """Return the repair that ``as_json`` wrote."""
        return cls(kept["column"], kept["repair"], kept["with"])


class Change(NamedTuple):
    """What a repair did to a row: the value before and after it."""

    chosen: Chosen
    before: Stored
    after: Stored

    def as_json(self) -> dict[str, Any]:
        """Return the change as it is kept with the repaired row."""
        return {**self.chosen.as_json(), "before": encode_value(self.before)}


class Useless(Exception):
    """A repair that cannot be made of this value: the message says why."""


def mend(
    values: Mapping[str, Stored], repairs: Sequence[Chosen], logical: Callable[[str], str]
) -> tuple[dict[str, Stored], list[Change]]:
    """Apply repairs to a row's values, by column, in turn; ``logical`` tells a column's type.

    Raises ``Useless`` where one of them cannot be made.
    """
    mended, changes = dict(values), []
    for chosen in repairs:
        name = spelled(mended, chosen.column)
        before = mended.get(name)
        if chosen.repair in MENDERS:
            mended[name] = MENDERS[chosen.repair](before, chosen.argument or "", logical(name))
        changes.append(Change(chosen, before, mended.get(name)))
    return mended, changes


def spelled(values: Mapping[str, Stored], column: str | None) -> str:
    """Return a column's name as the file spells it."""
    wanted = (column or "").lower()
    return next((name for name in values if name.lower() == wanted), column or "")


def _set_null(value: Stored, argument: str, logical: str) -> Stored:
    return None


def _strip_nul(value: Stored, argument: str, logical: str) -> Stored:
    if not isinstance(value, str):
        raise Useless("it is no text")
    return ESCAPED_NUL.sub(r"\1", value) if logical == "json" else value.replace("\0", "")


def _decode(value: Stored, encoding: str, logical: str) -> Stored:
    if not isinstance(value, str | bytes):
        raise Useless("it is neither text nor BLOB")
    stored = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    try:
        return stored.decode(encoding)
    except UnicodeDecodeError as error:
        raise Useless(f"{encoding} cannot read its byte {error.start}") from None
    except ValueError as error:
        raise Useless(f"{encoding} cannot read it: {error}") from None


def _as_zone(value: Stored, zone: str, logical: str) -> Stored:
    if not isinstance(value, str) or NUMBER(value.strip()):
        raise Useless("it is no time that a zone could tell")
    try:
        return convert.datetime(zone).read(value)
    except Invalid as error:
        raise Useless(error.message) from None


def _as_unit(value: Stored, unit: str, logical: str) -> Stored:
    number = _number(value)
    micros = number * 10**6 / PER_SECOND[unit]
    if micros.denominator != 1 and not isinstance(value, float):
        raise Useless("it has digits beyond the microsecond")
    try:
        instant = EPOCH + dt.timedelta(microseconds=round(micros))
    except OverflowError:
        raise Useless(f"in {unit} it is outside the years 1 to 9999") from None
    return instant.isoformat(" ").removesuffix(":00")


def _number(value: Stored) -> Fraction:
    if isinstance(value, float) and not math.isfinite(value):
        raise Useless("it is infinite")
    if isinstance(value, int | float):
        return Fraction(value)
    if isinstance(value, str) and NUMBER(value.strip()):
        return Fraction(value.strip())
    raise Useless("it is no number")


def _truncate(value: Stored, limit: str, logical: str) -> Stored:
    if not isinstance(value, str):
        raise Useless("it is no text")
    return value[: int(limit)]


MENDERS: dict[str, Callable[[Stored, str, str], Stored]] = {
    "set_null": _set_null,
    "strip_nul": _strip_nul,
    "decode_as": _decode,
    "as_zone": _as_zone,
    "as_unit": _as_unit,
    "truncate": _truncate,
}


def encoding(text: str) -> str:
    """Return the name of an encoding of texts; ValueError for any other word."""
    try:
        info = codecs.lookup(text)
    except (LookupError, ValueError):
        info = None
    if info is None or not info._is_text_encoding:
        raise ValueError(f"{text!r} is no encoding of texts; write one such as gb18030 or latin-1")
    return info.name


def unit(text: str) -> str:
    """Return a unit of time; ValueError for any other word."""
    if text not in PER_SECOND:
        raise ValueError(f"{text!r} is no unit; write one of {', '.join(PER_SECOND)}")
    return text
