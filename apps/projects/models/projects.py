"""Projects, what they were before an upgrade by hand, and their snapshots."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list
from apps.core.rules import json_kind


class ProjectStatus(models.TextChoices):
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


class ProjectFields(models.Model):
    """What a project is, in the table of today and in the one that an upgrade by hand put aside."""

    id = models.TextField(primary_key=True)
    path = models.TextField(null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    name = models.TextField(db_default="")
    description = models.TextField(null=True, blank=True)
    status = models.TextField(choices=ProjectStatus, null=True, blank=True, default=ProjectStatus.ACTIVE)
    tags = models.JSONField(null=True, blank=True)
    default_repo_id = models.TextField(null=True, blank=True)
    default_workdir = models.TextField(null=True, blank=True)
    settings = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    created_by = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or self.id


class Project(ProjectFields):
    """A folder on disk with its settings. Of files upgraded by hand neither path nor status is known here."""

    class Meta:
        db_table = "projects"
        constraints = [
            closed_list("status", ProjectStatus, "projects_status_check"),
            json_kind("tags", "array", "projects_tags_check"),
            json_kind("settings", "object", "projects_settings_check"),
            json_kind("metadata", "object", "projects_metadata_check"),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_projects_created_at"),
            Index(
                fields=["default_repo_id"],
                name="idx_projects_default_repo",
                condition=models.Q(default_repo_id__isnull=False),
            ),
            Index(fields=["name"], name="idx_projects_name"),
            Index(fields=["status"], name="idx_projects_status"),
            Index(fields=["status", "-created_at"], name="idx_projects_status_created"),
            Index(fields=["-updated_at"], name="idx_projects_updated_at"),
        ]


class ProjectBackup(ProjectFields):
    """A project as it was before the upgrade by hand: path, status and settings are only here."""

    path = models.TextField()

    class Meta:
        db_table = "projects_backup_v30"
        constraints = [
            closed_list("status", ProjectStatus, "projects_backup_v30_status_check"),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_projects_backup_v30_created_at"),
            Index(
                fields=["default_repo_id"],
                name="idx_projects_backup_v30_default_repo",
                condition=models.Q(default_repo_id__isnull=False),
            ),
            Index(fields=["name"], name="idx_projects_backup_v30_name"),
            Index(fields=["status"], name="idx_projects_backup_v30_status"),
            Index(fields=["status", "-created_at"], name="idx_projects_backup_v30_status_created"),
            Index(fields=["-updated_at"], name="idx_projects_backup_v30_updated_at"),
        ]


class ProjectSnapshot(models.Model):
    """A frozen export of a project."""

    snapshot_id = models.TextField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    data = models.JSONField()
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "project_snapshots"
        indexes = [
            Index(fields=["-created_at"], name="idx_project_snapshots_created_at"),
            Index(fields=["project", "-created_at"], name="idx_project_snapshots_project"),
        ]

    def __str__(self) -> str:
        return self.snapshot_id
