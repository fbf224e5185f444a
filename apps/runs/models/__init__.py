"""Executions of tasks: runs and their steps, changes to files, failures, and the points to recover from."""

from .changes import CommitLink, FileLock, Patch
from .failures import FailurePack, HealingAction, LearningPack
from .recovery import Checkpoint, CheckpointType, IdempotencyKey, IdempotencyStatus, WorkItem, WorkItemStatus
from .runs import Artifact, ResourceUsage, Run, RunStep, RunTape, TaskRun

__all__ = [
    "Artifact",
    "Checkpoint",
    "CheckpointType",
    "CommitLink",
    "FailurePack",
    "FileLock",
    "HealingAction",
    "IdempotencyKey",
    "IdempotencyStatus",
    "LearningPack",
    "Patch",
    "ResourceUsage",
    "Run",
    "RunStep",
    "RunTape",
    "TaskRun",
    "WorkItem",
    "WorkItemStatus",
]
