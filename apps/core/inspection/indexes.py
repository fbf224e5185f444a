"""Indexes that are made on demand, since they take space and slow down later imports."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from apps.core.inspection.counts import estimates

LARGE = 10_000
"""Rows from which on an index is worth its space."""
MEMORY = "512MB"


@dataclass(frozen=True)
class OptionalIndex(ABC):
    """A GIN index of some of a model's columns, whether or not it is built."""

    model: type[Model]
    columns: tuple[str, ...]
    suffix: ClassVar[str]

    @property
    @abstractmethod
    def source(self) -> str:
        """SQL for the columns that the index is made of."""

    @property
    def keys(self) -> str:
        """SQL for what the index holds of a row."""
        return self.source

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.model._meta.db_table)

    @property
    def name(self) -> str:
        """The index's name; other columns make another name."""
        digest = hashlib.sha256(self.source.encode()).hexdigest()[:8]
        return f"{self.table[:40]}_{self.suffix}_{digest}"

    def is_built(self) -> bool:
        """Tell whether PostgreSQL has the index and may use it."""
        return self.name in built([self.name])

    def build(self) -> None:
        """Make the index, whole or not at all; nobody writes to the table meanwhile."""
        quote = connection.ops.quote_name
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [MEMORY])
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {quote(self.name)} ON {quote(self.table)} USING gin ({self.keys})"
            )
            cursor.execute(f"ANALYZE {quote(self.table)}")

    def drop(self) -> None:
        """Remove the index."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(self.name)}")


Index = TypeVar("Index", bound=OptionalIndex)


def built(names: Sequence[str]) -> dict[str, int]:
    """Return those of the indexes that exist and are valid, with their bytes."""
    query = (
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
        " WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace AND i.indisvalid"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(names)])
        return dict(cursor.fetchall())


def worth_an_index(indexes: Sequence[Index], least: int = LARGE) -> Iterator[tuple[Index, int]]:
    """Yield the indexes of tables that are large enough for one, with about how many rows they have."""
    rows = estimates(index.table for index in indexes)
    for index in indexes:
        if index.columns and rows.get(index.table, -1) >= least:
            yield index, rows[index.table]
