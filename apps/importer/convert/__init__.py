"""Converters: one stored SQLite value to the text that PostgreSQL reads as the same value.

Each factory returns a `Converter`. A converter judges the value as it is stored (storage class and
content), not the declared type of its column, and raises `Invalid` with a reason code where the value
does not have exactly one meaning that PostgreSQL holds exactly. Pure: no Django, no database.
"""

from apps.importer.convert.anything import anything
from apps.importer.convert.base import REASONS, VALUE_LIMIT, Converter, Invalid, Stored, TooLarge
from apps.importer.convert.documents import json, python_list, string_array
from apps.importer.convert.moments import date, datetime, epoch
from apps.importer.convert.numbers import boolean, decimal, integer, real
from apps.importer.convert.texts import blob, enum, text, uuid
from apps.importer.convert.vectors import read_column, read_floats, vector

__all__ = [
    "REASONS",
    "VALUE_LIMIT",
    "Converter",
    "Invalid",
    "Stored",
    "TooLarge",
    "anything",
    "blob",
    "boolean",
    "date",
    "datetime",
    "decimal",
    "enum",
    "epoch",
    "integer",
    "json",
    "python_list",
    "read_column",
    "read_floats",
    "real",
    "string_array",
    "text",
    "uuid",
    "vector",
]
