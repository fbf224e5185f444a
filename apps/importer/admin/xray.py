"""A row's X-ray: each field's value in the source file beside the stored one, with the rule between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.inspection.cells import EMPTY, whole
from apps.importer.admin.origins import Origin
from apps.importer.admin.raw import cells
from apps.importer.mapping import Column, ResolvedTable, load_systems, logical
from apps.importer.source import Refused, open_source, raw

LARGEST = 200 * 2**20
"""Bytes of a source that is opened to look at one row: it is copied and checked first."""

RULES: dict[str, Any] = {
    "uuid": gettext_lazy("a UUID in any spelling, written in lower case with dashes"),
    "integer": gettext_lazy("a whole number within the column's range"),
    "datetime": gettext_lazy("a moment; without a zone it is UTC"),
    "date": gettext_lazy("a date"),
    "epoch_s": gettext_lazy("seconds since 1970"),
    "epoch_ms": gettext_lazy("milliseconds since 1970"),
    "boolean": gettext_lazy("yes or no, as a number or a word"),
    "real": gettext_lazy("a number, the same double"),
    "decimal": gettext_lazy("a decimal number, every digit kept"),
    "json": gettext_lazy("JSON, its text handed on"),
    "string[]": gettext_lazy("a list of texts"),
    "python list": gettext_lazy("a Python list of texts, read as data and never run"),
    "vector": gettext_lazy("numbers as JSON or as packed 32-bit floats, each the nearest 32-bit float"),
    "text": gettext_lazy("text, byte for byte"),
    "enum": gettext_lazy("one of a closed list, whatever its case"),
    "blob": gettext_lazy("bytes as they are"),
    "any": gettext_lazy("the value as it is stored"),
}


@dataclass(frozen=True)
class Ray:
    """One field: the stored value, the rule, and the source's value with its storage class."""

    column: str
    stored: SafeString
    rule: str
    source: str
    kind: str
    value: SafeString


@dataclass(frozen=True)
class Xray:
    """A row against its source; ``problem`` says in a sentence why the source's values are missing."""

    rays: list[Ray]
    problem: str = ""


def xray(origin: Origin, row: Model) -> Xray:
    """Hold a row against its source, as far as the source is still there."""
    table = resolved(origin)
    if table is None:
        return Xray([], _("The mapping of this table is not known any more."))
    values, problem = source_values(origin, table)
    if table.declared.rewrite is not None and not problem:
        problem = _(
            "In this variant of the files values stand in wrong columns; the import puts them right first."
        )
    return Xray([_ray(row, column, values) for column in table.columns], problem)


def resolved(origin: Origin) -> ResolvedTable | None:
    """Return the mapping by which a row was imported."""
    system = load_systems().get(origin.system)
    if system is None:
        return None
    variant = next((v for v in system.variants if v.name == origin.variant), None)
    return system.of_variant(variant).get(origin.table)


def _ray(row: Model, column: Column, values: dict[str, Any] | None) -> Ray:
    known = {name.lower(): value for name, value in (values or {}).items()}
    if values is None or column.source.lower() not in known:
        kind, value = "", EMPTY
    else:
        [cell] = cells({column.source: known[column.source.lower()]}, None)
        kind, value = cell.stored, cell.value
    return Ray(column.name, whole(row, column.field), rule(column), column.source, kind, value)


def rule(column: Column) -> str:
    """Say in words what the conversion of a column takes and gives."""
    name = logical(column.converter).partition("(")[0]
    text = str(RULES.get(name, name))
    notes = [text]
    if column.local:
        notes.append(_("without a zone it is in the host's own"))
    if column.shift:
        notes.append(_("numbers of each source are kept apart by a fixed distance"))
    return "; ".join(notes)


def source_values(origin: Origin, table: ResolvedTable) -> tuple[dict[str, Any] | None, str]:
    """Read the row's stored values from the source file; else say in a sentence why they cannot be had."""
    problem = _out_of_reach(origin)
    if problem:
        return None, problem
    try:
        with open_source(str(origin.path), wait=1.0, deadline=4.0) as file:
            if file.sha256 != origin.sha256:
                return None, _("The source file has changed since it was imported, so its row is not shown.")
            found = file.table(table.source)
            names = [column.name for column in found.columns] if found is not None else []
            rows = file.rows_at(found, names, [origin.rowid or 0]) if found is not None else []
            if not rows:
                return None, _("The source file no longer has this row.")
            return raw(dict(zip(names, rows[0].values, strict=True))), ""
    except Refused as refused:
        return None, _("The source file cannot be read: %(why)s.") % {"why": refused.message}


def _out_of_reach(origin: Origin) -> str:
    if not origin.path or not Path(origin.path).is_file():
        return _("The source file is no longer where it was imported from.")
    if Path(origin.path).stat().st_size > LARGEST:
        return _(
            "The source file is too large to be opened for one row; verify_import compares every cell of it."
        )
    if origin.rowid is None:
        return _("The source's row has no rowid to find it by.")
    return ""
