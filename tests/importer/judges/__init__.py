"""A second opinion on every stored value, reached by other means than the converters use.

A judge returns the text that PostgreSQL is to read, or the set of reasons for which the value may be refused.
They favour plain steps over speed, and share nothing with the converters but the type of a stored value.
"""

Verdict = str | frozenset[str] | None

BLANKS = " \t\r\n"
DIGITS = frozenset("0123456789")


def because(*reasons: str) -> frozenset[str]:
    return frozenset(reasons)


def shape(text: str) -> str:
    """The text with a 9 for every ASCII digit."""
    return "".join("9" if character in DIGITS else character for character in text)


def has_surrogates(text: str) -> bool:
    return any(0xD800 <= ord(character) <= 0xDFFF for character in text)
