"""A table's vectors on a plane: a sample, turned so that the picture keeps as much of their spread as two axes can."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any

from django.db import connection
from django.db.models import F, Model, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import MD5, Cast
from django.utils.safestring import SafeString

from apps.core.inspection.counts import estimates
from apps.core.inspection.describe import AnyField, kind, label_field, listed_values
from apps.core.inspection.keys import encode
from apps.core.inspection.text import named
from apps.core.inspection.vectors import Dimensions

SAMPLE = 1000
"""The most points of a picture."""
WHOLE = 20_000
"""Rows up to which a sample is drawn from all of them."""
SIZE = (1000, 640)
COLOURS = 8
ROUNDS = 6
HEADER = 19
"""Bytes before the first row of COPY's binary format."""


@dataclass(frozen=True)
class Point:
    """A row on the plane: its key, its name, its group's number and its place."""

    key: Any
    label: str
    group: int
    x: float
    y: float


@dataclass(frozen=True)
class Group:
    """Rows with one value of the colouring column: the value, its number (the last: all others), how many."""

    value: str
    number: int
    rows: int


@dataclass(frozen=True)
class Plane:
    """A picture of vectors: its points and groups, and how much of their variance it keeps (0 to 1)."""

    points: list[Point]
    groups: list[Group]
    kept: float


def colouring(model: type[Model]) -> list[AnyField]:
    """Return the columns that points may be coloured by: references and columns of few values."""
    listed = [f for f in listed_values(model) if kind(f) != "secret" and f != label_field(model)]
    references = [field for field in model._meta.concrete_fields if kind(field) == "reference"]
    return [*listed, *references]


def sample(rows: QuerySet[Any], field: AnyField, narrowed: bool) -> QuerySet[Any]:
    """Choose rows for a picture, the same ones each time: of a large table a share of its pages, else by a hash."""
    model = rows.model
    rows = rows.exclude(**{field.name: None}).order_by()
    if field.dimensions is None:
        width = rows.annotate(width=Dimensions(F(field.name))).values_list("width", flat=True).first()
        rows = rows.annotate(width=Dimensions(F(field.name))).filter(width=width)
    count = estimates([model._meta.db_table]).get(model._meta.db_table, -1)
    if count > WHOLE and not narrowed:
        quote = connection.ops.quote_name
        table, pk = quote(model._meta.db_table), quote(model._meta.pk.column)
        share = f"SELECT {pk} FROM {table} TABLESAMPLE SYSTEM (%s) REPEATABLE (7)"  # noqa: S608 - our model's names
        rows = rows.filter(pk__in=RawSQL(share, [min(300 * SAMPLE / count, 100)]))  # noqa: S611 - likewise
    elif narrowed:
        rows = rows.model._base_manager.filter(pk__in=rows.values("pk")[:WHOLE])
    return rows.order_by(MD5(Cast(F("pk"), TextField())))[:SAMPLE]


def plane(rows: QuerySet[Any], field: AnyField, colour: AnyField | None) -> Plane:
    """Place sampled rows on a plane and group them by a column."""
    import numpy as np

    label = label_field(rows.model)
    names = [
        "pk",
        label.attname if label is not None else "pk",
        colour.attname if colour is not None else "pk",
    ]
    found = list(rows.values_list(*names))
    vectors = read_vectors(rows.model, field, [row[0] for row in found])
    found = [row for row in found if str(row[0]) in vectors]
    if len(found) < 3:
        return Plane([], [], 0.0)
    matrix = np.stack([vectors[str(row[0])] for row in found])
    places, kept = project(matrix)
    groups = _groups(rows.model, [row[2] for row in found], colour)
    numbers = {value: number for value, (number, _name) in groups.items()}
    points = [
        Point(key, str(text or key), numbers.get(value, COLOURS), float(x), float(y))
        for (key, text, value), (x, y) in zip(found, places, strict=True)
    ]
    return Plane(points, _counted(points, groups), kept)


def read_vectors(model: type[Model], field: AnyField, keys: Sequence[Any]) -> dict[str, Any]:
    """Read vectors by their rows' keys as PostgreSQL keeps them, without a way through text."""
    quote = connection.ops.quote_name
    pk, column, table = quote(model._meta.pk.column), quote(field.column), quote(model._meta.db_table)
    query = f"SELECT {pk}::text, {column} FROM {table} WHERE {pk}::text = ANY(%s)"  # noqa: S608 - our model's names
    if keys and not isinstance(keys[0], str):
        query = query.replace(f"{pk}::text = ANY(%s)", f"{pk} = ANY(%s)")
    content = BytesIO()
    with connection.cursor() as cursor:
        sql = cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT binary)", [list(keys)])
        cursor.copy_expert(sql, content)
    return dict(_rows(content.getbuffer()))


def _rows(content: memoryview) -> Any:
    """Take COPY's binary rows apart: a key as text, and a vector, whose numbers begin after its width and a spare."""
    import numpy as np

    at = HEADER
    while struct.unpack_from(">h", content, at)[0] == 2:
        (length,) = struct.unpack_from(">i", content, at + 2)
        key = bytes(content[at + 6 : at + 6 + length]).decode()
        at += 6 + length
        (size,) = struct.unpack_from(">i", content, at)
        yield key, np.frombuffer(content, dtype=">f4", count=(size - 4) // 4, offset=at + 8).astype("f4")
        at += 4 + size


def project(matrix: Any) -> tuple[Any, float]:
    """Turn rows of numbers to the two directions of their largest variance, within a unit square.

    Returns places of shape (n, 2), each between 0 and 1, and the share of the variance that they keep. The
    directions are found by repeated multiplication, which for two of them is far quicker than all of them.
    """
    import numpy as np

    centred = matrix - matrix.mean(axis=0)
    total = float((centred.astype("f8") ** 2).sum())
    if not total:
        return np.full((len(matrix), 2), 0.5), 1.0
    basis = np.random.default_rng(7).normal(size=(matrix.shape[1], min(8, matrix.shape[1]))).astype("f4")
    for _ in range(ROUNDS):
        basis, _rest = np.linalg.qr(centred.T @ (centred @ basis))
    _left, scales, turned = np.linalg.svd(centred @ basis, full_matrices=False)
    axes = (basis @ turned.T)[:, :2]
    axes *= np.where(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])] < 0, -1, 1)
    places = centred @ axes
    if places.shape[1] < 2:
        places = np.hstack([places, np.zeros((len(places), 1), dtype="f4")])
    low, high = places.min(axis=0), places.max(axis=0)
    return (places - low) / np.where(high > low, high - low, 1), float(
        (scales[:2].astype("f8") ** 2).sum() / total
    )


def _groups(model: type[Model], values: Sequence[Any], colour: AnyField | None) -> dict[Any, tuple[int, str]]:
    """Number the most frequent values, and name them as a reader knows them."""
    if colour is None:
        return {}
    counts: dict[Any, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    common = sorted(counts, key=lambda value: (-counts[value], str(value)))[:COLOURS]
    names = _names(colour, common)
    return {
        value: (number, named(names.get(value, "—" if value is None else str(value))))
        for number, value in enumerate(common)
    }


def _names(colour: AnyField, values: Sequence[Any]) -> dict[Any, str]:
    if kind(colour) != "reference":
        return {value: str(name) for value, name in (colour.flatchoices or [])}
    label = label_field(colour.related_model)
    if label is None:
        return {}
    to = colour.target_field.attname
    rows = colour.related_model._base_manager.filter(**{f"{to}__in": [v for v in values if v is not None]})
    return {key: str(text) for key, text in rows.values_list(to, label.attname) if text}


def _counted(points: Sequence[Point], groups: dict[Any, tuple[int, str]]) -> list[Group]:
    counts = [0] * (COLOURS + 1)
    for point in points:
        counts[point.group] += 1
    named = [Group(name, number, counts[number]) for number, name in groups.values()]
    others = [Group("…", COLOURS, counts[COLOURS])] if counts[COLOURS] and groups else []
    return [*named, *others]


def picture(found: Plane) -> SafeString:
    """Return the points as SVG; each is a link to its row, seen from the table's map."""
    width, height = SIZE
    dots = "".join(
        f'<a href="../{escape(encode(p.key))}/change/"><circle class="g{p.group}"'
        f' cx="{12 + p.x * (width - 24):.0f}" cy="{height - 12 - p.y * (height - 24):.0f}" r="5"/>'
        f"<title>{escape(named(' '.join(p.label.split())[:30]))}</title></a>"
        for p in found.points
    )
    return SafeString(f'<svg class="plane" viewBox="0 0 {width} {height}" role="img">{dots}</svg>')
