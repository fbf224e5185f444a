"""Projects on disk, their repositories, and the credentials to reach them."""

from .credentials import (
    AuthProfile,
    AuthProfileUsage,
    EncryptionKey,
    GitOperation,
    KeyType,
    ProfileType,
    TokenProvider,
    UsageStatus,
    ValidationStatus,
)
from .projects import Project, ProjectBackup, ProjectSnapshot, ProjectStatus
from .repositories import ProjectRepo, ProjectRepoLeftover, Repo, RepoRole

__all__ = [
    "AuthProfile",
    "AuthProfileUsage",
    "EncryptionKey",
    "GitOperation",
    "KeyType",
    "ProfileType",
    "Project",
    "ProjectBackup",
    "ProjectRepo",
    "ProjectRepoLeftover",
    "ProjectSnapshot",
    "ProjectStatus",
    "Repo",
    "RepoRole",
    "TokenProvider",
    "UsageStatus",
    "ValidationStatus",
]
