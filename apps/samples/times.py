"""Moments as the legacy systems write them. A moment is a whole number of microseconds since 1970, UTC."""

from datetime import date
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: The months in which the sample systems were in use: 1 September to 27 December 2025.
START = 20_332 * DAY
SPAN = 117 * DAY

#: How far the host of a sample system is ahead of UTC where it writes local time.
HOST_OFFSET = 8 * HOUR


@lru_cache(maxsize=1024)
def _day(number: int) -> str:
    return date.fromordinal(date(1970, 1, 1).toordinal() + number).isoformat()


def day(moment: int) -> str:
    """`2025-09-01`."""
    return _day(moment // DAY)


def seconds(moment: int, separator: str = " ") -> str:
    """`2025-09-01 08:00:00`, the fraction cut off: CURRENT_TIMESTAMP of SQLite."""
    days, rest = divmod(moment, DAY)
    minutes, second = divmod(rest // SECOND, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day(days)}{separator}{hour:02d}:{minute:02d}:{second:02d}"


def micros(moment: int, separator: str = " ") -> str:
    """`2025-09-01 08:00:00.000123`, always six digits."""
    return f"{seconds(moment, separator)}.{moment % SECOND:06d}"


def short(moment: int, separator: str = " ") -> str:
    """As `micros`, without the fraction where it is zero."""
    return micros(moment, separator) if moment % SECOND else seconds(moment, separator)


def naive(moment: int) -> str:
    """ISO text without a zone, meant as UTC."""
    return short(moment, "T")


def local(moment: int) -> str:
    """ISO text without a zone, on the clock of the host."""
    return short(moment + HOST_OFFSET, "T")


def aware(moment: int) -> str:
    """ISO text with its offset."""
    return naive(moment) + "+00:00"


def doubled(moment: int) -> str:
    """ISO text that carries an offset and a Z."""
    return naive(moment) + "+00:00Z"


def epoch(moment: int) -> int:
    """Whole seconds since 1970."""
    return moment // SECOND


def epoch_ms(moment: int) -> int:
    """Whole milliseconds since 1970."""
    return moment // 1000
