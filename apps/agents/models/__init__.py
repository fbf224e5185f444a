"""Tasks that agents work on: how they are stated, what they touch, and all that happened to them."""

from .history import LogLine, TaskAgent, TaskAudit, TaskEvent, TaskEventCounter, TaskLineage
from .relations import (
    DependencyType,
    EarlierTaskDependency,
    RefType,
    RepoScope,
    TaskArtifact,
    TaskArtifactRef,
    TaskConflict,
    TaskDependency,
    TaskRepoScope,
)
from .tasks import ExitReason, Task, TaskBinding, TaskSession, TaskSpec, TaskTemplate

__all__ = [
    "DependencyType",
    "EarlierTaskDependency",
    "ExitReason",
    "LogLine",
    "RefType",
    "RepoScope",
    "Task",
    "TaskAgent",
    "TaskArtifact",
    "TaskArtifactRef",
    "TaskAudit",
    "TaskBinding",
    "TaskConflict",
    "TaskDependency",
    "TaskEvent",
    "TaskEventCounter",
    "TaskLineage",
    "TaskRepoScope",
    "TaskSession",
    "TaskSpec",
    "TaskTemplate",
]
