"""The home page: every table with about how many rows and how much space, grouped by where it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest

from apps.core.inspection.counts import Count
from apps.core.inspection.keys import list_url
from apps.core.inspection.registry import inspected_models
from apps.core.inspection.text import grouped


@dataclass(frozen=True)
class Facts:
    """What another app knows of the tables: how to group them, and cells to add to each table's line.

    ``groups`` are titles with the names of their tables in PostgreSQL, in the order to show; ``cells`` has
    one value for each of ``titles``.
    """

    titles: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    cells: dict[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class TableLine:
    """A table: its title, its list, about how many rows, its bytes with indexes, and cells of others."""

    title: str
    link: str
    rows: int
    size: int
    facts: tuple[Any, ...]

    @property
    def shown(self) -> str:
        """The number of rows with its digits in groups."""
        return grouped(self.rows)


@dataclass(frozen=True)
class TableGroup:
    """Tables under one heading, and what they hold together."""

    title: str
    tables: list[TableLine]

    @property
    def told(self) -> bool:
        """Whether anything more is known of any of the tables."""
        return any(any(table.facts) for table in self.tables)

    @property
    def note(self) -> str:
        """About how many rows the tables hold together."""
        return str(Count(sum(table.rows for table in self.tables), "about"))


_facts: list[Callable[[HttpRequest], Facts]] = []


def with_facts(make: Callable[[HttpRequest], Facts]) -> Callable[[HttpRequest], Facts]:
    """Let ``make`` say how the tables are grouped, and add to their lines."""
    if make not in _facts:
        _facts.append(make)
    return make


def facts(request: HttpRequest) -> Facts:
    """Return what is known of the tables; the last app that says something is heard."""
    return _facts[-1](request) if _facts else Facts()


def sizes(tables: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return each table's estimated rows (-1: never analyzed) and bytes, read from the catalogue."""
    query = (
        "SELECT relname, reltuples::bigint, pg_total_relation_size(oid) FROM pg_class"
        " WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(tables)])
        return {name: (rows, size) for name, rows, size in cursor.fetchall()}


def counted(tables: Sequence[str]) -> dict[str, int]:
    """Count tables of which the planner knows no row, each up to a thousand, in one query."""
    if not tables:
        return {}
    names = [connection.ops.quote_name(table) for table in tables]
    few = [f"(SELECT 1 FROM {name} LIMIT 1000)" for name in names]  # noqa: S608 - our own tables
    parts = [f"SELECT {number}, count(*) FROM {rows} AS t" for number, rows in enumerate(few)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {tables[number]: rows for number, rows in cursor.fetchall()}


def table_groups(request: HttpRequest, known: Facts) -> list[TableGroup]:
    """Return the tables that a person may see, in groups; those that no group names stand under their app."""
    models = [m for m in inspected_models() if admin.site._registry[m].has_view_permission(request)]
    by_table = {model._meta.db_table: model for model in models}
    measured = sizes(by_table)
    unknown = [name for name, (rows, _size) in measured.items() if rows <= 0]
    measured |= {name: (rows, measured[name][1]) for name, rows in counted(unknown).items()}
    lines = {name: _line(model, measured.get(name, (-1, 0)), known) for name, model in by_table.items()}
    return [TableGroup(title, tables) for title, tables in _grouped(by_table, lines, known) if tables]


def _line(model: type[Model], measured: tuple[int, int], known: Facts) -> TableLine:
    rows, size = measured
    facts = known.cells.get(model._meta.db_table, ("",) * len(known.titles))
    return TableLine(str(model._meta.verbose_name_plural), list_url(model), max(rows, 0), size, facts)


def _grouped(
    models: dict[str, type[Model]], lines: dict[str, TableLine], known: Facts
) -> Iterator[tuple[str, list[TableLine]]]:
    rest = dict(lines)
    for title, names in known.groups:
        yield title, [rest.pop(name) for name in names if name in rest]
    for config in apps.get_app_configs():
        own = [name for name in rest if models[name]._meta.app_label == config.label]
        yield str(config.verbose_name), [rest.pop(name) for name in own]
