"""``manage.py legacy_mapping``: what becomes what, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.importer.mapping import LegacySystem, ResolvedTable, load_systems, logical


class Command(BaseCommand):
    """Print the mapping of the legacy systems."""

    help = "Prints which legacy table and column becomes which table and column of PostgreSQL, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--system", choices=list(load_systems()), help="only this system")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the JSON."""
        chosen = [s for s in load_systems().values() if options["system"] in (None, s.name)]
        mapping = {
            "systems": {system.name: describe(system.resolved) for system in chosen},
            "variants": {system.name: describe_variants(system) for system in chosen if system.variants},
        }
        self.stdout.write(json.dumps(mapping, ensure_ascii=False, indent=1))


def describe(tables: Mapping[str, ResolvedTable]) -> dict[str, Any]:
    """Return tables as the contract has them: by legacy name, target, columns with type, key."""
    return {name: describe_table(table) for name, table in tables.items()}


def describe_variants(system: LegacySystem) -> dict[str, Any]:
    """Return those tables of each variant that differ from the standard shape."""
    return {
        variant.name: describe(
            {t.source: system.of_variant(variant)[t.source] for t in variant.tables},
        )
        for variant in system.variants
    }


def describe_table(table: ResolvedTable) -> dict[str, Any]:
    """Return one table: target, columns with type, key."""
    columns: dict[str, dict[str, str]] = {}
    for column in table.columns:
        columns.setdefault(column.source, {"column": column.name, "type": logical(column.converter)})
    for name, link in table.links:
        columns.setdefault(link.source, {"column": name, "type": "text"})
    return {"target_table": table.target, "columns": columns, "key": list(table.key)}
