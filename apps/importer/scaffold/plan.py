"""The models that take a file's tables: names, keys, unique sets, references and indexes, and what had to give way.

Nothing is decided by what the file declares alone: a key, a unique set or a reference is taken over where the
rows keep it and PostgreSQL can hold it. What is not taken over is noted where a person will look.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from apps.importer.progress import Progress
from apps.importer.scaffold import names
from apps.importer.scaffold.references import Referrer
from apps.importer.scaffold.shape import FieldPlan, ModelPlan, Ordered, Plan
from apps.importer.scaffold.survey import CONVERTERS, ColumnSurvey, TableSurvey, survey
from apps.importer.source import DeclaredIndex, SourceFile

MOST_COLUMNS = 400
"""Columns of a table whose rows surely fit a page of PostgreSQL."""
MOST_PARTS = 32
"""Columns of an index in PostgreSQL."""
INDEX_BYTES = 2600
"""Bytes that an entry of an index surely has room for."""
UNINDEXED = ("json", "strings", "vector")
"""Types that no ordinary index is made for."""


def make_plan(
    file: SourceFile, app: str, title: str, taken: set[str], progress: Progress | None = None
) -> Plan:
    """Read a file and plan its app; ``taken`` are names of tables and indexes that PostgreSQL has already."""
    taken = set(taken)
    found = survey(file, progress or Progress(sys.stderr, False))
    archived = {one.name: reason for one in found if (reason := _unfit(one))}
    models = _models([one for one in found if one.name not in archived], app, taken)
    for model in models:
        _choose_key(model)
        _choose_sets(model)
    Referrer(file, models).choose()
    for model in models:
        _name_fields(model)
    _name_ways_back(models)
    for model in models:
        _name_sets(model, taken)
        _choose_indexes(model, taken)
    return Plan(app, title, file.path.name, models, archived)


def _models(tables: Sequence[TableSurvey], app: str, taken: set[str]) -> list[ModelPlan]:
    models: list[ModelPlan] = []
    classes: set[str] = set()
    for number, found in enumerate(tables, 1):
        name = names.class_name(found.name, number, classes)
        classes.add(name.lower())
        table = names.relation_name([app, names.words(found.name) or f"table_{number}"], taken)
        taken.add(table)
        models.append(ModelPlan(found, name, table, [FieldPlan(column) for column in found.columns]))
    return models


# -- tables that no model serves


def _unfit(found: TableSurvey) -> str | None:
    """Return why a table is left to the archive, where every row is kept as it is; None where a model takes it."""
    if len(found.columns) > MOST_COLUMNS:
        return f"it has {len(found.columns):,} columns, more than {MOST_COLUMNS}"
    lowered = [column.name.lower() for column in found.columns]
    if len(set(lowered)) < len(lowered):
        return "it has columns whose names differ in case alone"
    if found.table.rowid_name is None and not _is_firm(found.key):
        return "its rows have no rowid, and no key short enough to tell them by"
    return None


def _is_firm(key: Sequence[ColumnSurvey]) -> bool:
    """Tell whether a key can tell every row, in an index of PostgreSQL."""
    return bool(key) and fits_index(key) and not any(column.facts.nulls for column in key)


def fits_index(columns: Sequence[ColumnSurvey]) -> bool:
    """Tell whether an index entry has room for the values of these columns."""
    return len(columns) <= MOST_PARTS and sum(_weight(column) for column in columns) <= INDEX_BYTES


def _weight(column: ColumnSurvey) -> int:
    return max(column.facts.weight, 8)


# -- keys and unique sets


def _choose_key(model: ModelPlan) -> None:
    """Take the declared key over as primary key, or as a unique set beside a key of our own."""
    key = model.survey.key
    if len(key) == 1 and key[0].verdict.kind in CONVERTERS and _is_firm(key):
        for found in model.fields:
            found.primary = found.survey is key[0]
        return
    model.surrogate = "id"
    model.key = tuple(column.name for column in key)
    model.null_key = any(column.facts.nulls for column in key)
    if key and not _is_keepable(key):
        model.key = ()
        model.notes.append(f"the key over {_listed(key)} is not kept: its values are too long for an index")
    elif key:
        model.sets.append([f for column in key if (f := model.field_of(column)) is not None])


def _is_keepable(columns: Sequence[ColumnSurvey]) -> bool:
    return fits_index(columns) and not any(column.verdict.kind in UNINDEXED for column in columns)


def _choose_sets(model: ModelPlan) -> None:
    """Take the declared unique sets over, each once."""
    primary = [model.primary] if model.primary else []
    for index in model.survey.declared.indexes:
        if not index.unique or index.origin == "pk":
            continue
        columns = [model.survey.column(name) for name in index.columns]
        found = [f for column in columns if (f := model.field_of(column)) is not None]
        if index.partial or len(found) < len(columns):
            model.notes.append(
                f"the unique index {_quoted(index)} is not kept: it covers a part, or an expression"
            )
        elif not _is_keepable([f.survey for f in found]):
            model.notes.append(f"the unique set {_quoted(index)} is not kept: its values do not fit an index")
        elif not any(set(found) == set(known) for known in [*model.sets, primary]):
            model.sets.append(found)


def _quoted(index: DeclaredIndex) -> str:
    return f"{index.name} ({', '.join(name or '...' for name in index.columns)})"


def _listed(columns: Sequence[ColumnSurvey]) -> str:
    return ", ".join(column.name for column in columns)


# -- names


def _name_fields(model: ModelPlan) -> None:
    """Name the fields, those of references last: each of them takes two names."""
    safe = {f.survey.name for f in model.fields if names.is_safe_column(f.survey.name)}
    taken: set[str] = set()
    ordered = sorted(enumerate(model.fields, 1), key=lambda pair: pair[1].reference is not None)
    for number, found in ordered:
        legacy = found.survey.name
        if found.reference:
            found.name = _reference_name(legacy, number, taken)
        elif found.primary and names.words(legacy) == "id":
            found.name = names.unique("id", taken)
        else:
            found.name = names.field_name(legacy, number, taken)
        taken |= {found.name, found.attname}
        others = {f.column for f in model.fields} | (safe - {legacy})
        found.column = names.column_name(legacy, found.attname, others)
    if model.surrogate and "id" in {f.column.lower() for f in model.fields}:
        model.surrogate = names.unique("row_id", taken | {f.column.lower() for f in model.fields})


def _reference_name(legacy: str, number: int, taken: set[str]) -> str:
    stem = legacy[:-3] if legacy.lower().endswith("_id") and len(legacy) > 3 else legacy
    name = names.field_name(stem, number, ())
    choices = (name, f"{name}_ref", *(f"{name}_ref_{n}" for n in range(2, 1000)))
    return next(choice for choice in choices if not {choice, f"{choice}_id"} & taken)


def _name_ways_back(models: Sequence[ModelPlan]) -> None:
    """Name the ways from a row to those that refer to it, different from all that its model has."""
    taken = {model: {n for f in model.fields for n in (f.name, f.attname)} for model in models}
    for model in models:
        for number, found in enumerate(model.fields):
            if found.reference:
                parent = taken[found.reference.model]
                child = names.field_name(model.survey.name, number, ())
                wish = (
                    child
                    if child not in parent and _refers_once(model, found)
                    else f"{child}_by_{found.name}"
                )
                found.reference.related = names.unique(wish, parent)
                parent.add(found.reference.related)


def _refers_once(model: ModelPlan, found: FieldPlan) -> bool:
    parents = [f.reference.model for f in model.fields if f.reference]
    return found.reference is not None and parents.count(found.reference.model) == 1


def _name_sets(model: ModelPlan, taken: set[str]) -> None:
    for found in model.sets:
        fields = tuple(f.name for f in found)
        name = names.relation_name([model.table, *fields], taken, "key")
        taken.add(name)
        model.uniques.append(Ordered(fields, name))
        if found[0].reference:
            found[0].indexed = False


# -- indexes


def _choose_indexes(model: ModelPlan, taken: set[str]) -> None:
    """Take the declared indexes over, but for those that another one of the model answers."""
    known = set(_covered(model))
    for index in model.survey.declared.indexes:
        if index.unique:
            continue
        fields, reason = _index_fields(model, index)
        if reason:
            model.notes.append(f"the index {_quoted(index)} is not kept: {reason}")
        elif fields not in known:
            known.add(fields)
            plain = [name.lstrip("-") for name in fields]
            name = names.relation_name([model.table, *plain], taken, "idx")
            taken.add(name)
            model.indexes.append(Ordered(fields, name))


def _covered(model: ModelPlan) -> Iterator[tuple[str, ...]]:
    for found in model.fields:
        if found.primary or (found.reference and found.indexed):
            yield (found.name,)
    for unique in model.uniques:
        yield from (unique.fields[:n] for n in range(1, len(unique.fields) + 1))


def _index_fields(model: ModelPlan, index: DeclaredIndex) -> tuple[tuple[str, ...], str | None]:
    columns = [model.field_of(model.survey.column(name)) for name in index.columns]
    found = [f for f in columns if f is not None]
    if index.partial or len(found) < len(columns):
        return (), "it covers a part, or an expression"
    if not _is_keepable([f.survey for f in found]):
        return (), "its values do not fit an index"
    pairs = zip(found, index.descending, strict=True)
    return tuple(f"{'-' if descending else ''}{f.name}" for f, descending in pairs), None
