"""System checks of the importer: a wrong mapping is found by ``manage.py check``, not by an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from apps.importer.mapping import LegacySystem, ResolvedTable, Table, load_systems
from apps.importer.source import folded


@register("importer")
def mappings_name_real_fields(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """importer.E001: a mapping names a field that its model does not have."""
    return [
        Error(
            f"{system.name}.{table.source}: {table.model._meta.label} has no field {name!r}",
            hint="correct the mapping in apps/importer/systems/",
            id="importer.E001",
        )
        for system in load_systems().values()
        for table in declared_tables(system)
        for name in sorted(named_fields(table) - field_names(table))
    ]


@register("importer")
def mappings_give_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """importer.E002: a mapping's key names a column that feeds no field, so a row could not be told again."""
    if mappings_name_real_fields(app_configs):
        return []
    return [
        Error(f"{where}: the key column {column!r} feeds no field", id="importer.E002")
        for where, table in resolved_tables()
        for column in table.key
        if column not in {c.source for c in table.columns}
    ]


@register("importer")
def mappings_keep_texts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """importer.E003: a link reads a column that feeds no field, so the text that it resolves would be lost."""
    if mappings_name_real_fields(app_configs):
        return []
    return [
        Error(f"{where}: the link's column {link.source!r} feeds no field", id="importer.E003")
        for where, table in resolved_tables()
        for _, link in table.links
        if folded(link.source) not in {folded(c.source) for c in table.columns}
    ]


def resolved_tables() -> Iterator[tuple[str, ResolvedTable]]:
    """Return every table of every shape of every system, with what to call it."""
    for system in load_systems().values():
        for shape in (system.resolved, *(system.of_variant(v) for v in system.variants)):
            for name, table in shape.items():
                yield f"{system.name}.{name}", table


def declared_tables(system: LegacySystem) -> Iterator[Table]:
    """Return every table that a system declares, those of its variants too."""
    yield from system.tables
    for variant in system.variants:
        yield from variant.tables


def named_fields(table: Table) -> set[str]:
    """Return the fields that a mapping names."""
    named = (
        table.columns,
        table.convert,
        table.local,
        table.local_t,
        table.links,
        table.ignore,
        table.widths,
    )
    return {name for names in named for name in names}


def field_names(table: Table) -> set[str]:
    """Return the fields that the mapped model has."""
    return {field.name for field in table.model._meta.concrete_fields}
