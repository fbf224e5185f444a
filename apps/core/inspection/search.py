"""Finding any piece of text in a table's text columns: what ILIKE finds, by an index where there is one.

The index holds pieces of all the searched columns together. It names candidates; ILIKE then judges them, so
that a search finds the same rows with the index and without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Expression, F, Func, Q, QuerySet, Value

from apps.core.inspection.indexes import OptionalIndex


@dataclass(frozen=True)
class TextIndex(OptionalIndex):
    """The index of a model's searched columns."""

    suffix = "pieces"

    @property
    def source(self) -> str:
        """SQL for the columns' text together."""
        return self.document("")

    @property
    def keys(self) -> str:
        """SQL for the pieces of the columns' text."""
        return f"substring_grams({self.source})"

    def document(self, alias: str) -> str:
        """Return SQL for the columns' text together; ``alias`` names the table, quoted and with a dot."""
        quoted = (alias + connection.ops.quote_name(column) for column in self.columns)
        return " || chr(10) || ".join(f"coalesce({name}::text, '')" for name in quoted)


class HasPieces(Expression):
    """Whether a row is a candidate for a text, judged by the index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, index: TextIndex, text: str) -> None:
        super().__init__(output_field=BooleanField())
        self.index, self.text = index, text

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return the index's own expression, so that PostgreSQL finds the index by it."""
        alias = connection.ops.quote_name(compiler.query.get_initial_alias()) + "."
        return f"substring_grams({self.index.document(alias)}) @@ substring_query(%s)", [self.text]


class Contains(Func):
    """Whether a text column contains a text, whatever its case, as ILIKE judges."""

    template = "%(expressions)s"
    arg_joiner = " ILIKE "
    output_field = BooleanField()
    conditional = True

    def __init__(self, name: str, text: str) -> None:
        escaped = re.sub(r"([\\%_])", r"\\\1", text)
        super().__init__(F(name), Value(f"%{escaped}%"))


def containing(names: Sequence[str], text: str) -> Q:
    """Return the condition that one of the fields contains a text."""
    condition = Q()
    for name in names:
        condition |= Q(Contains(name, text))
    return condition


def candidates(rows: QuerySet[Any], index: TextIndex, text: str) -> QuerySet[Any]:
    """Narrow rows to the index's candidates, where there is an index and it knows the text."""
    if not text or not index.columns or not _knows(text) or not index.is_built():
        return rows
    return rows.filter(HasPieces(index, text))


def _knows(text: str) -> bool:
    """Tell whether the index knows few rows for a text: a lone Latin letter is in most."""
    letters = [character for character in text if character.isalnum()]
    return len(letters) > 1 or any(character > "\u3000" for character in letters)
