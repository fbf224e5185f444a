"""Columns of plain values as arrays of numbers: what COPY's binary format takes, with no text in between.

As in ``plain``, a column comes back only where its values are plain throughout; each number is the one that the
converter's text says. The arrays are NumPy's, which is imported by who first needs one: a small file never does.
Pure; knows no database and no file.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Callable, Sequence
from functools import cache
from itertools import compress
from typing import TYPE_CHECKING, Any

from apps.importer.convert import plain

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

Packed = Callable[[Sequence[Any]], "Array | None"]
"""Turns the values of a column, none of them NULL, into an array with a row for each; None where one is not plain."""

MICROS = 10**6
DAY_MICROS = 86_400 * MICROS
FIRST_DAY, PAST_DAY = -719_162, 2_932_897
"""Days from 1970 to the first of the year 1, and to that after the year 9999."""
YEARS, MONTHS = 10_000, 20
"""Years, and months of each, that two digits of which the first is at most 1 can write."""
DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LATEST_OFFSET = 15 * 60 + 59
"""Minutes of the greatest offset from UTC that is read."""


def uuids(values: Sequence[Any]) -> Array | None:
    """Take lower-case uuids as their 16 bytes."""
    if plain.uuids(values) is None:
        return None
    import numpy as np

    whole = unhexlify("".join(values).replace("-", ""))
    return np.frombuffer(whole, np.uint8).reshape(len(values), 16)


def moments(values: Sequence[Any]) -> Array | None:
    """Take instants to the second or parts of it, in UTC, with an offset or without, as microseconds since 1970."""
    if set(map(type, values)) != {str}:
        return None
    lengths = list(map(len, values))
    kinds = set(lengths)
    if not kinds <= SPELLINGS.keys():
        return None
    if len(kinds) == 1:
        return _moments(values, lengths[0])
    import numpy as np

    found = np.empty(len(values), np.int64)
    places = np.array(lengths)
    for length in kinds:
        here = places == length
        some = _moments(list(compress(values, here.tolist())), length)
        if some is None:
            return None
        found[here] = some
    return found


TO_THE_SECOND = "YYYY-MM-DD hh:mm:ss"
SPELLINGS = {
    len(form): form
    for clock in (TO_THE_SECOND, f"{TO_THE_SECOND}.fff", f"{TO_THE_SECOND}.ffffff")
    for form in (clock, f"{clock}Z", f"{clock}+zz:ZZ")
}
"""How instants are spelled, by their length; the blank may be a T, the plus a minus."""
MOST = {"M": "19", "D": "39", "h": "29", "m": "59", "s": "59", "z": "19", "Z": "59"}
"""The greatest first and second digit of what has no more than two."""
EACH = {"h": 3600 * MICROS, "m": 60 * MICROS, "s": MICROS}
"""Microseconds of the parts of a clock."""


class _Spelling:
    """What is in which place of a spelling, and what each digit is worth."""

    def __init__(self, form: str) -> None:
        import numpy as np

        ends_in_z = form[-2:] == "sZ" or form[-2:] == "fZ"
        digits = [n for n, sign in enumerate(form) if sign.isalpha() and not (ends_in_z and sign == "Z")]
        marks = [n for n in range(len(form)) if n not in digits and form[n] not in " +"]
        self.digits = digits
        self.marks = marks
        self.expected = np.array([[ord(form[n])] for n in marks], np.uint8)
        self.sign = form.find("+")
        self.most = np.array([[self._most(form, n)] for n in digits], np.uint8)
        self.worth = np.array([self._worth(form, n) for n in digits], np.float64).T.copy()

    @staticmethod
    def _most(form: str, place: int) -> int:
        greatest = MOST.get(form[place], "")
        return int(greatest[place - form.index(form[place])]) if greatest else 9

    @staticmethod
    def _worth(form: str, place: int) -> tuple[int, ...]:
        """What a digit adds to the month's number, the day, the clock, its hour, and the minutes of the offset."""
        sign = form[place]
        ten = 10 ** (form.rindex(sign) - place)
        month = {"Y": MONTHS * ten, "M": ten}.get(sign, 0)
        offset = {"z": 60 * ten, "Z": ten}.get(sign, 0)
        clock = 10 ** (form.index("f") + 5 - place) if sign == "f" else EACH.get(sign, 0) * ten
        return month, ten * (sign == "D"), clock, ten * (sign == "h"), offset


@cache
def _spelling(length: int) -> _Spelling:
    return _Spelling(SPELLINGS[length])


@cache
def _calendar() -> tuple[Array, Array]:
    """Return the days before each month since 1970 and the days it has; none where the calendar lacks it."""
    import numpy as np

    days = np.zeros((YEARS, MONTHS), np.int32)
    days[1:, 1:13] = DAYS_OF_MONTH
    year = np.arange(YEARS)
    days[((year % 4 == 0) & (year % 100 != 0) | (year % 400 == 0)) & (year > 0), 2] = 29
    flat = days.ravel()
    return np.cumsum(flat, dtype=np.int64) - flat + FIRST_DAY, flat


def _moments(values: Sequence[str], length: int) -> Array | None:
    """Read instants that are spelled in so many characters; None where the calendar or the clock lacks one."""
    import numpy as np

    whole = "".join(values)
    if not whole.isascii():
        return None
    spelling = _spelling(length)
    cells = np.frombuffer(whole.encode(), np.uint8).reshape(len(values), length).T
    digits = cells[spelling.digits] - np.uint8(ord("0"))  # what is below the digits goes round
    if (digits > spelling.most).any() or (cells[spelling.marks] != spelling.expected).any():
        return None
    if not ((cells[10] == ord(" ")) | (cells[10] == ord("T"))).all():
        return None
    month, day, clock, hour, offset = spelling.worth @ digits.astype(np.float64)  # exact: whole and small
    before, days = (known[month.astype(np.int32)] for known in _calendar())
    if (day > days).any() or day.min() < 1 or hour.max() > 23:
        return None
    found = (before + day.astype(np.int64) - 1) * DAY_MICROS + clock.astype(np.int64)
    return found if spelling.sign < 0 else _in_utc(found, offset, cells[spelling.sign])


def _in_utc(moments: Array, offset: Array, sign: Array) -> Array | None:
    """Take the offsets from what clocks show; None where one is none, or the instant in no year of four digits."""
    import numpy as np

    is_west = sign == ord("-")
    if not (is_west | (sign == ord("+"))).all() or offset.max() > LATEST_OFFSET:
        return None
    found = moments - np.where(is_west, -offset, offset).astype(np.int64) * 60 * MICROS
    in_range = found.min() >= FIRST_DAY * DAY_MICROS and found.max() < PAST_DAY * DAY_MICROS
    return found if in_range else None


def booleans(values: Sequence[Any]) -> Array | None:
    """Take 0 and 1."""
    return whole(0, 1)(values)


def whole(low: int, high: int) -> Packed:
    """Take whole numbers within bounds, these included."""

    def take(values: Sequence[Any]) -> Array | None:
        if set(map(type, values)) != {int}:
            return None
        import numpy as np

        found: Array = np.fromiter(values, np.int64, len(values))
        return found if low <= found.min() and found.max() <= high else None

    return take


def epochs(per_second: int, first: int, past: int) -> Packed:
    """Take whole numbers of so many a second since 1970, within bounds, as microseconds."""
    numbers, each = whole(first, past - 1), MICROS // per_second

    def take(values: Sequence[Any]) -> Array | None:
        found = numbers(values)
        return None if found is None else found * each

    return take


def reals(values: Sequence[Any]) -> Array | None:
    """Take finite doubles."""
    if set(map(type, values)) != {float}:
        return None
    import numpy as np

    found = np.fromiter(values, np.float64, len(values))
    return found if np.isfinite(found).all() else None
