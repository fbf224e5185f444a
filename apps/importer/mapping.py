"""Which legacy table becomes which model: declared by ``systems/``, resolved against the models here.

Knows Django's model fields and the converters; knows no file, no database connection and no run.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, UniqueConstraint
from pgvector.django import VectorField

from apps.importer import convert
from apps.importer.convert import Converter
from apps.importer.source import Stored

KEY_STRIDE = 10**12
"""How far the integer keys of one source lie from those of the next."""

Rewrite = Callable[[dict[str, Stored]], dict[str, Stored]]


@dataclass(frozen=True)
class SourceKey:
    """A uuid for an integer legacy key, made from the source, the legacy table and the number."""

    table: str

    def bind(self, scope: str) -> Converter:
        """Return the converter for one source, which ``scope`` names."""
        number = convert.integer()
        space = uuid.uuid5(uuid.NAMESPACE_URL, f"rehome:{scope}:{self.table}")
        return Converter("uuid", lambda value: str(uuid.uuid5(space, str(number(value)))))


@dataclass(frozen=True)
class Link:
    """A reference that legacy data does not enforce: resolved by the parent's fields in turn, else NULL."""

    source: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One legacy table and the model that takes it. ``columns`` reads field: legacy column.

    ``local`` names fields whose naive times are in the host's zone, ``local_t`` those where only the
    form with a T is; ``ignore`` fields that no legacy column feeds; ``widths`` a vector's field and the
    legacy column that holds its dimensions; ``unique`` sets of fields that are unique within one source,
    where PostgreSQL cannot say so for all of them; ``rewrite`` turns a row's stored values into those the
    dictionary means, before anything is converted, and leaves a row alone unless a legacy column holds one
    of the texts that ``rewrite_where`` gives for it.
    """

    source: str
    model: type[Model]
    columns: Mapping[str, str] = field(default_factory=dict)
    convert: Mapping[str, Converter | SourceKey] = field(default_factory=dict)
    key: tuple[str, ...] | None = None
    local: Set[str] = frozenset()
    local_t: Set[str] = frozenset()
    null_key: bool = False
    links: Mapping[str, Link] = field(default_factory=dict)
    ignore: Set[str] = frozenset()
    widths: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    rewrite: Rewrite | None = None
    rewrite_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """Another shape of a system's files, told by the columns that tables have or lack."""

    name: str
    has: Mapping[str, set[str]] = field(default_factory=dict)
    lacks: Mapping[str, set[str]] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    when: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class LegacySystem:
    """A legacy system: its tables, what is left out and why, and the variants its files come in."""

    name: str
    title: str
    tables: tuple[Table, ...] | list[Table]
    left_out: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    standard: str = "standard"
    refresh: tuple[Callable[[], None], ...] = ()
    """What is to be computed anew from the tables after an import: materialized views."""

    @cached_property
    def resolved(self) -> dict[str, ResolvedTable]:
        """Return the tables of the standard shape, resolved, in the order in which they load."""
        return resolve(self.tables)

    def of_variant(self, variant: Variant | None) -> dict[str, ResolvedTable]:
        """Return the resolved tables of a variant: its own in place of those of the same name."""
        if variant is None or not variant.tables:
            return self.resolved
        return _variant_tables(self, variant)

    def __hash__(self) -> int:
        return hash(self.name)


_variants: dict[tuple[str, str], dict[str, ResolvedTable]] = {}


def _variant_tables(system: LegacySystem, variant: Variant) -> dict[str, ResolvedTable]:
    key = (system.name, variant.name)
    if key not in _variants:
        merged = {table.source: table for table in system.tables} | {t.source: t for t in variant.tables}
        _variants[key] = resolve(list(merged.values()))
    return _variants[key]


@dataclass(frozen=True)
class Column:
    """A target column and the legacy column that feeds it.

    ``shift`` marks integer keys, and references to them, that each source keeps apart.
    """

    field: Field[Any, Any]
    source: str
    converter: Converter | SourceKey
    local: str = ""
    shift: bool = False

    @property
    def name(self) -> str:
        """The column's name in PostgreSQL."""
        return str(self.field.column)

    @property
    def required(self) -> bool:
        """Whether NULL has no place in the target."""
        return not self.field.null

    @property
    def has_default(self) -> bool:
        """Whether PostgreSQL fills the column when the file lacks it."""
        return self.field.has_db_default() or self.field.null

    @property
    def type(self) -> str:
        """The column's type in PostgreSQL."""
        return pg_type(self.field)


@dataclass(frozen=True)
class Reference:
    """A foreign key of the model: the column, and the parent's table and column that it points at."""

    column: str
    parent: str
    to: str
    type: str


@dataclass(frozen=True)
class ResolvedTable:
    """A declared table with every column, key, reference and unique set found and checked."""

    declared: Table
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    uniques: tuple[tuple[str, ...], ...]

    @property
    def source(self) -> str:
        """The legacy table's name."""
        return self.declared.source

    @property
    def model(self) -> type[Model]:
        """The model whose table takes the rows."""
        return self.declared.model

    @property
    def target(self) -> str:
        """The table's name in PostgreSQL."""
        return str(self.model._meta.db_table)

    @cached_property
    def pk(self) -> str:
        """The primary key's column in PostgreSQL."""
        return str(self.model._meta.pk.column)

    @cached_property
    def surrogate(self) -> bool:
        """Whether the primary key is given by the engine, since no legacy column feeds it."""
        return self.pk not in {column.name for column in self.columns}

    @cached_property
    def own_keys(self) -> bool:
        """Whether a key means another row in every source: integers, which each source counts for itself."""
        fed = [column for column in self.columns if column.source in self.key]
        return any(column.shift or isinstance(column.converter, SourceKey) for column in fed)

    @cached_property
    def own_uniques(self) -> set[tuple[str, ...]]:
        """The unique sets that hold within one source only, as columns of PostgreSQL."""
        columns = {column.field.name: column.name for column in self.columns}
        return {tuple(columns[name] for name in names) for names in self.declared.unique}

    @cached_property
    def handles(self) -> set[str]:
        """The columns by whose value other rows may refer to a row."""
        return {columns[0] for columns in self.uniques if len(columns) == 1}

    @cached_property
    def links(self) -> tuple[tuple[str, Link], ...]:
        """The unenforced references: target column and link."""
        columns = {field.name: str(field.column) for field in self.model._meta.concrete_fields}
        return tuple((columns[name], link) for name, link in self.declared.links.items())

    def fingerprint(self) -> str:
        """Return a text that changes when the meaning of the mapping changes."""
        columns = [f"{c.source}>{c.name}:{logical(c.converter)}:{c.type}:{c.local}" for c in self.columns]
        return f"{self.source}>{self.target}({','.join(columns)};{','.join(self.key)})"


def logical(converter: Converter | SourceKey) -> str:
    """Return the logical type's name of a converter."""
    return "uuid" if isinstance(converter, SourceKey) else converter.logical


def model_of(table: str | None) -> type[Model] | None:
    """Return the model of a table of PostgreSQL."""
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def pg_type(model_field: Field[Any, Any]) -> str:
    """Return the PostgreSQL type that a column of this field has, without modifiers that a cast ignores."""
    from django.db import connection

    target = model_field.target_field if isinstance(model_field, ForeignKey) else model_field
    return str(target.rel_db_type(connection) if target.primary_key else target.db_type(connection))


def by_field_type(model_field: Field[Any, Any]) -> Converter:
    """Choose the converter of a field from its type; a foreign key takes that of the key it points at."""
    if isinstance(model_field, ForeignKey):
        return by_field_type(model_field.target_field)
    if isinstance(model_field, VectorField):
        return convert.vector(model_field.dimensions)
    kind = model_field.get_internal_type()
    if kind in ("CharField", "TextField"):
        if model_field.choices:
            return convert.enum({str(value): str(value) for value, _ in model_field.flatchoices})
        return convert.text(model_field.max_length)
    if kind == "DecimalField":
        return convert.decimal(model_field.max_digits, model_field.decimal_places)  # type: ignore[attr-defined]
    return BY_FIELD_TYPE[kind]()


BY_FIELD_TYPE: dict[str, Callable[[], Converter]] = {
    "UUIDField": convert.uuid,
    "DateTimeField": convert.datetime,
    "DateField": convert.date,
    "BooleanField": convert.boolean,
    "FloatField": convert.real,
    "JSONField": convert.json,
    "ArrayField": convert.string_array,
    "BinaryField": convert.blob,
    "SmallIntegerField": lambda: convert.integer(16),
    "IntegerField": lambda: convert.integer(32),
    "PositiveIntegerField": lambda: convert.integer(32),
    "AutoField": lambda: convert.integer(32),
    "BigIntegerField": convert.integer,
    "BigAutoField": convert.integer,
}


INTEGER_KEYS = {"AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField"}


def is_integer_key(model_field: Field[Any, Any]) -> bool:
    """Tell whether a field is an integer primary key."""
    return bool(model_field.primary_key) and model_field.get_internal_type() in INTEGER_KEYS


def _is_shifted(model_field: Field[Any, Any]) -> bool:
    while isinstance(model_field, ForeignKey):  # the key of a parent may be a reference itself
        model_field = model_field.target_field
    return is_integer_key(model_field)


def _is_surrogate(table: Table, model_field: Field[Any, Any]) -> bool:
    if not is_integer_key(model_field) or model_field.name in table.columns:
        return False
    taken = set(table.columns.values())
    return model_field.column in taken or (table.key is not None and model_field.column not in table.key)


def _columns(table: Table) -> Iterator[Column]:
    unfed = {*table.ignore, *table.links}
    for model_field in table.model._meta.concrete_fields:
        if model_field.name in unfed or getattr(model_field, "generated", False):
            continue
        if _is_surrogate(table, model_field):
            continue
        source = table.columns.get(model_field.name, model_field.column)
        yield Column(
            field=model_field,
            source=str(source),
            converter=table.convert.get(model_field.name) or by_field_type(model_field),
            local="all"
            if model_field.name in table.local
            else "t"
            if model_field.name in table.local_t
            else "",
            shift=_is_shifted(model_field) and not isinstance(table.convert.get(model_field.name), SourceKey),
        )


def _uniques(model: type[Model], fed: set[str]) -> Iterator[tuple[str, ...]]:
    meta = model._meta
    names = {model_field.name: str(model_field.column) for model_field in meta.concrete_fields}
    for model_field in meta.concrete_fields:
        if model_field.unique and model_field.column in fed:
            yield (str(model_field.column),)
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.fields and constraint.condition is None:
            columns = tuple(names[name] for name in constraint.fields)
            if set(columns) <= fed:
                yield columns


def _references(table: Table, columns: Sequence[Column]) -> Iterator[Reference]:
    for column in columns:
        if isinstance(column.field, ForeignKey):
            to = column.field.target_field
            yield Reference(column.name, str(to.model._meta.db_table), str(to.column), column.type)


def _key(table: Table, columns: Sequence[Column]) -> tuple[str, ...]:
    if table.key is not None:
        return table.key
    pk = table.model._meta.pk.column
    return tuple(column.source for column in columns if column.name == pk)


def _resolve(table: Table) -> ResolvedTable:
    columns = tuple(_columns(table))
    fed = {column.name for column in columns}
    return ResolvedTable(
        declared=table,
        columns=columns,
        key=_key(table, columns),
        references=tuple(_references(table, columns)),
        uniques=tuple(dict.fromkeys(_uniques(table.model, fed))),
    )


def resolve(tables: Sequence[Table]) -> dict[str, ResolvedTable]:
    """Resolve tables and order them parents first; a cycle is cut anywhere, its late rows wait."""
    found = {table.source: _resolve(table) for table in tables}
    return {name: found[name] for group in load_groups(found.values()) for name in group}


def load_groups(tables: Sequence[ResolvedTable] | Any) -> list[list[str]]:
    """Return legacy tables' names in groups, parents first; tables that refer in a circle share a group."""
    tables = list(tables)
    feeds: dict[str, set[str]] = {}
    for table in tables:
        feeds.setdefault(table.target, set()).add(table.source)
    parents = {
        table.source: {
            name
            for link in (*(r.parent for r in table.references), *_link_parents(table))
            for name in feeds.get(link, ())
            if name != table.source
        }
        for table in tables
    }
    return _components(parents)


def _link_parents(table: ResolvedTable) -> list[str]:
    meta = table.model._meta
    return [meta.get_field(n).related_model._meta.db_table for n in table.declared.links]  # type: ignore[union-attr]


def _reach(start: str, parents: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for parent in parents[todo.pop()]:
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return seen


def _components(parents: Mapping[str, set[str]]) -> list[list[str]]:
    reach = {name: _reach(name, parents) for name in parents}
    group_of = {
        name: min([name, *(other for other in reach[name] if name in reach[other])]) for name in parents
    }
    members: dict[str, list[str]] = {}
    for name in parents:
        members.setdefault(group_of[name], []).append(name)
    graph = {
        group: sorted({group_of[parent] for name in names for parent in parents[name]} - {group})
        for group, names in members.items()
    }
    return [members[group] for group in TopologicalSorter(graph).static_order()]


@lru_cache(maxsize=1)
def load_systems() -> dict[str, LegacySystem]:
    """Return the legacy systems by name: every module of ``systems/`` that exports ``SYSTEM``."""
    from apps.importer import systems

    found = {}
    for info in pkgutil.iter_modules(systems.__path__):
        module = importlib.import_module(f"{systems.__name__}.{info.name}")
        found[module.SYSTEM.name] = module.SYSTEM
    return dict(sorted(found.items()))


def fingerprint(tables: Mapping[str, ResolvedTable]) -> str:
    """Return the SHA-256 of a mapping, by which a resumed run sees that the rules are still the same."""
    text = "\n".join(sorted(table.fingerprint() for table in tables.values()))
    return hashlib.sha256(text.encode()).hexdigest()
