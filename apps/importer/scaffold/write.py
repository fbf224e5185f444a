"""A plan put into words: the modules of the app, the mapping, and the factories that the tests make rows with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from apps.importer.scaffold import code, names
from apps.importer.scaffold.code import Named, Piece, call, literal
from apps.importer.scaffold.shape import FieldPlan, ModelPlan, Ordered, Plan
from apps.importer.scaffold.survey import ColumnSurvey
from apps.importer.scaffold.verdict import UNIT_NAMES

FIELDS: dict[str, str] = {
    "uuid": "models.UUIDField",
    "integer": "models.IntegerField",
    "bigint": "models.BigIntegerField",
    "epoch": "models.DateTimeField",
    "datetime": "models.DateTimeField",
    "date": "models.DateField",
    "boolean": "models.BooleanField",
    "real": "models.FloatField",
    "json": "models.JSONField",
    "any": "models.JSONField",
    "strings": "ArrayField",
    "vector": "VectorField",
    "blob": "models.BinaryField",
    "text": "models.TextField",
}
LABELS = ("name", "title", "label", "username", "subject", "summary")
"""Fields that name a row to a person, the best first."""


def app_files(plan: Plan) -> dict[str, str]:
    """Return the files of the app by their names in its folder."""
    return {
        "__init__.py": "",
        "apps.py": _text(_apps(plan)),
        "admin.py": _text(_admin(plan)),
        "models.py": _text(_models(plan)),
        "migrations/__init__.py": "",
    }


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _apps(plan: Plan) -> Iterator[str]:
    name = "".join(part.capitalize() for part in plan.app.split("_"))
    yield "from django.apps import AppConfig"
    yield from ("", "")
    yield f"class {name}Config(AppConfig):"
    yield code.docstring(f"{plan.title}: the tables of a legacy file.", 1)
    yield ""
    yield f'    name = "apps.{plan.app}"'
    yield '    default_auto_field = "django.db.models.BigAutoField"'
    yield f"    verbose_name = {literal(plan.title)}"


def _admin(plan: Plan) -> Iterator[str]:
    yield "from apps.core.admin import register_remaining"
    yield ""
    yield f'register_remaining("{plan.app}")'


# -- models


def _models(plan: Plan) -> Iterator[str]:
    yield code.docstring(f"{plan.title}: a model for each table of {plan.source}.")[:-3]
    yield ""
    yield "The types follow from all the values of that file. A remark above a field says what they are like, and"
    yield "what was not sure."
    yield '"""'
    yield ""
    yield from _imports(plan)
    for model in plan.models:
        yield from ("", "")
        yield from _model(model)


def _imports(plan: Plan) -> Iterator[str]:
    kinds = {f.survey.verdict.kind for model in plan.models for f in model.fields}
    if "strings" in kinds:
        yield "from django.contrib.postgres.fields import ArrayField"
    yield "from django.db import models"
    if "vector" in kinds:
        yield "from pgvector.django import VectorField"
    if any(model.indexes for model in plan.models):
        yield from ("", "from apps.core.fields import Index")


def _model(model: ModelPlan) -> Iterator[str]:
    yield f"class {model.name}(models.Model):"
    rows = counted(model.survey.rows, "row")
    yield code.docstring(
        _shortened(f"Table {model.survey.name}: {rows} in the file that this was made from."), 1
    )
    yield ""
    for note in model.notes:
        yield from code.remark(note, 1)
    yield from ("",) if model.notes else ()
    if model.surrogate and model.surrogate != "id":
        yield f"    {model.surrogate} = models.BigAutoField(primary_key=True)"
    for found in model.fields:
        yield from _field(found)
    yield ""
    yield from _meta(model)
    yield ""
    yield "    def __str__(self) -> str:"
    yield f"        return {_label(model)}"


def _shortened(text: str) -> str:
    return text if len(text) <= names.LONGEST_WORDS else f"{text[: names.LONGEST_WORDS]}…"


def _field(found: FieldPlan) -> Iterator[str]:
    for remark in (facts_line(found.survey), *remarks(found)):
        yield from code.remark(remark, 1)
    yield from code.lines(Named(f"{found.name} = ", _declaration(found)), 1)


def remarks(found: FieldPlan) -> list[str]:
    """Return what was not sure about a field; the type of a reference is that of the key it points at."""
    return found.notes if found.reference else [*found.survey.verdict.notes, *found.notes]


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {what}s" if number != 1 else f"1 {what}"


def facts_line(column: ColumnSurvey) -> str:
    """Say in a line what the values of a column are like."""
    facts = column.facts
    said = [counted(facts.rows - facts.nulls, "value")]
    if facts.nulls:
        said.append(f"{facts.nulls:,} NULL")
    if facts.longest:
        said.append(f"up to {counted(facts.longest, 'character')}")
    if math.isfinite(facts.low) and math.isfinite(facts.high):
        said.append(f"from {facts.low} to {facts.high}")
    if facts.sizes:
        said.append(f"{'' if len(facts.sizes) == 1 else 'up to '}{counted(facts.weight, 'byte')}")
    if column.verdict.kind == "epoch":
        said.append(f"{UNIT_NAMES[str(column.verdict.detail)]} since 1970")
    return ", ".join(said)


def _declaration(found: FieldPlan) -> Piece:
    if found.reference:
        return _reference(found)
    kind, detail = found.survey.verdict.kind, found.survey.verdict.detail
    parts: list[Piece] = ["models.TextField()"] if kind == "strings" else []
    named: dict[str, Piece] = {}
    if kind == "vector" and detail:
        named["dimensions"] = str(detail)
    name = "models.BigAutoField" if found.primary and kind in ("integer", "bigint") else FIELDS[kind]
    return call(name, *parts, **named, **_options(found))


def _options(found: FieldPlan) -> dict[str, Piece]:
    options: dict[str, Piece] = {}
    if found.primary:
        options["primary_key"] = "True"
    elif not found.survey.required:
        options |= {"null": "True", "blank": "True"}
    if found.column != found.attname:
        options["db_column"] = literal(found.column)
    return options


def _reference(found: FieldPlan) -> Piece:
    if found.reference is None:
        raise ValueError(f"{found.name} is no reference")
    to = found.reference
    named: dict[str, Piece] = {"on_delete": f"models.{to.on_delete}"}
    if not to.target.primary:
        named["to_field"] = literal(to.target.name)
    named |= _options(found)
    named["related_name"] = literal(to.related)
    if not found.indexed:
        named["db_index"] = "False"
    name = "models.OneToOneField" if found.primary else "models.ForeignKey"
    return call(name, literal(to.model.name), **named)


def _meta(model: ModelPlan) -> Iterator[str]:
    title = names.title(model.survey.name) or model.name
    yield "    class Meta:"
    yield f"        db_table = {literal(model.table)}"
    yield f"        verbose_name = {literal(title)}"
    yield f"        verbose_name_plural = {literal(title)}"
    for attribute, found, made in (
        ("constraints", model.uniques, "models.UniqueConstraint"),
        ("indexes", model.indexes, "Index"),
    ):
        if found:
            yield f"        {attribute} = ["
            for one in found:
                yield from code.lines(_ordered(made, one), 3, after=",")
            yield "        ]"


def _ordered(made: str, one: Ordered) -> Piece:
    return call(made, fields=code.sequence(map(literal, one.fields)), name=literal(one.name))


def _label(model: ModelPlan) -> str:
    texts = {f.name: f for f in model.fields if f.survey.verdict.kind == "text" and not f.reference}
    name = next((name for name in LABELS if name in texts), None)
    if name is None:
        return "str(self.pk)"
    found = texts[name]
    return f"self.{name}" if found.survey.required or found.primary else f"self.{name} or str(self.pk)"


# -- the mapping


def mapping_file(plan: Plan) -> str:
    """Return the module that maps the file's tables to the models."""
    return _text(_mapping(plan))


def _mapping(plan: Plan) -> Iterator[str]:
    yield code.docstring(f"{plan.title}: every table of {plan.source} to a model of its own.")
    yield ""
    tables = [_table(model) for model in plan.models]
    modules = ["from apps.importer.mapping import LegacySystem, Table", f"from apps.{plan.app} import models"]
    if any(_converters(model) for model in plan.models):
        modules.append("from apps.importer import convert")
    yield from sorted(modules, key=lambda line: line.split()[1])
    yield ""
    for name, reason in plan.archived.items():
        yield from code.remark(f"left to the archive, row by row: {name}, since {reason}")
    if plan.archived:
        yield ""
    system = call(
        "LegacySystem", name=literal(plan.app), title=literal(plan.title), tables=code.tuple_of(tables)
    )
    yield from code.lines(Named("SYSTEM = ", system))


def _table(model: ModelPlan) -> Piece:
    columns = [(f.name, literal(f.survey.name)) for f in model.fields if f.column != f.survey.name]
    named: dict[str, Piece] = {}
    if columns:
        named["columns"] = code.mapping(columns)
    if converters := _converters(model):
        named["convert"] = code.mapping(converters)
    if model.key is not None:
        named["key"] = code.tuple_of(map(literal, model.key))
    if model.null_key:
        named["null_key"] = "True"
    if model.survey.widths:
        fields = {f.survey.name: f.name for f in model.fields}
        widths = ((fields[name], literal(dims)) for name, dims in model.survey.widths.items())
        named["widths"] = code.mapping(widths)
    return call("Table", literal(model.survey.name), f"models.{model.name}", **named)


def _converters(model: ModelPlan) -> list[tuple[str, Piece]]:
    """Return the fields whose type does not say how they are read."""
    found: list[tuple[str, Piece]] = []
    for one in model.fields:
        kind, detail = one.survey.verdict.kind, one.survey.verdict.detail
        if kind == "epoch" and not one.reference:
            found.append((one.name, call("convert.epoch", literal(str(detail)), literal("datetime"))))
        elif kind == "any" and not one.reference:
            found.append((one.name, call("convert.anything")))
    return found
