"""Git repositories of projects, in the two models that lived side by side."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class RepoRole(models.TextChoices):
    CODE = "code"
    DOCS = "docs"
    INFRA = "infra"
    MONO_SUBDIR = "mono-subdir"


class ProjectRepo(models.Model):
    """A git repository bound to a project."""

    repo_id = models.TextField(primary_key=True)
    project = models.ForeignKey("Project", on_delete=models.CASCADE, db_index=False)
    name = models.TextField()
    remote_url = models.TextField(null=True, blank=True)
    default_branch = models.TextField(null=True, blank=True, default="main")
    workspace_relpath = models.TextField()
    role = models.TextField(choices=RepoRole, db_default=RepoRole.CODE)
    is_writable = models.BooleanField(db_default=True)
    auth_profile = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "project_repos"
        verbose_name = "project repository"
        verbose_name_plural = "project repositories"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "workspace_relpath"], name="project_repos_project_id_workspace_relpath_key"
            ),
            models.UniqueConstraint(fields=["project", "name"], name="project_repos_project_id_name_key"),
            closed_list("role", RepoRole, "project_repos_role_check"),
        ]
        indexes = [
            Index(fields=["project", "-created_at"], name="idx_project_repos_project"),
            Index(fields=["role"], name="idx_project_repos_role"),
            Index(
                fields=["is_writable"],
                name="idx_project_repos_writable",
                condition=models.Q(is_writable=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Repo(models.Model):
    """A repository of a project in the model that an upgrade by hand brought."""

    repo_id = models.TextField(primary_key=True)
    project = models.ForeignKey("Project", on_delete=models.CASCADE, db_index=False)
    name = models.TextField()
    local_path = models.TextField()
    vcs_type = models.TextField(null=True, blank=True, default="git")
    remote_url = models.TextField(null=True, blank=True)
    default_branch = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "repos"
        verbose_name = "repository"
        verbose_name_plural = "repositories"
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="repos_project_id_name_key"),
        ]
        indexes = [
            Index(fields=["local_path"], name="idx_repos_local_path"),
            Index(fields=["project"], name="idx_repos_project_id"),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectRepoLeftover(models.Model):
    """What an upgrade by hand left of its working copy; no key, no rule."""

    repo_id = models.TextField(null=True, blank=True)
    project_id = models.TextField(null=True, blank=True)
    name = models.TextField(null=True, blank=True)
    remote_url = models.TextField(null=True, blank=True)
    default_branch = models.TextField(null=True, blank=True)
    workspace_relpath = models.TextField(null=True, blank=True)
    role = models.TextField(null=True, blank=True)
    is_writable = models.BigIntegerField(null=True, blank=True)
    auth_profile = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "project_repos_temp"
        verbose_name = "leftover project repository"
        verbose_name_plural = "leftover project repositories"

    def __str__(self) -> str:
        return self.name or self.repo_id or str(self.pk)
