"""The numbered world behind a sample file.

Every id, moment and choice follows from the seed, a table's name and a row's number. So a row can name its
parent by number, rows need not be remembered, and a file of ten million rows costs no more memory than one
of ten.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

from apps.samples import times

T = TypeVar("T")
Row = dict[str, Any]
Count = Callable[[int], int]

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = tuple(a + b for a in CROCKFORD for b in CROCKFORD)


def per(divisor: int, least: int) -> Count:
    """One row for `divisor` rows of the largest table, but `least` in any case."""
    return lambda rows: max(least, rows // divisor)


def fixed(count: int) -> Count:
    """So many rows whatever the size of the file."""
    return lambda rows: count


def every(rows: int) -> int:
    """As many rows as the largest table: it is the largest."""
    return rows


class World:
    """Ids, moments and choices of one file.

    `salt` keeps the ids of different files apart, `tag` the names that must not meet where several files
    go into one database (empty for the standard files).
    """

    def __init__(self, salt: str, seed: int, rows: int, counts: Mapping[str, Count], tag: str = "") -> None:
        self.rows = rows
        self.tag = tag
        self._counts = {name: count(rows) for name, count in counts.items()}
        self._prefix = f"{salt}/{seed}/"
        self._hex = lru_cache(maxsize=1024)(self._digest)

    def _digest(self, table: str, number: int) -> str:
        return blake2b(f"{self._prefix}{table}/{number}".encode(), digest_size=16).hexdigest()

    def count(self, table: str) -> int:
        """Rows of the table, planted faults apart."""
        return self._counts[table]

    def draw(self, table: str, number: int) -> int:
        """128 random-looking bits for the row's choices."""
        return int(self._hex(table, number), 16)

    def hex(self, table: str, number: int, length: int = 32) -> str:
        """So many lower-case hex digits, at most 32."""
        return self._hex(table, number)[:length]

    def sha(self, table: str, number: int) -> str:
        """64 hex digits, the form of a SHA-256."""
        return self._hex(table, number) + self._hex(table + "+", number)

    def uuid(self, table: str, number: int) -> str:
        """A version 4 uuid, lower case with dashes."""
        text = self._hex(table, number)
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def plain_uuid(self, table: str, number: int) -> str:
        """The same without dashes."""
        return self.uuid(table, number).replace("-", "")

    def ulid(self, table: str, number: int) -> str:
        """A ULID of the row's own moment: 26 characters of Crockford's base 32."""
        moment = times.epoch_ms(self.when(table, number))
        bits = moment << 80 | int(self._hex(table, number)[:20], 16)
        return "".join([PAIRS[bits >> shift & 1023] for shift in range(120, -1, -10)])

    def when(self, table: str, number: int) -> int:
        """The row's moment: rows of a table follow one another through the whole time span."""
        step = times.SPAN // max(self._counts.get(table, self.rows), 1)
        return times.START + step * number + self.draw(table, number) % max(step, 1)

    def tagged(self, name: str) -> str:
        """The name, made the file's own where the file is a variant."""
        return f"{name} {self.tag}" if self.tag else name


def pick(options: Sequence[T], draw: int) -> T:
    """One of the options."""
    return options[draw % len(options)]
