import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tests.factories.governance import (
    GuardianReviewFactory,
    GuardianVerdictFactory,
    PolicyLineageFactory,
    SupervisorEventFactory,
)
from tests.factories.runs import LearningPackFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("inf")])
def test_confidence_lies_between_nothing_and_all(confidence: float):
    for allowed in (0, 0.5, 1):
        GuardianReviewFactory(confidence=allowed)
    with pytest.raises(IntegrityError, match="confidence"), transaction.atomic():
        GuardianReviewFactory(confidence=confidence)


def test_a_verdict_of_the_other_table_may_be_any_word():
    assert GuardianVerdictFactory(status="NEEDS_CHANGES").status == "NEEDS_CHANGES"
    with pytest.raises(IntegrityError, match="verdict_check"), transaction.atomic():
        GuardianReviewFactory(verdict="NEEDS_CHANGES")


def test_a_policy_comes_of_another_and_of_a_lesson():
    parent = PolicyLineageFactory(source_learning_pack=LearningPackFactory())
    PolicyLineageFactory(parent_policy=parent)
    with pytest.raises(ProtectedError):
        parent.delete()
    with pytest.raises(ProtectedError):
        parent.source_learning_pack.delete()


def test_an_event_waits_until_it_is_processed():
    event = SupervisorEventFactory()
    assert (event.status, event.processed_at) == ("pending", None)
