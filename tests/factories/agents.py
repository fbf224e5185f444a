"""Tasks of agents and what happened to them."""

import datetime

import factory

from apps.agents.models import (
    EarlierTaskDependency,
    LogLine,
    RefType,
    Task,
    TaskAgent,
    TaskArtifact,
    TaskArtifactRef,
    TaskAudit,
    TaskBinding,
    TaskConflict,
    TaskDependency,
    TaskEvent,
    TaskEventCounter,
    TaskLineage,
    TaskRepoScope,
    TaskSession,
    TaskSpec,
    TaskTemplate,
)
from tests.factories import DomainFactory
from tests.factories.projects import ProjectFactory, ProjectRepoFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class TaskFactory(DomainFactory):
    class Meta:
        model = Task

    task_id = factory.Sequence("01KG3X{:020d}".format)
    title = "整理知识库"


class TaskLineageFactory(DomainFactory):
    class Meta:
        model = TaskLineage

    task = factory.SubFactory(TaskFactory)
    kind = "commit"
    ref_id = factory.Sequence("{:040x}".format)


class TaskAuditFactory(DomainFactory):
    class Meta:
        model = TaskAudit

    task = factory.SubFactory(TaskFactory)
    event_type = "TASK_CREATED"


class TaskAgentFactory(DomainFactory):
    class Meta:
        model = TaskAgent

    invocation_id = factory.Sequence("invocation-{}".format)
    task = factory.SubFactory(TaskFactory)
    agent_key = "planner"


class TaskEventFactory(DomainFactory):
    class Meta:
        model = TaskEvent

    task = factory.SubFactory(TaskFactory)
    event_type = "phase_enter"
    actor = "runner"
    span_id = "main"
    seq = factory.Sequence(lambda number: number + 1)


class TaskEventCounterFactory(DomainFactory):
    class Meta:
        model = TaskEventCounter

    task = factory.SubFactory(TaskFactory)


class LogLineFactory(DomainFactory):
    class Meta:
        model = LogLine

    id = factory.Sequence("line-{}".format)
    level = "error"
    timestamp = WHEN
    message = "database is locked"


class EarlierTaskDependencyFactory(DomainFactory):
    class Meta:
        model = EarlierTaskDependency

    task_id = factory.Sequence("task-{}".format)
    depends_on_task_id = "task-0"


class TaskDependencyFactory(DomainFactory):
    class Meta:
        model = TaskDependency

    task = factory.SubFactory(TaskFactory)
    depends_on_task = factory.SubFactory(TaskFactory)


class TaskConflictFactory(DomainFactory):
    class Meta:
        model = TaskConflict

    task_id = factory.Sequence("task-{}".format)
    conflicts_with_task_id = "task-0"


class TaskRepoScopeFactory(DomainFactory):
    class Meta:
        model = TaskRepoScope

    task = factory.SubFactory(TaskFactory)
    repo = factory.SubFactory(ProjectRepoFactory)


class TaskArtifactRefFactory(DomainFactory):
    class Meta:
        model = TaskArtifactRef

    task = factory.SubFactory(TaskFactory)
    repo = factory.SubFactory(ProjectRepoFactory)
    ref_type = RefType.COMMIT
    ref_value = factory.Sequence("{:040x}".format)


class TaskArtifactFactory(DomainFactory):
    class Meta:
        model = TaskArtifact

    artifact_id = factory.Sequence("artifact-{}".format)
    task = factory.SubFactory(TaskFactory)
    kind = "file"
    path = factory.Sequence("out/page-{}.md".format)
    created_at = WHEN


class TaskSessionFactory(DomainFactory):
    class Meta:
        model = TaskSession

    session_id = factory.Sequence("session-{}".format)


class TaskTemplateFactory(DomainFactory):
    class Meta:
        model = TaskTemplate

    template_id = factory.Sequence("template-{}".format)
    name = "周报"
    title_template = "周报 {week}"


class TaskSpecFactory(DomainFactory):
    class Meta:
        model = TaskSpec

    spec_id = factory.Sequence("spec-{}".format)
    task = factory.SubFactory(TaskFactory)
    spec_version = 1
    title = "整理知识库"
    created_at = WHEN


class TaskBindingFactory(DomainFactory):
    class Meta:
        model = TaskBinding

    task = factory.SubFactory(TaskFactory)
    project = factory.SubFactory(ProjectFactory)
    created_at = WHEN
