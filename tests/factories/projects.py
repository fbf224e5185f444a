"""Projects, repositories and credentials."""

import datetime

import factory

from apps.projects.models import (
    AuthProfile,
    AuthProfileUsage,
    EncryptionKey,
    GitOperation,
    KeyType,
    ProfileType,
    Project,
    ProjectBackup,
    ProjectRepo,
    ProjectRepoLeftover,
    ProjectSnapshot,
    Repo,
    UsageStatus,
)
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class AuthProfileFactory(DomainFactory):
    class Meta:
        model = AuthProfile

    profile_id = factory.Sequence("profile-{}".format)
    profile_name = factory.Sequence("github-{}".format)
    profile_type = ProfileType.PAT_TOKEN


class AuthProfileUsageFactory(DomainFactory):
    class Meta:
        model = AuthProfileUsage

    profile = factory.SubFactory(AuthProfileFactory)
    operation = GitOperation.CLONE
    status = UsageStatus.SUCCESS


class EncryptionKeyFactory(DomainFactory):
    class Meta:
        model = EncryptionKey

    key_id = factory.Sequence("key-{}".format)
    key_type = KeyType.MASTER
    key_encrypted = b"\x00wrapped"


class ProjectFactory(DomainFactory):
    class Meta:
        model = Project

    id = factory.Sequence("project-{}".format)


class ProjectBackupFactory(DomainFactory):
    class Meta:
        model = ProjectBackup

    id = factory.Sequence("project-{}".format)
    path = factory.LazyAttribute(lambda project: f"/srv/{project.id}")


class ProjectSnapshotFactory(DomainFactory):
    class Meta:
        model = ProjectSnapshot

    snapshot_id = factory.Sequence("snapshot-{}".format)
    project = factory.SubFactory(ProjectFactory)
    data = {"tasks": []}


class ProjectRepoFactory(DomainFactory):
    class Meta:
        model = ProjectRepo

    repo_id = factory.Sequence("repo-{}".format)
    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence("service-{}".format)
    workspace_relpath = factory.SelfAttribute("name")


class RepoFactory(DomainFactory):
    class Meta:
        model = Repo

    repo_id = factory.Sequence("repo-{}".format)
    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence("service-{}".format)
    local_path = factory.LazyAttribute(lambda repo: f"/srv/{repo.name}")
    created_at = WHEN
    updated_at = WHEN


class ProjectRepoLeftoverFactory(DomainFactory):
    class Meta:
        model = ProjectRepoLeftover
