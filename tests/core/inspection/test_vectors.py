"""Vectors on a row's page: measured, warned of where odd, with the nearest rows."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client

from apps.core.inspection import vectors
from apps.core.inspection.keys import row_url
from apps.core.inspection.vectors import Shape, closest, nearest, strip, warnings
from apps.knowledge.models import KnowledgeNode
from apps.library.models import KbEmbedding
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
FIELD = KnowledgeNode._meta.get_field("embedding")


def cloud(count: int, seed: int = 3) -> Any:
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(9, 1536))[chance.integers(9, size=count)] + chance.normal(size=(count, 1536))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype("f4")


def store(points: Any) -> list[KnowledgeNode]:
    nodes = [KnowledgeNode(name=f"node {n}", embedding=point.tolist()) for n, point in enumerate(points)]
    return KnowledgeNode.objects.bulk_create(nodes)


def test_a_shape_is_measured() -> None:
    shape = Shape.of([3.0, 0.0, -4.0] + [0.0] * 9)
    assert (shape.dimensions, shape.norm, shape.least, shape.most) == (12, 5.0, -4.0, 3.0)
    assert math.isclose(shape.mean, -1 / 12)
    assert shape.first.startswith("3, 0, -4, 0")
    assert shape.first.endswith("…")


@pytest.mark.parametrize(
    ("vector", "others", "words"),
    [
        ([0.0, 0.0], [(2, 1.0)], ["zero"]),
        ([3.0, 4.0], [(2, 1.0), (2, 0.999)], ["not normalised"]),
        ([0.6, 0.8], [(3, 1.0)], ["3 dimensions"]),
        ([0.6, 0.8], [(2, 1.0)], []),
        ([3.0, 4.0], [(2, 5.0), (2, 1.0)], []),
        ([3.0, 4.0], [], []),
    ],
)
def test_what_is_odd_is_said(vector: list[float], others: list[tuple[int, float]], words: list[str]) -> None:
    found = warnings(Shape.of(vector), others)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_the_nearest_are_those_of_the_exact_order() -> None:
    points = cloud(2000)
    nodes = store(points)
    for n in (0, 7, 1999):
        node = KnowledgeNode.objects.get(pk=nodes[n].pk)
        order = np.argsort(-(points.astype("f8") @ points[n].astype("f8")), kind="stable")
        wanted = [row_url(KnowledgeNode, nodes[m].pk) for m in order if m != n][:10]
        found = nearest(node, FIELD, node.embedding)
        assert [near.link for near in found.rows] == wanted
        assert found.how.startswith("exact")
        assert found.rows[0].score == pytest.approx(float(points[order[1]] @ points[n]), abs=1e-5)


def scans(index: str) -> int:
    """How often this transaction has read an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", [index])
        return int(cursor.fetchone()[0])


def test_many_rows_are_searched_by_the_index_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = store(cloud(300))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_nodes")
    monkeypatch.setattr(vectors, "EXACT", 100)
    before = scans("idx_knowledge_nodes_embedding_hnsw")
    found = nearest(nodes[5], FIELD, nodes[5].embedding)
    assert scans("idx_knowledge_nodes_embedding_hnsw") == before + 1, (
        "the planner alone would compare all rows"
    )
    assert found.how.startswith("approximate")
    assert len(found.rows) == 10
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = closest(KnowledgeNode.objects.all(), FIELD, nodes[5].embedding)[:11].explain()
    assert "idx_knowledge_nodes_embedding_hnsw" in plan


def test_too_many_rows_without_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = store(cloud(30))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_nodes")
    monkeypatch.setattr(vectors, "COMPARED", 10)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX idx_knowledge_nodes_embedding_hnsw")
    found = nearest(nodes[5], FIELD, nodes[5].embedding)
    assert not found.rows
    assert "no index" in found.how


def test_the_page_shows_no_number_too_many(ruling: Client) -> None:
    nodes = store(cloud(20))
    with queries_at_most():
        page = ruling.get(row_url(KnowledgeNode, nodes[0].pk))
    text = page.content.decode()
    assert "1536 dimensions" in text
    assert text.count("/admin/knowledge/knowledgenode/") > 10
    assert '<svg class="strip"' in text
    assert len(page.content) < 60_000


def test_a_zero_vector_and_none_at_all(ruling: Client, make: Callable[..., Any]) -> None:
    zero = make(KnowledgeNode, embedding=[0.0] * 1536)
    none = make(KnowledgeNode, embedding=None)
    assert "no direction" in ruling.get(row_url(KnowledgeNode, zero.pk)).content.decode()
    assert 'id="vectors"' not in ruling.get(row_url(KnowledgeNode, none.pk)).content.decode()


def test_vectors_of_any_width_are_compared_with_their_like(make: Callable[..., Any]) -> None:
    field = KbEmbedding._meta.get_field("vector")
    rows = [make(KbEmbedding, dims=width, vector=[1.0 + n] * width) for n, width in enumerate((3, 3, 4, 3))]
    found = nearest(rows[0], field, rows[0].vector)
    assert {near.link for near in found.rows} == {row_url(KbEmbedding, rows[n].pk) for n in (1, 3)}


@pytest.mark.parametrize("width", [1, 2, 768, 1536, 4000])
def test_a_strip_is_small(width: int) -> None:
    assert len(strip([math.sin(n) for n in range(width)])) < 20_000
