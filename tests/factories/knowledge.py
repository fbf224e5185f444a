"""The knowledge galaxy, with embeddings of the full width."""

import factory

from apps.knowledge.models import (
    EMBEDDING_DIMENSIONS,
    BehaviorPattern,
    CognitiveFragment,
    CuriosityCapsule,
    KnowledgeNode,
    NodeExpansion,
    NodeRelation,
    StudyRecord,
    Subject,
    UserNodeStatus,
)
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory


def embedding(n: int) -> list[float]:
    """Return a unit vector along one axis: any two of them are either equal or at right angles."""
    return [float(axis == n % EMBEDDING_DIMENSIONS) for axis in range(EMBEDDING_DIMENSIONS)]


class SubjectFactory(DomainFactory):
    class Meta:
        model = Subject

    name = factory.Sequence("Subject {}".format)


class KnowledgeNodeFactory(DomainFactory):
    class Meta:
        model = KnowledgeNode

    subject = factory.SubFactory(SubjectFactory)
    name = factory.Sequence("Concept {}".format)
    embedding = factory.Sequence(embedding)


class NodeRelationFactory(DomainFactory):
    class Meta:
        model = NodeRelation

    source_node = factory.SubFactory(KnowledgeNodeFactory)
    target_node = factory.SubFactory(KnowledgeNodeFactory)
    relation_type = "prerequisite"


class NodeExpansionFactory(DomainFactory):
    class Meta:
        model = NodeExpansion

    trigger_node = factory.SubFactory(KnowledgeNodeFactory)
    user = factory.SubFactory(UserFactory)
    expansion_context = '{"depth": 1}'


class UserNodeStatusFactory(DomainFactory):
    class Meta:
        model = UserNodeStatus

    user = factory.SubFactory(UserFactory)
    node = factory.SubFactory(KnowledgeNodeFactory)


class StudyRecordFactory(DomainFactory):
    class Meta:
        model = StudyRecord

    user = factory.SubFactory(UserFactory)
    node = factory.SubFactory(KnowledgeNodeFactory)
    study_minutes = 25
    mastery_delta = 1.5


class CognitiveFragmentFactory(DomainFactory):
    class Meta:
        model = CognitiveFragment

    user = factory.SubFactory(UserFactory)
    source_type = "capsule"
    content = "为什么余弦距离不看长度？"
    embedding = factory.Sequence(embedding)


class BehaviorPatternFactory(DomainFactory):
    class Meta:
        model = BehaviorPattern

    user = factory.SubFactory(UserFactory)
    pattern_name = "Late starts"
    pattern_type = "execution"


class CuriosityCapsuleFactory(DomainFactory):
    class Meta:
        model = CuriosityCapsule

    user = factory.SubFactory(UserFactory)
    title = "Why the sky is blue"
    content = "# 瑞利散射"
