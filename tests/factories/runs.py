"""Runs, their changes and failures, and points to recover from."""

import datetime

import factory

from apps.runs.models import (
    Artifact,
    Checkpoint,
    CheckpointType,
    CommitLink,
    FailurePack,
    FileLock,
    HealingAction,
    IdempotencyKey,
    LearningPack,
    Patch,
    ResourceUsage,
    Run,
    RunStep,
    RunTape,
    TaskRun,
    WorkItem,
)
from tests.factories import DomainFactory
from tests.factories.agents import TaskFactory
from tests.factories.projects import ProjectFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class TaskRunFactory(DomainFactory):
    class Meta:
        model = TaskRun

    task_id = "01KG3X00000000000000000000"
    project = factory.SubFactory(ProjectFactory)
    execution_mode = "full_auto"
    status = "SUCCEEDED"


class PatchFactory(DomainFactory):
    class Meta:
        model = Patch

    patch_id = factory.Sequence("p{:08x}".format)
    run = factory.SubFactory(TaskRunFactory)
    intent = "rename a function"
    files = ["a.py"]


class CommitLinkFactory(DomainFactory):
    class Meta:
        model = CommitLink

    patch = factory.SubFactory(PatchFactory)
    commit_hash = factory.Sequence("{:040x}".format)


class FileLockFactory(DomainFactory):
    class Meta:
        model = FileLock

    repo_root = "."
    file_path = factory.Sequence("a{}.py".format)
    locked_by_task = "01KG3X00000000000000000000"
    locked_by_run = 1_769_594_400_000
    expires_at = WHEN


class FailurePackFactory(DomainFactory):
    class Meta:
        model = FailurePack

    id = factory.Sequence("failure-{}".format)
    run = factory.SubFactory(TaskRunFactory)
    task_id = "01KG3X00000000000000000000"
    failure_type = "tests_failed"
    root_cause_summary = "one test fails"
    evidence_refs = []


class HealingActionFactory(DomainFactory):
    class Meta:
        model = HealingAction

    failure_pack = factory.SubFactory(FailurePackFactory)
    action_type = "retry"
    risk_level = "low"


class LearningPackFactory(DomainFactory):
    class Meta:
        model = LearningPack

    id = factory.Sequence("learning-{}".format)
    source_runs = [1, 2]
    pattern = "tests fail after a rename"


class WorkItemFactory(DomainFactory):
    class Meta:
        model = WorkItem

    work_item_id = factory.Sequence("work-{}".format)
    task = factory.SubFactory(TaskFactory)
    work_type = "apply"


class CheckpointFactory(DomainFactory):
    class Meta:
        model = Checkpoint

    checkpoint_id = factory.Sequence("ckpt-{:016x}".format)
    task = factory.SubFactory(TaskFactory)
    checkpoint_type = CheckpointType.ITERATION_START
    sequence_number = factory.Sequence(int)
    snapshot_data = {"phase": "apply"}


class IdempotencyKeyFactory(DomainFactory):
    class Meta:
        model = IdempotencyKey

    idempotency_key = factory.Sequence("request-{}".format)
    request_hash = "sha256:0"


class RunFactory(DomainFactory):
    class Meta:
        model = Run

    project = factory.SubFactory(ProjectFactory)
    type = "scan"
    status = "RUNNING"


class ArtifactFactory(DomainFactory):
    class Meta:
        model = Artifact

    run = factory.SubFactory(RunFactory)
    type = "factpack"
    path = factory.Sequence("out/facts-{}.json".format)


class RunStepFactory(DomainFactory):
    class Meta:
        model = RunStep

    run = factory.SubFactory(TaskRunFactory)
    step_type = "plan"
    status = "SUCCEEDED"


class RunTapeFactory(DomainFactory):
    class Meta:
        model = RunTape

    id = factory.Sequence("tape-{}".format)
    run = factory.SubFactory(TaskRunFactory)
    steps = []


class ResourceUsageFactory(DomainFactory):
    class Meta:
        model = ResourceUsage

    run = factory.SubFactory(TaskRunFactory)
