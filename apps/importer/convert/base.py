"""What every converter shares: the shape of a stored value, of a converter and of a refusal.

Knows no logical type and no target column; nothing here imports Django.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apps.importer.convert.packed import Packed
from apps.importer.convert.plain import Plain

VALUE_LIMIT = 64 * 1024 * 1024
"""Bytes that one stored value may have before only its size and hash travel on."""

BLANKS = " \t\r\n"
SHOWN_LENGTH = 60

REASONS = {
    "null_required": "NULL in a column that must have a value, or in a key",
    "empty_value": "An empty or blank text where the type has no empty value",
    "type_mismatch": "A storage class (BLOB, number or text) that this type of column does not take",
    "column_missing": "The file lacks a column that must have a value and has no default",
    "uuid_invalid": "Not a uuid in any of the accepted spellings",
    "number_invalid": "Not a number of the kind the column holds",
    "number_range": "A number that the target column cannot hold exactly",
    "datetime_invalid": "Not a date, or not a date and time, of the calendar",
    "datetime_ambiguous": "A date or time that can be read in more than one way, or in none",
    "datetime_range": "An instant outside the years 0001 to 9999 in UTC",
    "datetime_precision": "A time with digits beyond the microsecond",
    "boolean_invalid": "Neither of the two truth values",
    "json_invalid": "Not a JSON text as RFC 8259 defines it",
    "json_duplicate_key": "A JSON object that has one key twice",
    "json_unstorable": "Valid JSON that jsonb cannot hold: U+0000, a lone surrogate or too large a number",
    "json_too_deep": "JSON nested deeper than 500 levels",
    "array_invalid": "Not a list of texts",
    "vector_invalid": "Not a list of numbers, nor a known packing of floats",
    "vector_dimension": "A vector with another number of dimensions than its column",
    "vector_value": "A vector element that is NaN, infinite or beyond 32-bit floats",
    "text_nul": "A text with the character U+0000, which PostgreSQL cannot hold",
    "text_encoding": "A text that is not valid UTF-8",
    "text_too_long": "More characters than the target column holds",
    "value_too_large": "A single value larger than the configured limit",
    "enum_unknown": "Not exactly one of the members of a closed list",
    "duplicate_key": "A key or a unique set of columns that an earlier row has taken",
    "missing_parent": "A reference to a row that exists nowhere",
    "parent_quarantined": "A reference to a row that is in quarantine itself",
    "target_edited": "The source row changed, but so did its target since it was imported",
    "rejected_by_database": "PostgreSQL refused the row; the SQLSTATE says why",
}
"""Every reason code with a line for people, in the order in which the documentation lists them."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """Stands for a value above the limit: its size in bytes and the hex SHA-256 of its bytes."""

    size: int
    sha256: str


Stored = int | float | str | bytes | TooLarge
"""A value as SQLite stores it; TEXT is decoded as UTF-8 with `surrogateescape`, BLOB is bytes."""


@dataclass(frozen=True, slots=True)
class Converter:
    """Turns one stored value into PostgreSQL input text, or raises `Invalid`.

    The text is canonical and not escaped for COPY; None stands for SQL NULL. A stored NULL never
    reaches a converter. `plain` does the same to a whole column, where it can; `packed` gives the numbers
    that the texts say, without these.
    """

    logical: str
    read: Callable[[Stored], str | None]
    plain: Plain | None = None
    packed: Packed | None = None

    def __call__(self, value: Stored) -> str | None:
        return self.read(value)


class Invalid(Exception):
    """A stored value without exactly one meaning that the target can hold: reason code and message."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def shown(value: Stored) -> str:
    """Show the first characters of a value in one printable line, for a message."""
    if isinstance(value, bytes):
        return f"BLOB of {len(value)} bytes x'{value[:16].hex()}{'…' if len(value) > 16 else ''}'"
    written = repr(value[: SHOWN_LENGTH + 1] if isinstance(value, str) else value)
    return written if len(written) <= SHOWN_LENGTH else written[:SHOWN_LENGTH] + "…"


def refusal(value: Stored, reason: str, wanted: str) -> Invalid:
    """Say why a value is not what the column wants: too large, a BLOB, or the reason given."""
    if isinstance(value, TooLarge):
        return Invalid("value_too_large", f"{value.size} bytes, SHA-256 {value.sha256}")
    if isinstance(value, bytes):
        return Invalid("type_mismatch", f"{shown(value)} is a BLOB where {wanted} is wanted")
    return Invalid(reason, f"{shown(value)} is not {wanted}")


def trimmed(text: str, wanted: str) -> str:
    """Strip leading and trailing blanks; a text of nothing else has no value to read."""
    text = text.strip(BLANKS)
    if not text:
        raise Invalid("empty_value", f"an empty text where {wanted} is wanted")
    return text


def require_utf8(text: str, reason: str = "text_encoding") -> None:
    """Refuse a text with surrogates: each stands for an undecodable byte, or for half a character."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(reason, f"{shown(text)} is no valid UTF-8 at character {error.start}") from None
