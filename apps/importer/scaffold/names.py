"""Names for generated code: from whatever a file calls its tables and columns to what Python and Django take."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection
from hashlib import blake2b

from django.db.models import Model

LONGEST_IDENTIFIER = 63
"""Bytes of a name in PostgreSQL."""
LONGEST_CLASS = 60
LONGEST_FIELD = 50
LONGEST_WORDS = 100
SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Names that PostgreSQL keeps for itself in every table."""

RESERVED_FIELDS = frozenset(
    {
        *(name for name in dir(Model) if not name.startswith("_")),
        *("id", "pk", "objects", "models", "meta"),
        *SYSTEM_COLUMNS,
    }
)
RESERVED_CLASSES = frozenset(
    {"arrayfield", "vectorfield", "index", "model", "models", "none", "true", "false"}
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSAFE_IN_SQL = re.compile(r'["%\x00-\x1f\x7f]')


def words(legacy: str, longest: int = LONGEST_FIELD) -> str:
    """Return a name as lower-case words joined by underscores, of characters that an identifier may have."""
    spaced = _HUMP.sub("_", _normal(legacy)).lower()
    kept = "".join(mark if f"a{mark}".isidentifier() else "_" for mark in _normal(spaced))
    return re.sub("_+", "_", kept)[:longest].strip("_")


def _normal(text: str) -> str:
    """Return a text in the form in which Python keeps identifiers."""
    return unicodedata.normalize("NFKC", text)


def field_name(legacy: str, number: int, taken: Collection[str]) -> str:
    """Return a field's name for the column of that number; none of ``taken``, nor a name that Django uses."""
    name = words(legacy)
    if not name:
        name = f"column_{number}"
    elif not name.isidentifier():
        name = _normal(f"column_{name}")
    if keyword.iskeyword(name) or name in RESERVED_FIELDS:
        name = f"{name}_field"
    return unique(name, taken)


def class_name(legacy: str, number: int, taken: Collection[str]) -> str:
    """Return a model's name for the table of that number; ``taken`` holds names in lower case."""
    name = _normal("".join(part[:1].upper() + part[1:] for part in words(legacy, LONGEST_CLASS).split("_")))
    if not name[:1].isupper() or not name.isidentifier():
        name = _normal(f"Table{name or number}")
    if name.lower() in RESERVED_CLASSES:
        name = f"{name}Table"
    free = unique(name.lower(), taken, joint="")
    return name + free[len(name) :]


def unique(name: str, taken: Collection[str], joint: str = "_") -> str:
    """Return the name, or with the first number behind it that makes it differ from all that are taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{joint}{number}", number + 1
    return found


def column_name(legacy: str, field: str, taken: Collection[str]) -> str:
    """Return a column's name in PostgreSQL: the legacy one where PostgreSQL and Django take it as it is."""
    if is_safe_column(legacy) and legacy not in taken:
        return legacy
    return unique(field, taken)


def is_safe_column(name: str) -> bool:
    """Tell whether a column may be called so in PostgreSQL, quoted, by code that is careless with % and quotes."""
    return (
        bool(name.strip())
        and len(name.encode()) <= LONGEST_IDENTIFIER
        and not _UNSAFE_IN_SQL.search(name)
        and name not in SYSTEM_COLUMNS
    )


def relation_name(parts: Collection[str], taken: Collection[str], suffix: str = "") -> str:
    """Return a name for a table, index or constraint: the parts joined, cut to what PostgreSQL holds."""
    whole = "_".join([*parts, *([suffix] if suffix else [])])
    name, number = shortened(whole), 2
    while name in taken:
        name, number = shortened(f"{whole}_{number}"), number + 1
    return name


def shortened(name: str) -> str:
    """Return a name of at most 63 bytes; of a longer one the beginning, and a hash that tells it from others."""
    if len(name.encode()) <= LONGEST_IDENTIFIER:
        return name
    mark = blake2b(name.encode(), digest_size=4).hexdigest()
    return name.encode()[: LONGEST_IDENTIFIER - 9].decode(errors="ignore") + f"_{mark}"


def title(legacy: str) -> str:
    """Return a name as people read it: words with blanks between."""
    return words(legacy, LONGEST_WORDS).replace("_", " ")
