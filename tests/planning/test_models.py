import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from apps.planning.models import Task
from tests.factories.knowledge import KnowledgeNodeFactory
from tests.factories.planning import FocusSessionFactory, PlanFactory, TaskFactory

pytestmark = pytest.mark.django_db


def test_a_task_and_a_node_may_point_at_each_other():
    node = KnowledgeNodeFactory()
    task = TaskFactory(knowledge_node=node)
    node.source_task_id = task.id
    node.save()
    assert node.task_set.get() == task


def test_a_node_outlives_the_task_that_it_came_of():
    task = TaskFactory()
    node = KnowledgeNodeFactory(source_task_id=task.id)
    gone = task.id
    task.delete()
    node.refresh_from_db()
    assert node.source_task_id == gone


def test_a_plan_stays_while_tasks_belong_to_it():
    plan = PlanFactory()
    TaskFactory(plan=plan)
    with pytest.raises(ProtectedError):
        plan.delete()


@pytest.mark.parametrize("word", ["pending", "DONE"])
def test_postgresql_refuses_words_of_no_list(word: str):
    with pytest.raises(IntegrityError):
        TaskFactory(status=word)


def test_a_focus_session_tells_its_length_and_start():
    assert str(FocusSessionFactory()) == "25 minutes from 2025-12-01 08:00"


def test_a_task_keeps_a_list_of_tags_of_its_own():
    TaskFactory(tags=["数学", "calculus"])
    assert Task.objects.filter(tags__contains=["数学"]).count() == 1
    assert Task().tags is not Task().tags
