"""What each reason code means to a person, and what may help."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

MEANINGS: dict[str, Any] = {
    "null_required": _("The column must have a value, and the source has none."),
    "empty_value": _("An empty text stands where a value of another type is needed."),
    "type_mismatch": _("The value is stored as a type that this column never means."),
    "column_missing": _("The source lacks a column that must have a value and has no default."),
    "uuid_invalid": _("The value is no UUID."),
    "number_invalid": _("The value is no number of this column's kind."),
    "number_range": _("The number is too large or too small for the column."),
    "datetime_invalid": _("The value is no date or time."),
    "datetime_ambiguous": _("The value could mean more than one moment."),
    "datetime_range": _("The moment lies outside the years 1 to 9999."),
    "datetime_precision": _("The moment has more digits than microseconds hold."),
    "boolean_invalid": _("The value is neither yes nor no."),
    "json_invalid": _("The text is no JSON."),
    "json_duplicate_key": _("An object names one key twice, and only one of the values could be kept."),
    "json_unstorable": _("The JSON holds a character or a number that PostgreSQL cannot store."),
    "json_too_deep": _("The JSON is nested deeper than 500 levels."),
    "array_invalid": _("The value is no list of texts."),
    "vector_invalid": _("The value is no list of numbers in a form that can be read safely."),
    "vector_dimension": _("The vector has another number of dimensions than the column."),
    "vector_value": _("The vector holds a number that is not finite."),
    "text_nul": _("The text holds a NUL character, which PostgreSQL cannot store."),
    "text_encoding": _("The text is not valid UTF-8."),
    "text_too_long": _("The text is longer than the column allows."),
    "value_too_large": _("The value is larger than the limit; only its size and checksum were kept."),
    "enum_unknown": _("The value is none of the column's list."),
    "duplicate_key": _("An earlier row has the same key."),
    "missing_parent": _("The row refers to a row that is nowhere."),
    "parent_quarantined": _("The row refers to a row that is in quarantine itself."),
    "target_edited": _("The row was edited in PostgreSQL since it was imported; the edit stays."),
    "rejected_by_database": _("PostgreSQL refused the row for another reason."),
}


def meaning(code: str) -> str:
    """Return what a reason code means, in a sentence; empty for a code that is not known."""
    return str(MEANINGS.get(code, ""))
