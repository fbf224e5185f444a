import pytest
from django.db import IntegrityError, transaction

from apps.projects.models import AuthProfileUsage, ProjectRepo
from tests.factories.projects import (
    AuthProfileFactory,
    AuthProfileUsageFactory,
    EncryptionKeyFactory,
    ProjectBackupFactory,
    ProjectFactory,
    ProjectRepoFactory,
    ProjectRepoLeftoverFactory,
    ProjectSnapshotFactory,
)

pytestmark = pytest.mark.django_db


def test_a_project_and_its_backup_share_a_key():
    project = ProjectFactory(path=None)
    assert ProjectBackupFactory(id=project.pk).pk == project.pk


def test_many_projects_have_no_name_and_are_called_by_their_key():
    first, second = ProjectFactory(id="a"), ProjectFactory(id="b")
    first.refresh_from_db()
    assert (first.name, str(first), str(second)) == ("", "a", "b")


@pytest.mark.parametrize("factory", [ProjectFactory, ProjectBackupFactory])
def test_a_status_is_one_of_three(factory):
    factory(status=None)
    with pytest.raises(IntegrityError, match="status_check"), transaction.atomic():
        factory(status="lost")


@pytest.mark.parametrize("same", ["name", "workspace_relpath"])
def test_names_and_folders_of_repositories_differ_within_a_project(same: str):
    repo = ProjectRepoFactory()
    ProjectRepoFactory(**{same: getattr(repo, same)})
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectRepoFactory(project=repo.project, **{same: getattr(repo, same)})


def test_a_repository_is_writable_code_unless_said_otherwise():
    repo = ProjectRepoFactory()
    repo.refresh_from_db()
    assert (repo.role, repo.is_writable, repo.default_branch) == ("code", True, "main")
    assert ProjectRepoFactory(role="mono-subdir").role == "mono-subdir"


def test_repositories_and_snapshots_go_with_their_project():
    snapshot = ProjectSnapshotFactory()
    ProjectRepoFactory(project=snapshot.project)
    snapshot.project.delete()
    assert not ProjectRepo.objects.exists()


def test_a_leftover_may_lack_everything():
    leftover = ProjectRepoLeftoverFactory()
    assert str(leftover) == str(leftover.pk)


def test_the_uses_of_a_credential_go_with_it():
    usage = AuthProfileUsageFactory()
    usage.profile.delete()
    assert not AuthProfileUsage.objects.exists()


def test_two_credentials_do_not_share_a_name():
    AuthProfileFactory(profile_name="gh")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthProfileFactory(profile_name="gh")


def test_a_wrapped_key_is_bytes():
    key = EncryptionKeyFactory(key_encrypted=b"\x00\xff")
    key.refresh_from_db()
    assert (bytes(key.key_encrypted), key.algorithm) == (b"\x00\xff", "AES-256-GCM")
