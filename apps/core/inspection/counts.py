"""How many rows: by the planner's estimate for a table, exactly up to a limit for a selection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from apps.core.inspection.text import grouped

EXACT = 10_000
"""The largest number of rows that is counted one by one."""


@dataclass(frozen=True)
class Count:
    """A number of rows and how it is known: ``exact``, ``about`` (estimated) or ``more`` than counted."""

    rows: int
    how: str = "exact"

    def __str__(self) -> str:
        shown = grouped(self.rows)
        if self.how == "about":
            return _("about %(count)s") % {"count": shown}
        if self.how == "more":
            return _("more than %(count)s") % {"count": shown}
        return shown


def capped(rows: QuerySet[Model], limit: int = EXACT) -> Count:
    """Count a selection exactly up to ``limit``; beyond it say "more than"."""
    found = rows.order_by().values("pk")[: limit + 1].count()
    return Count(limit, "more") if found > limit else Count(found)


def estimates(tables: Iterable[str]) -> dict[str, int]:
    """Return the planner's row estimate of each table; -1 where it was never analyzed."""
    query = (
        "SELECT relname, reltuples::bigint FROM pg_class"
        " WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(tables)])
        return dict(cursor.fetchall())


def total(model: type[Model], estimate: int) -> Count:
    """Count a whole table: exactly where it is small, by the estimate otherwise."""
    if estimate > EXACT:
        return Count(estimate, "about")
    counted = capped(model._default_manager.all())
    return Count(max(estimate, counted.rows), counted.how)


@dataclass(frozen=True)
class Value:
    """A value that a column often has: its share of the rows, and about how many rows that is."""

    text: str
    share: float
    rows: int


@dataclass(frozen=True)
class Profile:
    """What the planner knows of a table: about how many rows, and the frequent values of some columns.

    A column that was never analyzed, or that has many different values, is not in ``values``.
    """

    rows: int
    values: dict[str, tuple[Value, ...]]
    nulls: dict[str, float]


FEW = 30
"""The most values that a filter lists."""


def profile(table: str, columns: Sequence[str]) -> Profile:
    """Read a table's estimate and the frequent values of ``columns`` from the statistics: no row is read."""
    query = (
        "SELECT c.reltuples::bigint, s.attname, s.null_frac, s.n_distinct, s.most_common_freqs,"
        " CASE WHEN s.n_distinct BETWEEN 0 AND %s THEN s.most_common_vals::text::text[] END"
        " FROM pg_class c LEFT JOIN pg_stats s ON s.schemaname = c.relnamespace::regnamespace::text"
        " AND s.tablename = c.relname AND s.attname = ANY(%s)"
        " WHERE c.relname = %s AND c.relnamespace = current_schema()::regnamespace"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [FEW, list(columns), table])
        found = cursor.fetchall()
    rows = max((row[0] for row in found), default=-1)
    known = [row for row in found if row[1] is not None]
    values = {row[1]: _values(row[5], row[4], rows) for row in known if row[5]}
    return Profile(rows, values, {row[1]: row[2] for row in known})


def _values(texts: list[str], shares: list[float], rows: int) -> tuple[Value, ...]:
    return tuple(Value(t, s, round(s * max(rows, 0))) for t, s in zip(texts, shares, strict=False))
