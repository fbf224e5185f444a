"""Finding any piece of text in a table's text columns: what ILIKE finds, by an index where there is one.

The index holds pieces of all the searched columns together. It names candidates; ILIKE then judges them, so
that a search finds the same rows with the index and without.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Expression, F, Func, Model, Q, QuerySet, Value

from apps.core.inspection.counts import estimates

LARGE = 10_000
"""Rows from which on an index is worth its space."""
MEMORY = "512MB"


@dataclass(frozen=True)
class TextIndex:
    """The index of a model's searched columns."""

    model: type[Model]
    columns: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.model._meta.db_table)

    @property
    def name(self) -> str:
        """The index's name; other columns make another name."""
        digest = hashlib.sha256(self.document("").encode()).hexdigest()[:8]
        return f"{self.table[:40]}_pieces_{digest}"

    def document(self, alias: str) -> str:
        """Return SQL for the columns' text together; ``alias`` names the table, quoted and with a dot."""
        quoted = (alias + connection.ops.quote_name(column) for column in self.columns)
        return " || chr(10) || ".join(f"coalesce({name}::text, '')" for name in quoted)

    def is_built(self) -> bool:
        """Tell whether PostgreSQL has the index and may use it."""
        return self.name in built([self.name])

    def build(self) -> None:
        """Make the index, whole or not at all; nobody writes to the table meanwhile."""
        quote = connection.ops.quote_name
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [MEMORY])
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {quote(self.name)} ON {quote(self.table)}"
                f" USING gin (substring_grams({self.document('')}))"
            )
            cursor.execute(f"ANALYZE {quote(self.table)}")

    def drop(self) -> None:
        """Remove the index."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(self.name)}")


def built(names: Sequence[str]) -> dict[str, int]:
    """Return those of the indexes that exist and are valid, with their bytes."""
    query = (
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
        " WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace AND i.indisvalid"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(names)])
        return dict(cursor.fetchall())


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


def worth_an_index(indexes: Sequence[TextIndex], least: int = LARGE) -> Iterator[tuple[TextIndex, int]]:
    """Yield the indexes of tables that are large enough for one, with about how many rows they have."""
    rows = estimates(index.table for index in indexes)
    for index in indexes:
        if index.columns and rows.get(index.table, -1) >= least:
            yield index, rows[index.table]
