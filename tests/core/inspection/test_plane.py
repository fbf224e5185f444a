"""The map of a table's vectors."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import numpy as np
import pytest
from django.db import connection
from django.test import Client

from apps.core.inspection import plane
from apps.core.inspection.plane import project, read_vectors, sample
from apps.knowledge.models import KnowledgeNode, Subject
from apps.library.models import KbEmbedding
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
FIELD = KnowledgeNode._meta.get_field("embedding")
MAP = "/admin/knowledge/knowledgenode/map/"


def test_the_projection_is_that_of_all_principal_components() -> None:
    chance = np.random.default_rng(5)
    matrix = (chance.normal(size=(200, 40)) * np.linspace(9, 0.1, 40)).astype("f4")
    places, kept = project(matrix)
    centred = matrix - matrix.mean(axis=0)
    left, scales, _right = np.linalg.svd(centred.astype("f8"), full_matrices=False)
    for n in range(2):
        assert abs(np.corrcoef(places[:, n], left[:, n])[0, 1]) > 0.999
    assert kept == pytest.approx((scales[:2] ** 2).sum() / (scales**2).sum(), rel=1e-3)
    assert places.min() == 0
    assert places.max() == pytest.approx(1)


@pytest.mark.parametrize("matrix", [np.ones((5, 3)), np.arange(5.0).reshape(5, 1), np.eye(3)])
def test_degenerate_vectors_have_a_place_too(matrix: Any) -> None:
    places, kept = project(matrix.astype("f4"))
    assert places.shape == (len(matrix), 2)
    assert np.isfinite(places).all()
    assert 0 <= kept <= 1.0001


def fill(count: int, subjects: int = 3) -> list[KnowledgeNode]:
    chance = np.random.default_rng(1)
    made = [Subject.objects.create(name=f"学科 {n}") for n in range(subjects)]
    centres = chance.normal(size=(subjects, 1536))
    return KnowledgeNode.objects.bulk_create(
        KnowledgeNode(
            name=f"<b>{n}</b>",
            subject=made[n % subjects],
            embedding=(centres[n % subjects] + chance.normal(size=1536) * 0.3).tolist(),
        )
        for n in range(count)
    )


def test_vectors_are_read_bit_by_bit(make: Callable[..., Any]) -> None:
    nodes = fill(3)
    make(KnowledgeNode, embedding=None)
    found = read_vectors(KnowledgeNode, FIELD, [node.pk for node in nodes])
    for node in KnowledgeNode.objects.exclude(embedding=None):
        assert found[str(node.pk)].tolist() == np.array(node.embedding, dtype="f4").tolist()
    rows = [make(KbEmbedding, dims=2, vector=[1.5, -2.0])]
    field = KbEmbedding._meta.get_field("vector")
    assert read_vectors(KbEmbedding, field, [row.pk for row in rows])[str(rows[0].pk)].tolist() == [1.5, -2.0]


def test_a_map_shows_groups_that_lie_apart(ruling: Client) -> None:
    nodes = fill(60)
    with queries_at_most():
        page = ruling.get(MAP)
    found = page.context["plane"]
    assert {str(point.key) for point in found.points} == {str(node.pk) for node in nodes}
    assert [(group.value, group.rows) for group in found.groups] == [(f"学科 {n}", 20) for n in range(3)]
    for number in range(3):
        own = np.array([(p.x, p.y) for p in found.points if p.group == number])
        assert own.std(axis=0).max() < 0.2
    text = page.content.decode()
    assert text.count('<circle class="g0"') == 21, "20 points and the legend's"
    link = re.search(r'href="(\.\./[^"]*/change/)"', text)[1]
    assert ruling.get(urljoin(MAP, link)).status_code == 200
    assert "<b>" not in text
    assert len(page.content) < 200 * 1024


def test_a_map_follows_the_list_and_the_chosen_column(ruling: Client) -> None:
    fill(30)
    subject = Subject.objects.get(name="学科 1")
    page = ruling.get(MAP, {"subject": subject.pk, "_colour": "is_seed"})
    assert len(page.context["plane"].points) == 10
    assert page.context["colour"].name == "is_seed"
    assert f"subject={subject.pk}" in page.context["list_link"]
    assert [link for name, link, chosen in page.context["ways"] if chosen] == [
        f"?subject={subject.pk}&_colour=is_seed"
    ]


def test_a_large_table_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(300)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_nodes")
    monkeypatch.setattr(plane, "WHOLE", 100)
    monkeypatch.setattr(plane, "SAMPLE", 50)
    chosen = sample(KnowledgeNode.objects.all(), FIELD, narrowed=False)
    assert "TABLESAMPLE" in str(chosen.query)
    assert 0 < len(chosen) <= 50
    assert [row.pk for row in chosen] == [row.pk for row in sample(KnowledgeNode.objects.all(), FIELD, False)]
    assert len(sample(KnowledgeNode.objects.all(), FIELD, narrowed=True)) == 50


def test_vectors_of_any_width_show_those_of_one(ruling: Client, make: Callable[..., Any]) -> None:
    for n in range(4):
        make(KbEmbedding, dims=3, vector=[1.0, n, n * n])
    page = ruling.get("/admin/library/kbembedding/map/")
    assert len(page.context["plane"].points) == 4


def test_too_few_vectors_are_no_map(ruling: Client, guest: Client, make: Callable[..., Any]) -> None:
    make(KnowledgeNode, embedding=None)
    assert "too few vectors" in ruling.get(MAP).content.decode()
    assert ruling.get(MAP, {"subject": "x"})["Location"].endswith("?e=1")
    assert guest.get(MAP).status_code == 403
    assert ruling.post(MAP).status_code == 403
    assert ruling.get("/admin/planning/task/map/").status_code == 302, "a table without vectors has no map"
