"""Judges of instants, days and epoch numbers: cut the text up by position, count with Decimal."""

import datetime as dt
import math
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from zoneinfo import ZoneInfo

from apps.importer.convert import Stored
from tests.importer.judges import BLANKS, DIGITS, Verdict, because, shape

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WINDOW = (
    int(dt.datetime(2000, 1, 1, tzinfo=dt.UTC).timestamp()),
    int(dt.datetime(2100, 1, 1, tzinfo=dt.UTC).timestamp()),
)
UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
ZONES = ("+99", "+9999", "+99:99", "-99", "-9999", "-99:99")

Refusal = frozenset[str]


def moment(value: Stored, zone: str = "UTC") -> Verdict:
    instant = read_moment(value, zone)
    return instant if isinstance(instant, frozenset) else spelled(instant)


def read_moment(value: Stored, zone: str) -> dt.datetime | Refusal:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if isinstance(value, int | float):
        return of_number(value)
    assert isinstance(value, str)
    word = value.strip(BLANKS)
    if word == "":
        return because("empty_value")
    return of_number(word) if is_number(word) else of_text(word, zone)


def spelled(instant: dt.datetime) -> str:
    clock = f"{instant.hour:02}:{instant.minute:02}:{instant.second:02}"
    fraction = f".{instant.microsecond:06}" if instant.microsecond else ""
    return f"{instant.year:04}-{instant.month:02}-{instant.day:02} {clock}{fraction}+00"


def is_number(word: str) -> bool:
    whole, _, fraction = word.removeprefix("+" if word[0] == "+" else "-").partition(".")
    return set(whole + fraction) <= DIGITS and whole != "" and (fraction != "" or "." not in word)


def unit_of(number: float | Decimal) -> str | None:
    if isinstance(number, float) and not math.isfinite(number):
        return None
    for unit, power in UNITS.items():
        if WINDOW[0] * 10**power <= Decimal(number) < WINDOW[1] * 10**power:
            return unit
    return None


def of_number(value: str | float) -> dt.datetime | Refusal:
    number = Decimal(value) if isinstance(value, str) else value
    unit = unit_of(number)
    if unit is None:
        return because("datetime_ambiguous", *(["datetime_precision"] if isinstance(value, str) else []))
    with localcontext(prec=20_000):
        exact = Decimal(number).scaleb(6 - UNITS[unit])
        micros = exact.to_integral_value(ROUND_HALF_EVEN)
    if micros != exact and not isinstance(value, float):
        return because("datetime_precision")
    return EPOCH + dt.timedelta(microseconds=int(micros))


def of_text(word: str, zone: str) -> dt.datetime | Refusal:
    parts = cut(word)
    if parts is None:
        also = {"datetime_precision": "." in word or "," in word, "datetime_range": word.startswith("0000")}
        return because("datetime_invalid", *(reason for reason, true in also.items() if true))
    numbers, fraction, offset = parts
    if numbers[0] == 0:
        return because("datetime_range", "datetime_invalid")
    if fraction[6:].strip("0"):
        return because("datetime_precision", "datetime_invalid")
    try:
        wall = dt.datetime(*numbers, int(fraction[:6].ljust(6, "0")))  # type: ignore[call-arg, arg-type]  # noqa: DTZ001
        if offset is not None:
            return (wall - offset).replace(tzinfo=dt.UTC)
        return where(wall, ZoneInfo(zone))
    except ValueError:
        return because("datetime_invalid")
    except OverflowError:
        return because("datetime_range")


def cut(word: str) -> tuple[list[int], str, dt.timedelta | None] | None:
    """Year to second, the digits of the fraction, the offset; None for another shape."""
    if shape(word[:10]) != "9999-99-99":
        return None
    numbers, rest = [int(word[:4]), int(word[5:7]), int(word[8:10]), 0, 0, 0], word[10:]
    if rest == "":
        return numbers, "", None
    if rest[0] not in " Tt" or shape(rest[1:6]) != "99:99":
        return None
    numbers[3:5], rest, fraction = [int(rest[1:3]), int(rest[4:6])], rest[6:], ""
    if shape(rest[:3]) == ":99":
        numbers[5], rest = int(rest[1:3]), rest[3:]
        if rest[:1] in (".", ","):
            end = next((at for at, letter in enumerate(rest) if at and letter not in DIGITS), len(rest))
            fraction, rest = rest[1:end], rest[end:]
            if fraction == "":
                return None
    offset = cut_offset(rest.removeprefix(" "))
    return None if offset == "wrong" else (numbers, fraction, offset)  # type: ignore[return-value]


def cut_offset(rest: str) -> dt.timedelta | str | None:
    if rest == "":
        return None
    if rest in ("Z", "z", "+00:00Z"):
        return dt.timedelta()
    digits = rest[1:].replace(":", "").ljust(4, "0")
    if shape(rest[0] + rest[1:]) not in ZONES or int(digits[:2]) > 15 or int(digits[2:]) > 59:
        return "wrong"
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return size if rest[0] == "+" else -size


def where(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime | Refusal:
    """The instants that show this time on a clock of the zone: try the offsets in force the days around."""
    nearby = [
        wall + dt.timedelta(days=days) for days in (-1, 0, 1) if dt.MINYEAR < wall.year < dt.MAXYEAR
    ] or [wall]
    offsets = {day.replace(tzinfo=zone).utcoffset() for day in nearby}
    instants = {(wall - offset).replace(tzinfo=dt.UTC) for offset in offsets if offset is not None}
    fitting = [at for at in instants if at.astimezone(zone).replace(tzinfo=None) == wall]
    return fitting[0] if len(fitting) == 1 else because("datetime_ambiguous")


def day(value: Stored) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if not isinstance(value, str):
        return because("datetime_ambiguous", "datetime_invalid")
    word = value.strip(BLANKS)
    if word == "":
        return because("empty_value")
    parts = cut(word)
    if parts is None:
        return because("datetime_invalid", "datetime_ambiguous")
    numbers, fraction, offset = parts
    try:
        written = dt.date(*numbers[:3])
    except ValueError:
        return because("datetime_invalid", "datetime_ambiguous")
    if numbers[3:] != [0, 0, 0] or fraction.strip("0") or offset is not None:
        return because("datetime_ambiguous", "datetime_invalid")
    return f"{written.year:04}-{written.month:02}-{written.day:02}"


def epoch(value: Stored, unit: str, target: str) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    word = value.strip(BLANKS) if isinstance(value, str) else value
    if word == "":
        return because("empty_value")
    if isinstance(word, str) and not is_number(word):
        instant = of_text(word, "UTC")
        if isinstance(instant, frozenset) or target == "datetime":
            return instant if isinstance(instant, frozenset) else spelled(instant)
        units, rest = divmod(instant - EPOCH, dt.timedelta(seconds=1) / 10 ** UNITS[unit])
        return because("number_invalid") if rest else str(units)
    number = Decimal(word) if isinstance(word, str) else word
    assert isinstance(number, int | float | Decimal)
    if unit_of(number) not in (None, unit):
        return because("datetime_ambiguous", "datetime_precision")
    if target == "datetime":
        return moment(word)
    return whole(number)


def whole(number: float | Decimal) -> Verdict:
    if isinstance(number, float) and (not math.isfinite(number) or abs(number) > 2**53):
        return because("number_invalid")
    if number != int(number):
        return because("number_invalid", "datetime_precision")
    return str(int(number)) if -(2**63) <= number < 2**63 else because("number_range", "datetime_precision")
