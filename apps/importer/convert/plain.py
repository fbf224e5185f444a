"""Plain values, proved in C: for each logical type the stored forms that need no conversion, as SQLite's SQL.

A row all of whose values are plain passes from SQLite to COPY as bytes. A form is a condition, under which
the converter of the type would give exactly the text of the expression; whatever else is stored goes through
the converter. Only text proven so far: U+0000 and broken UTF-8 are left to the reader of the bytes, because
SQL functions stop at U+0000. Pure; knows no database and no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HEX = "[0-9a-f]"
DIGIT = "[0-9]"
DASHED = "-".join(HEX * n for n in (8, 4, 4, 4, 12))
DAY = f"{DIGIT * 4}-[01]{DIGIT}-[0-3]{DIGIT}"
CLOCK = f"[0-2]{DIGIT}:[0-5]{DIGIT}:[0-5]{DIGIT}"
MICROSECONDS = DIGIT * 6
LARGEST_KEY = 10**12


@dataclass(frozen=True)
class Form:
    """A stored form: SQL condition and expression, both with ``{c}`` for the column."""

    condition: str
    expression: str = "{c}"

    def on(self, column: str) -> Form:
        """Return the form of one column; its condition compares bytes, whatever the column's collation."""
        binary = f"({column} COLLATE BINARY)"
        return Form(self.condition.replace("{c}", binary), self.expression.replace("{c}", column))


def is_text(condition: str) -> str:
    """Require the storage class beside a condition: a BLOB of the same bytes is another value."""
    return f"typeof({{c}}) = 'text' AND {condition}"


def moment(separator: str, fraction: str, zone: str, expression: str) -> Form:
    """Return one spelling of an instant. A day up to the 28th is one of every month; others SQLite tells."""
    pattern = f"{DAY}{separator}{CLOCK}{fraction}{zone}"
    valid = (
        "{c} GLOB '" + pattern + "' AND {c} >= '0001' AND substr({c}, 6, 2) BETWEEN '01' AND '12' "
        "AND substr({c}, 12, 2) < '24' AND (substr({c}, 9, 2) BETWEEN '01' AND '28' "
        "OR date(substr({c}, 1, 10)) = substr({c}, 1, 10))"
    )
    if fraction:
        valid += " AND substr({c}, 20, 7) <> '.000000'"
    return Form(is_text(valid), expression)


def _moments() -> Iterator[Form]:
    for separator in " T":
        head = "{c}" if separator == " " else "substr({c}, 1, 10) || ' ' || substr({c}, 12)"
        for fraction, length in (("." + MICROSECONDS, 26), ("", 19)):
            yield moment(separator, fraction, "", f"{head} || '+00'")
            for zone in ("+00:00", "Z"):
                clock = f"substr({{c}}, 12, {length - 11})"
                yield moment(separator, fraction, zone, f"substr({{c}}, 1, 10) || ' ' || {clock} || '+00'")


UUIDS = (
    Form(is_text(f"length({{c}}) = 36 AND {{c}} GLOB '{DASHED}'")),
    Form(
        is_text(f"length({{c}}) = 32 AND {{c}} GLOB '{HEX * 32}'"),
        "substr({c}, 1, 8) || '-' || substr({c}, 9, 4) || '-' || substr({c}, 13, 4) || '-' || "
        "substr({c}, 17, 4) || '-' || substr({c}, 21)",
    ),
)
MOMENTS = (
    *_moments(),
    Form(
        "typeof({c}) = 'integer' AND {c} BETWEEN 946684800 AND 4102444799",
        "datetime({c}, 'unixepoch') || '+00'",
    ),
)
DATES = (Form(is_text(f"{{c}} GLOB '{DAY}' AND {{c}} >= '0001' AND date({{c}}) = {{c}}")),)
BOOLEANS = (Form("typeof({c}) = 'integer' AND {c} IN (0, 1)", "CASE {c} WHEN 1 THEN 't' ELSE 'f' END"),)
BLOBS = (Form("typeof({c}) = 'blob'", "'\\x' || lower(hex({c}))"),)
TEXT = (Form("typeof({c}) = 'text'"),)


def either(forms: list[Form]) -> Form:
    """Return the form of a column whose values are stored in several forms."""
    if len(forms) == 1:
        return forms[0]
    condition = " OR ".join(f"({form.condition})" for form in forms)
    cases = " ".join(f"WHEN {form.condition} THEN {form.expression}" for form in forms)
    return Form(condition, f"(CASE {cases} END)")


def literal(text: str) -> str:
    """Return a text as SQLite's literal."""
    return "'" + text.replace("'", "''") + "'"


def whole(low: int, high: int) -> tuple[Form, ...]:
    """Return the plain form of a whole number within bounds, these included."""
    return (Form(f"typeof({{c}}) = 'integer' AND {{c}} BETWEEN {low} AND {high}"),)


def text_of(length: int | None) -> tuple[Form, ...]:
    """Return the plain form of a text of at most so many characters."""
    return TEXT if length is None else (Form(f"typeof({{c}}) = 'text' AND length({{c}}) <= {length}"),)


def one_of(members: list[str]) -> tuple[Form, ...]:
    """Return the plain form of a closed list: a member, spelled as it is stored in PostgreSQL."""
    return (Form(f"typeof({{c}}) = 'text' AND {{c}} IN ({', '.join(map(literal, members))})"),)


def shifted(forms: tuple[Form, ...], shift: int) -> tuple[Form, ...]:
    """Return the plain form of integer keys that a source keeps apart by a shift."""
    return tuple(
        Form(f"{form.condition} AND {{c}} BETWEEN -{LARGEST_KEY} AND {LARGEST_KEY}", f"({{c}} + {shift})")
        for form in forms
    )
