"""Compare what is known of a legacy system's tables with its mapping and with the tables migrated here.

Facts are written as text, one line each::

    table documents
    id uuid key
    title string null max=255 default=untitled
    author_id uuid > users.id CASCADE
    unique author_id title
    index title

``unmet`` names each fact that has no counterpart, in words that a test can list together with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.models import Field, ForeignKey

from apps.importer.mapping import ResolvedTable, logical

Columns = tuple[str, ...]

LOGICAL = {"string": "text", "enum": "text"}
"""Logical types whose converter has another name; a list of words that nothing enforces is text."""

ACTIONS = {"CASCADE": models.CASCADE, "SET_NULL": models.SET_NULL, "NO_ACTION": models.PROTECT}


@dataclass(frozen=True)
class ColumnFact:
    """A legacy column; ``reference`` is the column it points at and what becomes of it without that row."""

    name: str
    logical: str
    null: bool = False
    max_length: int | None = None
    default: str | None = None
    reference: tuple[str, ...] = ()


@dataclass
class TableFact:
    """A legacy table: its columns, and the column lists of its key, unique sets and indexes."""

    name: str
    columns: dict[str, ColumnFact] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    uniques: list[Columns] = field(default_factory=list)
    indexes: list[Columns] = field(default_factory=list)


def parse(text: str) -> dict[str, TableFact]:
    """Read facts in the form that the module's docstring shows."""
    tables: dict[str, TableFact] = {}
    table = TableFact("")
    for line in filter(None, map(str.strip, text.splitlines())):
        word, *rest = line.split()
        if word == "table":
            table = tables[rest[0]] = TableFact(rest[0])
        elif word in ("unique", "index"):
            (table.uniques if word == "unique" else table.indexes).append(tuple(rest))
        else:
            table.columns[word] = _column(word, rest)
            table.key += (word,) if "key" in rest else ()
    return tables


def _column(name: str, words: list[str]) -> ColumnFact:
    options = dict(word.split("=", 1) for word in words if "=" in word)
    return ColumnFact(
        name=name,
        logical=words[0],
        null="null" in words,
        max_length=int(options["max"]) if "max" in options else None,
        default=options.get("default"),
        reference=tuple(words[words.index(">") + 1 :][:2]) if ">" in words else (),
    )


def unmet(fact: TableFact, table: ResolvedTable, others: Mapping[str, ResolvedTable]) -> set[str]:
    """Return what the mapping and the migrated table lack of one legacy table, or add to it."""
    return {f"{fact.name}{problem}" for problem in _unmet(fact, table, others)}


def _unmet(fact: TableFact, table: ResolvedTable, others: Mapping[str, ResolvedTable]) -> Iterator[str]:
    fed = _fields(table)
    if table.key != fact.key:
        yield f" key ({', '.join(fact.key)})"
    for column in fact.columns.values():
        for problem in _column_problems(column, fed.get(column.name, []), table, others):
            yield f".{column.name} {problem}"
    yield from _list_problems(fact, fed, table.target)
    for name in sorted(fed.keys() - fact.columns.keys()):
        yield f".{name} is no legacy column"
    for name in sorted(_unfed(table)):
        yield f": no legacy column feeds {name}"


def _fields(table: ResolvedTable) -> dict[str, list[Field[Any, Any]]]:
    """Return, for each legacy column, the fields that it feeds; unenforced references are not among them."""
    fed: dict[str, list[Field[Any, Any]]] = {}
    for column in table.columns:
        fed.setdefault(column.source, []).append(column.field)
    return fed


def _unfed(table: ResolvedTable) -> set[str]:
    fed = {column.field.name for column in table.columns} | set(table.declared.links)
    return {f.name for f in table.model._meta.concrete_fields} - fed


def _column_problems(
    fact: ColumnFact,
    fields: list[Field[Any, Any]],
    table: ResolvedTable,
    others: Mapping[str, ResolvedTable],
) -> Iterator[str]:
    if not fields:
        yield "has no field"
        return
    found = {logical(column.converter) for column in table.columns if column.source == fact.name}
    if LOGICAL.get(fact.logical, fact.logical) not in found:
        yield f"is {', '.join(sorted(found))}, not {fact.logical}"
    model_field = fields[0]
    if model_field.null != fact.null:
        yield "may be NULL" if model_field.null else "must not be NULL"
    if _max_length(model_field) != fact.max_length:
        yield f"holds {_max_length(model_field)} characters, not {fact.max_length}"
    if _default(model_field) != fact.default:
        yield f"has default {_default(model_field)}, not {fact.default}"
    if fact.reference and not _refers(fact.reference, model_field, others):
        yield f"> {' '.join(fact.reference)}"


def _max_length(model_field: Field[Any, Any]) -> int | None:
    target = model_field.target_field if isinstance(model_field, ForeignKey) else model_field
    return target.max_length if isinstance(target, models.CharField) else None


def _default(model_field: Field[Any, Any]) -> str | None:
    if not model_field.has_db_default():
        return None
    value = model_field.db_default
    return "now" if isinstance(value, models.Func) else str(getattr(value, "value", value)).lower()


def _refers(
    reference: tuple[str, ...], model_field: Field[Any, Any], others: Mapping[str, ResolvedTable]
) -> bool:
    if not isinstance(model_field, ForeignKey):
        return False
    (parent, column), action = reference[0].split("."), reference[1]
    same_column = model_field.target_field in _fields(others[parent])[column]
    return same_column and model_field.remote_field.on_delete is ACTIONS[action]


def _list_problems(fact: TableFact, fed: dict[str, list[Field[Any, Any]]], target: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        kept = connection.introspection.get_constraints(cursor, target).values()
    unique = {tuple(c["columns"]) for c in kept if c["unique"]}
    indexed = {tuple(c["columns"]) for c in kept if c["unique"] or c["index"]}
    for kind, lists, found in (
        ("key", [fact.key], unique),
        ("unique", fact.uniques, unique),
        ("index", fact.indexes, indexed),
    ):
        for columns in lists:
            if not any(choice in found for choice in _targets(columns, fed)):
                yield f" {kind} ({', '.join(columns)})"


def _targets(columns: Columns, fed: dict[str, list[Field[Any, Any]]]) -> Iterator[Columns]:
    """Yield the target columns of legacy ones, in each way in which these are fed."""
    choices: list[Columns] = [()]
    for name in columns:
        choices = [(*choice, str(f.column)) for choice in choices for f in fed.get(name, [])]
    yield from choices
