"""Factories for the models of a plan, so that the tests which make rows of every model make them of these too."""

from __future__ import annotations

from collections.abc import Iterator

from apps.importer.scaffold import code
from apps.importer.scaffold.code import Named, Piece, call, literal
from apps.importer.scaffold.shape import FieldPlan, ModelPlan, Plan

VALUES: dict[str, str] = {
    "uuid": "factory.LazyFunction(uuid.uuid4)",
    "integer": "factory.Sequence(int)",
    "bigint": "factory.Sequence(int)",
    "epoch": "factory.Sequence(moment)",
    "datetime": "factory.Sequence(moment)",
    "date": "factory.Sequence(day)",
    "boolean": "False",
    "real": "factory.Sequence(float)",
    "json": "factory.LazyFunction(dict)",
    "any": "factory.Sequence(int)",
    "strings": "factory.LazyFunction(list)",
    "blob": "factory.Sequence(packed)",
    "text": 'factory.Sequence("text {}".format)',
}
HELPERS = {
    "moment": (
        "def moment(number: int) -> datetime.datetime:",
        "    return datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(minutes=number)",
    ),
    "day": (
        "def day(number: int) -> datetime.date:",
        "    return datetime.date(2025, 1, 1) + datetime.timedelta(days=number)",
    ),
    "packed": (
        "def packed(number: int) -> bytes:",
        '    return number.to_bytes(8, "big")',
    ),
}


def factory_file(plan: Plan) -> str:
    """Return the module of the factories."""
    classes = [line for model in plan.models for line in ("", "", *_factory(model, plan))]
    text = "\n".join(classes)
    helpers = [name for name in HELPERS if f"({name})" in text]
    lines = [
        code.docstring(f"{plan.title}: a row of each model."),
        "",
        *(["import datetime"] if {"moment", "day"} & set(helpers) else []),
        *(["import uuid"] if "uuid.uuid4" in text else []),
        *([""] if {"moment", "day"} & set(helpers) or "uuid.uuid4" in text else []),
        *(["import factory", ""] if "factory." in text else []),
        f"from apps.{plan.app} import models",
        "from tests.factories import DomainFactory",
        *(line for name in helpers for line in ("", "", *HELPERS[name])),
    ]
    return "\n".join([*lines, *classes]) + "\n"


def _factory(model: ModelPlan, plan: Plan) -> Iterator[str]:
    yield f"class {model.name}Factory(DomainFactory):"
    yield "    class Meta:"
    yield f"        model = models.{model.name}"
    fields = [line for found in model.fields for line in _field(found, model, plan)]
    if fields:
        yield ""
        yield from fields


def _field(found: FieldPlan, model: ModelPlan, plan: Plan) -> list[str]:
    if not (found.survey.required or found.primary) or (
        _counts_itself(found) and not _refers_to_itself(model)
    ):
        return []
    if found.reference and found.reference.model is model:
        own = call("factory.SelfAttribute", literal(found.reference.target.name))
        return code.lines(Named(f"{found.attname} = ", own), 1)
    return code.lines(Named(f"{found.name} = ", _value(found, plan)), 1)


def _counts_itself(found: FieldPlan) -> bool:
    """Tell a key that PostgreSQL gives."""
    return found.primary and not found.reference and found.survey.verdict.kind in ("integer", "bigint")


def _refers_to_itself(model: ModelPlan) -> bool:
    """Tell whether every row of a model has to refer to a row of the same model: then to itself."""
    return any(f.survey.required and f.reference and f.reference.model is model for f in model.fields)


def _value(found: FieldPlan, plan: Plan) -> Piece:
    if found.reference:
        return call(
            "factory.SubFactory", literal(f"tests.factories.{plan.app}.{found.reference.model.name}Factory")
        )
    kind, detail = found.survey.verdict.kind, found.survey.verdict.detail
    if kind == "vector":
        return f"factory.LazyFunction(lambda: [1.0] * {detail or 3})"
    if _counts_itself(found):
        return "factory.Sequence(lambda number: number + 1)"
    return VALUES[kind]
