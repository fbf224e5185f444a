"""Columns of plain values: a whole column proved and converted in C, with no call of Python for each value.

For each logical type, the stored forms that nearly all values have. A column that is plain throughout comes
back as the texts that the type's converter would give; of any other column each value goes through the
converter itself. So nothing is decided here that the converter would decide otherwise.

Pure; knows no database and no file.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

Plain = Callable[[Sequence[Any]], list[str] | None]
"""Turns the values of a column, none of them NULL, into the converter's texts; None where one is not plain."""

HEX = b"0123456789abcdef"
DASHES = (8, 13, 18, 23)
"""The places of a uuid's dashes; it has 36 characters."""
DAY = (
    "(?!0000)[0-9]{4}-"
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
"""A day of the calendar but for 29 February, which is no day of every year."""
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.(?!000000)[0-9]{6})?"

END = "\n"
"""What the values of a column are joined with to be matched at once; no form holds it."""


def _column_of(form: str) -> Callable[[Sequence[str]], bool]:
    """Return what tells whether each text of a column has a form."""
    match = re.compile(f"(?:{form}{END})*").fullmatch
    return lambda values: match(END.join(values) + END) is not None


def _are_digits(values: Sequence[str], length: int = 32, dashes: Sequence[int] = ()) -> bool:
    """Tell whether each text is hexadecimal digits, but for dashes in some places, in so many characters.

    What is no digit must be what the form has, each where the form has it: eight times as fast as a pattern.
    """
    stride, count = length + 1, len(values)
    whole = END.join([*values, ""]).encode("utf-8", "surrogatepass")
    if len(whole) != stride * count or whole.translate(None, HEX) != (b"-" * len(dashes) + b"\n") * count:
        return False
    places = [(place, b"-") for place in dashes] + [(length, b"\n")]
    return all(whole[place::stride] == mark * count for place, mark in places)


_are_days = _column_of(DAY)
_are_moments = _column_of(f"{DAY} {CLOCK}")
_are_marked_moments = _column_of(f"{DAY}T{CLOCK}")
_are_zoned_moments = _column_of(rf"{DAY}[ T]{CLOCK}(?:Z|\+00:00)")


def _are(values: Sequence[Any], kind: type) -> bool:
    return set(map(type, values)) == {kind}


def uuids(values: Sequence[Any]) -> list[str] | None:
    """Take lower-case uuids, with their dashes or without."""
    if not _are(values, str):
        return None
    if _are_digits(values, 36, DASHES):
        return list(values)
    if _are_digits(values):
        return [f"{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}" for v in values]
    return None


def moments(values: Sequence[Any]) -> list[str] | None:
    """Take instants to the second or microsecond, in UTC or without a zone."""
    if not _are(values, str):
        return None
    if _are_moments(values):
        return [f"{value}+00" for value in values]
    if _are_marked_moments(values):
        return [f"{value[:10]} {value[11:]}+00" for value in values]
    if _are_zoned_moments(values):
        return [f"{v[:10]} {v[11:-1] if v[-1] == 'Z' else v[11:-6]}+00" for v in values]
    return None


def days(values: Sequence[Any]) -> list[str] | None:
    """Take calendar days."""
    return list(values) if _are(values, str) and _are_days(values) else None


def booleans(values: Sequence[Any]) -> list[str] | None:
    """Take 0 and 1."""
    if not _are(values, int) or not set(values) <= {0, 1}:
        return None
    return ["t" if value else "f" for value in values]


def blobs(values: Sequence[Any]) -> list[str] | None:
    """Take bytes as they are."""
    return ["\\x" + value.hex() for value in values] if _are(values, bytes) else None


def texts(most: int | None) -> Plain:
    """Take texts of at most so many characters; no other form has as many that are not ASCII."""

    def take(values: Sequence[Any]) -> list[str] | None:
        if not _are(values, str) or (most is not None and max(map(len, values)) > most):
            return None
        whole = "".join(values)
        return list(values) if "\0" not in whole and is_utf8(whole) else None

    return take


def is_utf8(text: str) -> bool:
    """Tell whether a text has no surrogate: each stands for a byte that is no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_of(members: Collection[str]) -> Plain:
    """Take the members of a closed list, spelled as they are stored in PostgreSQL."""
    known = frozenset(members)
    return lambda values: list(values) if _are(values, str) and known.issuperset(values) else None


def whole(low: int, high: int) -> Plain:
    """Take whole numbers within bounds, these included."""

    def take(values: Sequence[Any]) -> list[str] | None:
        if not _are(values, int) or min(values) < low or max(values) > high:
            return None
        return list(map(str, values))

    return take


def epochs(per_second: int, first: int, past: int) -> Plain:
    """Take whole numbers of so many a second since 1970, within bounds, as instants."""

    def take(values: Sequence[Any]) -> list[str] | None:
        if not _are(values, int) or min(values) < first or max(values) >= past:
            return None
        return [_stamp(value, per_second) for value in values]

    return take


_days: dict[int, str] = {}
_minutes: list[str] = []
_seconds = [f"{second:02}" for second in range(60)]


def _stamp(value: int, per_second: int) -> str:
    """Write an instant by the parts of its text, of which there are few."""
    seconds, fraction = divmod(value, per_second)
    day, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    if not _minutes:
        _minutes.extend(f"{number // 60:02}:{number % 60:02}:" for number in range(1440))
    text = _days.get(day)
    if text is None:
        import datetime as dt

        text = _days[day] = (dt.date(1970, 1, 1) + dt.timedelta(day)).isoformat() + " "
    if not fraction:
        return f"{text}{_minutes[minute]}{_seconds[second]}+00"
    return f"{text}{_minutes[minute]}{_seconds[second]}.{fraction * 1_000_000 // per_second:06}+00"
