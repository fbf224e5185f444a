"""Converters of instants and days. A number is an epoch only inside the years 2000 to 2099."""

import datetime as dt
import re
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from apps.importer.convert import packed, plain
from apps.importer.convert.base import Converter, Invalid, Stored, refusal, shown, trimmed
from apps.importer.convert.numbers import EXACT_IN_DOUBLE, LONGEST_INTEGER

PLAIN_DAY = re.compile(plain.DAY).fullmatch
PLAIN_MOMENT = re.compile(rf"({plain.DAY})[ T]({plain.CLOCK})(?:Z|\+00:00Z?)?").fullmatch
"""The spellings that need no look at a calendar: every day but 29 February, zone UTC or none."""

MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[ Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?"
    r"(?: ?(Z|z|\+00:00Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
).fullmatch
NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?").fullmatch

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
FIRST_SECOND, PAST_SECOND = 946_684_800, 4_102_444_800
MICROS = 10**6
MICRO_DIGITS = 6
PER_SECOND = {"s": 1, "ms": 10**3, "µs": 10**6, "ns": 10**9}
UNIT_NAMES = {per_second: name for name, per_second in PER_SECOND.items()}
OFFSETS_UTC = ("Z", "z", "+00:00Z")
MOST_OFFSET_HOURS = 15
COLUMNS_OF_EPOCHS: dict[str, tuple[Any, Any]] = {
    "integer": (plain.whole, packed.whole),
    "datetime": (plain.epochs, packed.epochs),
}
"""What makes the functions that take whole columns of epochs, by what they are to become."""

Number = int | Fraction


class Written(NamedTuple):
    """A date and time as spelled, the offset apart: whole second (as if in UTC), digits of the fraction."""

    second: dt.datetime
    fraction: str
    offset: str | None


@cache
def datetime(zone: str = "UTC") -> Converter:
    """Read an instant, as text in UTC with microseconds; `zone` is that of texts which name none.

    Raises ZoneInfoNotFoundError for a zone that the system does not know.
    """
    local = None if zone == "UTC" else ZoneInfo(zone)

    def read(value: Stored) -> str:
        if type(value) is str:
            usual = PLAIN_MOMENT(value) if local is None else None
            return f"{usual[1]} {usual[2]}+00" if usual else _read_moment(value, local)
        if type(value) is int or type(value) is float:
            return _stamp(_micros_of_number(value, value))
        raise refusal(value, "datetime_invalid", "a date and time")

    return Converter("datetime", read, *((plain.moments, packed.moments) if local is None else ()))


def _read_moment(value: str, local: ZoneInfo | None) -> str:
    text = trimmed(value, "a date and time")
    number = _number_text(text)
    if number is None:
        return _utc_text(_utc(text, local))
    return _stamp(_micros_of_number(number, value))


def _micros_of_number(number: float | Number, value: Stored) -> int:
    """Microseconds since 1970 of a number in the window of any unit; a double is rounded half to even."""
    unit = _unit(number)
    if unit is None:
        raise Invalid("datetime_ambiguous", f"{shown(value)} is in no unit an instant of 2000 to 2099")
    if type(number) is float:
        return round(Fraction(number) * MICROS / unit)
    micros, beyond = divmod(number * MICROS, unit)
    if beyond:
        raise Invalid("datetime_precision", f"{shown(value)} has digits beyond the microsecond")
    return int(micros)


def _unit(number: float | Number) -> int | None:
    """Units a second of the one window that holds the number."""
    for unit in UNIT_NAMES:
        if FIRST_SECOND * unit <= number < PAST_SECOND * unit:
            return unit
    return None


def _number_text(text: str) -> Number | None:
    """Read a number of digits and at most a point; None for any other text.

    Of a whole part beyond bigint only the first digits are read: still beyond bigint and every window.
    """
    literal = NUMBER(text)
    if literal is None:
        return None
    sign, whole, fraction = literal.groups("")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    if len(fraction) > MICRO_DIGITS:
        raise Invalid("datetime_precision", f"{shown(text)} has digits beyond the microsecond")
    number = int(sign + whole[: LONGEST_INTEGER + 1] + fraction)
    return Fraction(number, 10 ** len(fraction)) if fraction else number


def _split(text: str) -> Written | None:
    """Take a text apart; None when it has another shape, ValueError when no calendar or clock has it."""
    spelled = MOMENT(text)
    if spelled is None:
        return None
    year, month, day, hour, minute, second, fraction, _ = spelled.groups("0")
    wall = dt.datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=dt.UTC)
    return Written(wall, fraction.rstrip("0"), spelled[8])


def _utc(text: str, local: ZoneInfo | None) -> dt.datetime:
    """The instant of a text."""
    try:
        written = _split(text)
    except ValueError:
        reason = "datetime_range" if text.startswith("0000") else "datetime_invalid"
        raise Invalid(reason, f"{shown(text)} is on no calendar or clock") from None
    if written is None:
        raise refusal(text, "datetime_invalid", "a date and time")
    if len(written.fraction) > MICRO_DIGITS:
        raise Invalid("datetime_precision", f"{shown(text)} has digits beyond the microsecond")
    wall = written.second.replace(microsecond=int(written.fraction.ljust(MICRO_DIGITS, "0")))
    try:
        return wall - _offset(written.offset, wall, local)
    except OverflowError:
        raise Invalid("datetime_range", f"{shown(text)} is outside the years 1 to 9999 in UTC") from None


def _offset(offset: str | None, wall: dt.datetime, local: ZoneInfo | None) -> dt.timedelta:
    if offset is None:
        return _local_offset(wall, local) if local else dt.timedelta()
    if offset in OFFSETS_UTC:
        return dt.timedelta()
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if hours > MOST_OFFSET_HOURS or minutes > 59:
        raise Invalid("datetime_invalid", f"{shown(offset)} is not an offset from UTC")
    distance = dt.timedelta(hours=hours, minutes=minutes)
    return -distance if offset[0] == "-" else distance


def _local_offset(wall: dt.datetime, local: ZoneInfo) -> dt.timedelta:
    """Offset of a local time; the two folds differ where the zone has it twice or never (PEP 495)."""
    early = wall.replace(tzinfo=local).utcoffset()
    late = wall.replace(tzinfo=local, fold=1).utcoffset()
    if early is None or early != late:
        raise Invalid("datetime_ambiguous", f"{wall:%Y-%m-%d %H:%M:%S} exists twice or never in {local.key}")
    return early


def _stamp(micros: int) -> str:
    return _utc_text(EPOCH + dt.timedelta(microseconds=micros))


def _utc_text(instant: dt.datetime) -> str:
    return instant.isoformat(" ").removesuffix(":00")


@cache
def date() -> Converter:
    """Read a calendar day, or a time without zone that is its midnight."""
    return Converter("date", _read_date, plain.days)


def _read_date(value: Stored) -> str:
    if type(value) is int or type(value) is float:
        raise Invalid("datetime_ambiguous", f"{shown(value)} is a number where a date is wanted")
    if type(value) is not str:
        raise refusal(value, "datetime_invalid", "a date")
    return value if PLAIN_DAY(value) else _spelled_date(trimmed(value, "a date"))


def _spelled_date(text: str) -> str:
    if NUMBER(text):
        raise Invalid("datetime_ambiguous", f"{shown(text)} is a number where a date is wanted")
    try:
        written = _split(text)
    except ValueError:
        raise Invalid("datetime_invalid", f"{shown(text)} is on no calendar or clock") from None
    if written is None:
        raise refusal(text, "datetime_invalid", "a date")
    if written.offset or written.fraction or written.second.time() != dt.time():
        raise Invalid("datetime_ambiguous", f"{shown(text)} is a time, not a day")
    return text[:10]


@cache
def epoch(unit: Literal["s", "ms"], target: Literal["integer", "datetime"] = "integer") -> Converter:
    """Read a column declared as seconds or milliseconds since 1970 into a bigint or an instant."""
    per_second = PER_SECOND[unit]
    first, past = FIRST_SECOND * per_second, PAST_SECOND * per_second

    def read(value: Stored) -> str:
        if type(value) is int and first <= value < past:
            return str(value) if target == "integer" else _stamp(value * (MICROS // per_second))
        if type(value) is str:
            text = trimmed(value, "an epoch number")
            number = _number_text(text)
            return write_moment(text) if number is None else write(number, value)
        if type(value) is int or type(value) is float:
            return write(value, value)
        raise refusal(value, "datetime_invalid", "an epoch number")

    def write(number: float | Number, value: Stored) -> str:
        found = _unit(number)
        if found and found != per_second:
            raise Invalid(
                "datetime_ambiguous", f"{shown(value)} is an instant in {UNIT_NAMES[found]}, not in {unit}"
            )
        if target == "integer":
            return _whole_number(number, value)
        return _stamp(_micros_of_number(number, value))

    def write_moment(text: str) -> str:
        instant = _utc(text, None)
        if target == "datetime":
            return _utc_text(instant)
        return _whole_number(Fraction((instant - EPOCH) // MICROSECOND * per_second, MICROS), text)

    bounds = (first, past - 1) if target == "integer" else (per_second, first, past)
    return Converter(f"epoch_{unit}", read, *(take(*bounds) for take in COLUMNS_OF_EPOCHS[target]))


def _whole_number(number: float | Number, value: Stored) -> str:
    """Write a number for a bigint column."""
    if type(number) is float and not abs(number) <= EXACT_IN_DOUBLE:
        raise refusal(value, "number_invalid", "a whole number")
    exact = Fraction(number)
    if exact.denominator != 1:
        raise refusal(value, "number_invalid", "a whole number of the unit")
    if not -(2**63) <= exact < 2**63:
        raise Invalid("number_range", f"{shown(value)} is beyond an integer of 64 bits")
    return str(exact)
