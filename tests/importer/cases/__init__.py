"""Tables of stored values and what becomes of each: a text for PostgreSQL, or a reason code."""

from dataclasses import dataclass

from apps.importer.convert import Converter, Invalid, Stored
from apps.importer.convert.base import shown


@dataclass(frozen=True)
class Taken:
    """What a converter is to make of a stored value: this text, or NULL."""

    converter: Converter
    stored: Stored
    text: str | None

    def __str__(self) -> str:
        return f"{self.converter.logical} {shown(self.stored)}"


@dataclass(frozen=True)
class Refused:
    """A stored value that a converter is to refuse, and the reason."""

    converter: Converter
    stored: Stored
    reason: str

    def __str__(self) -> str:
        return f"{self.converter.logical} {shown(self.stored)} {self.reason}"


Case = Taken | Refused


def takes(converter: Converter, text: str | None, *values: Stored) -> list[Case]:
    """All these values become one text."""
    return [Taken(converter, value, text) for value in values]


def keeps(converter: Converter, *values: str) -> list[Case]:
    """Each of these texts goes on unchanged."""
    return [Taken(converter, value, value) for value in values]


def refuses(converter: Converter, reason: str, *values: Stored) -> list[Case]:
    """All these values are refused for one reason."""
    return [Refused(converter, value, reason) for value in values]


def outcome(converter: Converter, stored: Stored) -> str | Invalid | None:
    """What a converter makes of a value, with a refusal returned in place of raised."""
    try:
        return converter(stored)
    except Invalid as refusal:
        return refusal
