"""Which legacy system a file belongs to, and in which variant: told by the tables and columns found."""

from __future__ import annotations

from collections.abc import Mapping

from apps.importer.mapping import LegacySystem, ResolvedTable, Variant, load_systems
from apps.importer.source import Refused, SourceFile, SourceTable, folded

KNOWN_SHARE = 0.5
"""The share of a mapped table's columns that a file's table must have to count as that table."""


def recognise(file: SourceFile, system_name: str | None = None) -> tuple[LegacySystem, Variant | None]:
    """Return the system whose tables the file has, and its variant (None: the standard shape).

    Raises ``Refused`` with ``unknown_schema`` where no table of any system is in the file.
    """
    systems = load_systems()
    candidates = [systems[system_name]] if system_name else list(systems.values())
    scored = [(score(file, system), system.name) for system in candidates]
    best, name = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    if not best:
        known = " nor ".join(system.title for system in candidates)
        raise Refused(
            "unknown_schema",
            f"it has no table of {known}; name the right file, or write a mapping for this system",
        )
    return systems[name], variant_of(file, systems[name])


def score(file: SourceFile, system: LegacySystem) -> float:
    """Say how much of a system's tables the file has, over all of its variants."""
    shapes = [system.resolved, *(system.of_variant(variant) for variant in system.variants)]
    return max(sum(_share(file, table) for table in shape.values()) for shape in shapes)


def _share(file: SourceFile, table: ResolvedTable) -> float:
    """Say how alike two tables are, from 0 to 1: by the columns they share of all that either has."""
    found = file.table(table.source)
    if found is None or found.kind != "table":
        return 0.0
    names = column_names(found)
    mapped = {folded(column.source) for column in table.columns}
    shared = len(mapped & names)
    return shared / len(mapped | names) if shared >= KNOWN_SHARE * len(mapped) else 0.0


def column_names(table: SourceTable) -> set[bytes]:
    """Return a table's column names, folded."""
    return {folded(column.name) for column in table.columns}


def variant_of(file: SourceFile, system: LegacySystem) -> Variant | None:
    """Return the first variant whose signs the file bears."""
    return next((variant for variant in system.variants if _fits(file, variant)), None)


def _fits(file: SourceFile, variant: Variant) -> bool:
    has = all(set(map(folded, columns)) <= _names(file, table) for table, columns in variant.has.items())
    lacks = not any(
        set(map(folded, columns)) & _names(file, table) for table, columns in variant.lacks.items()
    )
    present = all(file.table(table) is not None for table in variant.has)
    return has and lacks and present and (variant.when is None or variant.when(file))


def _names(file: SourceFile, table: str) -> set[bytes]:
    found = file.table(table)
    return column_names(found) if found else set()


def roles(
    file: SourceFile, system: LegacySystem, tables: Mapping[str, ResolvedTable]
) -> list[tuple[SourceTable, str | None]]:
    """Return each table of the file, by name, and why it is skipped (a skip reason; None: it is imported)."""
    known = {name.lower() for name in tables}
    left_out = {name.lower() for name in system.left_out}
    found = sorted(file.tables.values(), key=lambda table: table.name)
    return [(table, _role(table, known, left_out)) for table in found]


def _role(table: SourceTable, known: set[str], left_out: set[str]) -> str | None:
    if table.kind != "table":
        return table.kind
    if table.name.lower() in known:
        return None
    return "legacy_only" if table.name.lower() in left_out else "unknown_table"
