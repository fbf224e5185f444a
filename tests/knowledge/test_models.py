import pytest
from django.db import DataError, IntegrityError, connection, transaction
from pgvector.django import CosineDistance

from apps.knowledge.models import KnowledgeNode
from tests.factories.knowledge import (
    CognitiveFragmentFactory,
    KnowledgeNodeFactory,
    NodeRelationFactory,
    SubjectFactory,
    UserNodeStatusFactory,
    embedding,
)

pytestmark = pytest.mark.django_db


def between(first: int, second: int) -> list[float]:
    """Return a vector between two axes, nearer to the first."""
    return [2 * a + b for a, b in zip(embedding(first), embedding(second), strict=True)]


def test_the_nearest_nodes_come_first():
    near, far, nearest = (
        KnowledgeNodeFactory(embedding=v) for v in (between(1, 0), embedding(2), between(0, 1))
    )
    KnowledgeNodeFactory(embedding=None)
    ordered = KnowledgeNode.objects.exclude(embedding=None).order_by(
        CosineDistance("embedding", embedding(0))
    )
    assert list(ordered) == [nearest, near, far]


@pytest.mark.parametrize("factory", [KnowledgeNodeFactory, CognitiveFragmentFactory])
def test_neighbours_are_read_from_the_index(factory):
    model = type(factory())
    neighbours = model.objects.order_by(CosineDistance("embedding", embedding(0)))[:10]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert f"Index Scan using idx_{model._meta.db_table}_embedding_hnsw" in neighbours.explain()


def test_an_embedding_has_one_width():
    with pytest.raises(DataError):
        KnowledgeNodeFactory(embedding=[1.0, 2.0])


def test_a_node_may_come_before_its_parent():
    child = KnowledgeNodeFactory.build(subject=None)
    parent = KnowledgeNodeFactory.build(subject=None)
    child.parent_id = parent.id
    with transaction.atomic():
        child.save()
        parent.save()
    assert list(parent.children.all()) == [child]


def test_relations_may_be_twins_and_loops():
    node = KnowledgeNodeFactory()
    NodeRelationFactory.create_batch(2, source_node=node, target_node=node)
    assert node.outgoing_relations.count() == node.incoming_relations.count() == 2


def test_a_learner_has_one_status_a_node():
    status = UserNodeStatusFactory()
    UserNodeStatusFactory(user=status.user)
    with pytest.raises(IntegrityError):
        UserNodeStatusFactory(user=status.user, node=status.node)


def test_postgresql_numbers_subjects_beyond_what_an_import_brought():
    SubjectFactory(id=3_000_000_000_005)
    assert SubjectFactory().id is not None
