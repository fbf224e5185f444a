"""Reading a legacy SQLite file: exactly what is stored, from a private copy, running nothing of the file.

Knows SQLite and files; knows no Django, no legacy system and no target.
"""

from apps.importer.source.declared import Declared, DeclaredIndex, DeclaredReference
from apps.importer.source.errors import Refused
from apps.importer.source.file import SourceFile, open_source
from apps.importer.source.find import find_sources
from apps.importer.source.schema import Column, SourceTable, folded
from apps.importer.source.select import SourceRow, Values
from apps.importer.source.values import (
    Encoded,
    Position,
    Range,
    Stored,
    TooLarge,
    decode_position,
    decode_value,
    encode_position,
    encode_value,
    raw,
)

__all__ = [
    "Column",
    "Declared",
    "DeclaredIndex",
    "DeclaredReference",
    "Encoded",
    "Position",
    "Range",
    "Refused",
    "SourceFile",
    "SourceRow",
    "SourceTable",
    "Stored",
    "TooLarge",
    "Values",
    "decode_position",
    "decode_value",
    "encode_position",
    "encode_value",
    "find_sources",
    "folded",
    "open_source",
    "raw",
]
