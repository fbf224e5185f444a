import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.agents.models import TaskAudit, TaskBinding
from tests.factories.agents import (
    EarlierTaskDependencyFactory,
    LogLineFactory,
    TaskAuditFactory,
    TaskBindingFactory,
    TaskDependencyFactory,
    TaskEventFactory,
    TaskFactory,
    TaskLineageFactory,
    TaskSpecFactory,
)
from tests.factories.projects import RepoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["created", "RUNNING", "of no list", None])
def test_a_task_may_be_in_any_state(status: str | None):
    assert TaskFactory(status=status).status == status


@pytest.mark.parametrize("reason", ["timeout", "DONE", ""])
def test_a_task_ends_for_one_of_six_reasons(reason: str):
    TaskFactory(exit_reason="user_cancelled")
    with pytest.raises(IntegrityError, match="exit_reason"), transaction.atomic():
        TaskFactory(exit_reason=reason)


def test_a_task_depends_on_another_once_in_each_way():
    edge = TaskDependencyFactory(dependency_type="requires")
    TaskDependencyFactory(task=edge.task, depends_on_task=edge.depends_on_task)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskDependencyFactory(
            task=edge.task, depends_on_task=edge.depends_on_task, dependency_type="requires"
        )
    assert edge.task.dependencies.count() == edge.depends_on_task.dependents.count() == 2


def test_a_task_does_not_depend_on_itself():
    task = TaskFactory()
    with pytest.raises(IntegrityError, match="task_dependency_other_check"), transaction.atomic():
        TaskDependencyFactory(task=task, depends_on_task=task)


def test_earlier_dependencies_may_name_tasks_that_are_gone():
    assert str(EarlierTaskDependencyFactory(task_id="gone")) == "gone after task-0"


def test_audits_go_with_their_task_but_lineage_keeps_it():
    audit = TaskAuditFactory()
    audit.task.delete()
    assert not TaskAudit.objects.exists()
    with pytest.raises(ProtectedError):
        TaskLineageFactory().task.delete()


def test_a_decision_has_one_audit_and_many_audits_no_decision():
    TaskAuditFactory.create_batch(2)
    TaskAuditFactory(decision_id="D1")
    with pytest.raises(IntegrityError, match="decision_id"), transaction.atomic():
        TaskAuditFactory(decision_id="D1")


@pytest.mark.parametrize("changes", [{"seq": 0}, {"actor": ""}, {"span_id": ""}, {"event_type": ""}])
def test_an_event_has_a_number_and_names(changes: dict[str, object]):
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskEventFactory(**changes)


def test_an_event_without_payload_has_an_empty_one():
    event = TaskEventFactory()
    event.refresh_from_db()
    assert event.payload == {}


def test_a_binding_outlives_its_repository():
    binding = TaskBindingFactory(repo=RepoFactory())
    binding.repo.delete()
    assert TaskBinding.objects.get().repo is None


def test_rows_say_what_they_are():
    spec = TaskSpecFactory(spec_version=3)
    assert str(spec) == f"{spec.task.pk} v3"
    assert str(LogLineFactory(message="x" * 100)) == "error: " + "x" * 60
