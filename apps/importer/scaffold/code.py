"""Python source laid out the way the project's formatter does it, so that generated files need none.

A piece of code is a text, or a call or display with its parts: on one line where it fits, else one part a line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 110
INDENT = "    "


@dataclass(frozen=True)
class Group:
    """A call or a display: what stands before the parts, the parts, and what closes them."""

    opening: str
    parts: tuple[Piece, ...]
    closing: str
    is_tuple: bool = False
    """Whether a single part needs a comma behind it."""


@dataclass(frozen=True)
class Named:
    """A part with something before it: ``name=`` in a call, ``"key": `` in a dictionary."""

    before: str
    piece: Piece


Piece = str | Group | Named


def call(name: str, /, *parts: Piece, **named: Piece) -> Group:
    """Return a call."""
    return Group(f"{name}(", (*parts, *(Named(f"{key}=", piece) for key, piece in named.items())), ")")


def sequence(parts: Iterable[Piece]) -> Group:
    """Return a list."""
    return Group("[", tuple(parts), "]")


def tuple_of(parts: Iterable[Piece]) -> Group:
    """Return a tuple."""
    return Group("(", tuple(parts), ")", is_tuple=True)


def mapping(items: Iterable[tuple[str, Piece]]) -> Group:
    """Return a dictionary with text keys."""
    return Group("{", tuple(Named(f"{literal(key)}: ", piece) for key, piece in items), "}")


def literal(text: str) -> str:
    """Return a text as a literal, in double quotes unless single ones need fewer backslashes."""
    body = printable(text, escape="\\")
    quote = "'" if body.count('"') > body.count("'") else '"'
    return quote + body.replace(quote, f"\\{quote}") + quote


def printable(text: str, escape: str = "") -> str:
    """Return a text without anything that a terminal obeys; ``escape`` names characters to escape as well."""
    return "".join(
        mark if mark.isprintable() and mark not in escape else mark.encode("unicode_escape").decode()
        for mark in text
    )


def width(text: str) -> int:
    """Return how many columns a text takes; a wide character takes two."""
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def flat(piece: Piece) -> str:
    """Return a piece on one line."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Named):
        return piece.before + flat(piece.piece)
    comma = "," if piece.is_tuple and len(piece.parts) == 1 else ""
    return piece.opening + ", ".join(map(flat, piece.parts)) + comma + piece.closing


def lines(piece: Piece, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """Lay a piece out at an indentation; ``before`` and ``after`` stand on its first and last line."""
    if isinstance(piece, Named):
        return lines(piece.piece, indent, before + piece.before, after)
    whole = flat(piece)
    if isinstance(piece, str) or _fits(whole, indent, before, after):
        return [f"{INDENT * indent}{before}{whole}{after}"]
    inner = [line for part in piece.parts for line in lines(part, indent + 1, after=",")]
    return [
        f"{INDENT * indent}{before}{piece.opening}",
        *inner,
        f"{INDENT * indent}{piece.closing}{after}",
    ]


def _fits(whole: str, indent: int, before: str, after: str) -> bool:
    return len(INDENT) * indent + width(before) + width(whole) + width(after) <= LINE


def remark(text: str, indent: int = 0) -> list[str]:
    """Return a text as comment lines: one where it fits, else one for each of its parts."""
    room = LINE - len(INDENT) * indent - len("# ")
    shown = printable(text)
    first, *rest = [shown] if width(shown) <= room else shown.split("; ")
    parts = [first, *(f"  {part}" for part in rest)]
    return [f"{INDENT * indent}# {_cut(part, room)}" for part in parts]


def _cut(text: str, room: int) -> str:
    """Return a text, or as much of it as there is room for."""
    if width(text) <= room:
        return text
    kept = text[: room - 1]
    while width(kept) > room - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def docstring(text: str, indent: int = 0) -> str:
    """Return a text of one line as a docstring."""
    safe = printable(text, escape="\\").replace('"""', "'''").lstrip('"').rstrip('"\\')
    return f'{INDENT * indent}"""{safe}"""'
