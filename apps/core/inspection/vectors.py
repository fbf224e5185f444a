"""A vector on its row's page: what it is like, what is odd about it, and the rows nearest to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Func, IntegerField, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from pgvector.django import CosineDistance, HnswIndex, VectorField

from apps.core.inspection.cells import short_key
from apps.core.inspection.describe import AnyField, label_field
from apps.core.inspection.keys import row_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import one_line

NEAREST = 10
EXACT = 10_000
"""Rows up to which all are compared where there is an index as well."""
COMPARED = 50_000
"""Rows up to which all are compared where there is no index."""
SEARCH_WIDTH = 200
"""``hnsw.ef_search`` of an approximate search."""
SAMPLE = 100
FIRST = 8
STRIP = (768, 48)


@dataclass(frozen=True)
class Shape:
    """What a vector is like: its width and length, the extremes and the mean of its components."""

    dimensions: int
    norm: float
    least: float
    most: float
    mean: float
    first: str

    @classmethod
    def of(cls, vector: Sequence[float]) -> Shape:
        """Measure a vector."""
        norm = math.sqrt(math.fsum(x * x for x in vector))
        first = ", ".join(f"{x:.4g}" for x in vector[:FIRST]) + (", …" if len(vector) > FIRST else "")
        return cls(len(vector), norm, min(vector), max(vector), math.fsum(vector) / len(vector), first)


@dataclass(frozen=True)
class Near:
    """A row near to the shown one: its page, its name, how similar it is (1: same direction)."""

    link: str
    name: SafeString
    score: float
    key: SafeString


@dataclass(frozen=True)
class Found:
    """The rows nearest to one, and how they were found."""

    rows: list[Near] = field(default_factory=list)
    how: str = ""


@dataclass(frozen=True)
class VectorView:
    """All that a page says of one vector."""

    title: str
    shape: Shape
    strip: SafeString
    warnings: list[str]
    found: Found

    @property
    def lines(self) -> SafeString:
        """The nearest rows as lines of a table."""
        return table(self.found)


class Dimensions(Func):
    """The width of a vector."""

    function = "vector_dims"
    output_field = IntegerField()


class Norm(Func):
    """The Euclidean length of a vector."""

    function = "vector_norm"
    output_field = FloatField()


def vector_fields(model: type[Model]) -> list[AnyField]:
    """Return a model's vector columns."""
    return [field for field in model._meta.concrete_fields if isinstance(field, VectorField)]


def vectors_panel(request: HttpRequest, own: Any, row: Model) -> Panel | None:
    """Show each vector of a row that is not NULL."""
    views = [
        view(row, field) for field in vector_fields(type(row)) if getattr(row, field.attname) is not None
    ]
    if not views:
        return None
    return Panel("vectors", _("Vectors"), "core/inspection/vectors.html", {"views": views})


def view(row: Model, field: AnyField) -> VectorView:
    """Measure a row's vector, compare it with others, and find the rows nearest to it."""
    vector = [float(x) for x in getattr(row, field.attname)]
    shape = Shape.of(vector)
    others = _sample(row, field)
    return VectorView(
        str(field.verbose_name), shape, strip(vector), warnings(shape, others), nearest(row, field, vector)
    )


def _sample(row: Model, field: AnyField) -> list[tuple[int, float]]:
    name = field.name
    rows = type(row)._base_manager.exclude(pk=row.pk).exclude(**{name: None})
    measured = rows.annotate(width=Dimensions(F(name)), length=Norm(F(name)))
    return list(measured.values_list("width", "length")[:SAMPLE])


def warnings(shape: Shape, others: Sequence[tuple[int, float]]) -> list[str]:
    """Return what is odd about a vector: zero, another width or another length than the others have."""
    found = []
    if shape.norm == 0:
        found.append(_("All components are zero: it has no direction, and nothing is near to it."))
    widths = {width for width, _length in others}
    if len(widths) == 1 and shape.dimensions not in widths:
        found.append(_("The others have %(width)s dimensions.") % {"width": widths.pop()})
    lengths = [length for _width, length in others if length]
    normal = lengths and all(abs(length - 1) < 0.01 for length in lengths)
    if normal and shape.norm and abs(shape.norm - 1) >= 0.01:
        found.append(_("It is not normalised, and the others are."))
    return found


def strip(vector: Sequence[float]) -> SafeString:
    """Return the components as thin bars up and down from a line, in groups where there are too many."""
    width, height = STRIP
    group = math.ceil(len(vector) / width)
    peaks = [max(vector[n : n + group], key=abs) for n in range(0, len(vector), group)]
    most = max((abs(x) for x in peaks), default=0) or 1
    step, middle = width / max(len(peaks), 1), height / 2
    lengths = [x / most * middle for x in peaks]
    path = "".join(
        f"M{(n + 0.5) * step:.1f} {middle:.0f}v{-x:.1f}" for n, x in enumerate(lengths) if abs(x) >= 0.05
    )
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="axis" d="M0 {}H{}"/><path d="{}" stroke-width="{}"/></svg>',
        *(width, height, _("components"), middle, width, path, f"{min(step, 4):.2f}"),
    )


def nearest(row: Model, field: AnyField, vector: list[float]) -> Found:
    """Find the rows whose vectors point most nearly the same way."""
    if not any(vector):
        return Found()
    rows, indexed = facts(type(row), field)
    if rows <= (EXACT if indexed else COMPARED):
        return Found(_near(row, field, vector, exact=True), _("exact: all rows compared"))
    if not indexed:
        return Found(how=_("There are too many rows to compare them all, and no index of this vector."))
    # The planner does not know what reading vectors costs, and would compare all rows rather than ask the index.
    set_local({"hnsw.ef_search": str(SEARCH_WIDTH), "enable_seqscan": "off"})
    found = _near(row, field, vector, exact=False)
    set_local({"enable_seqscan": "on"})
    return Found(found, _("approximate: found by the index"))


def facts(model: type[Model], field: AnyField) -> tuple[int, bool]:
    """Return about how many rows there are, and whether the model's index of cosine distances is there."""
    names = [
        index.name
        for index in model._meta.indexes
        if isinstance(index, HnswIndex) and field.name in index.fields
    ]
    query = (
        "SELECT t.reltuples::bigint, EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = t.oid AND i.indisvalid AND c.relname = ANY(%s))"
        " FROM pg_class t WHERE t.oid = to_regclass(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [names, connection.ops.quote_name(model._meta.db_table)])
        rows, indexed = cursor.fetchone() or (-1, False)
    return rows, indexed


def set_local(values: dict[str, str]) -> None:
    """Set parameters of PostgreSQL until the transaction's end."""
    calls = ", ".join("set_config(%s, %s, true)" for _name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])


def _near(row: Model, field: AnyField, vector: list[float], exact: bool) -> list[Near]:
    rows = closest(type(row)._base_manager.all(), field, vector)
    rows = rows.order_by(F("distance") + 0.0) if exact else rows  # no index knows the sum
    return [_named(other) for other in rows[: NEAREST + 1] if other.pk != row.pk][:NEAREST]


def closest(rows: QuerySet[Any], field: AnyField, vector: list[float]) -> QuerySet[Any]:
    """Order rows by the cosine distance of their vectors to one; of other widths, and NULL, none."""
    label = label_field(rows.model)
    rows = rows.exclude(**{field.name: None}).only("pk", *([label.name] if label is not None else []))
    if field.dimensions is None:
        rows = rows.annotate(width=Dimensions(F(field.name))).filter(width=len(vector))
    return rows.annotate(distance=CosineDistance(field.name, vector)).order_by("distance")


def _named(other: Any) -> Near:
    label = label_field(type(other))
    name = getattr(other, label.attname) if label is not None else None
    key = short_key(other.pk)
    return Near(
        row_url(type(other), other.pk), one_line(str(name), 80) if name else key, 1 - other.distance, key
    )


def meter(score: float) -> SafeString:
    """Return a bar for a similarity between 0 and 1."""
    width = max(min(score, 1.0), 0.0) * 100
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">'
        '<rect class="bar-back" width="100" height="8"/><rect class="bar-plain" width="{}" height="8"/></svg>',
        f"{width:.1f}",
    )


def table(found: Found) -> SafeString:
    """Return the nearest rows as lines of a table."""
    lines = ((near.link, near.name, near.key, f"{near.score:.4f}", meter(near.score)) for near in found.rows)
    line = '<tr><th scope="row"><a href="{}">{}</a></th><td>{}</td><td class="num">{}</td><td>{}</td></tr>'
    return format_html_join("", line, lines)
