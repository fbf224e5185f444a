"""What runs do to files: patches, the commits that carry them, and locks."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index


class Patch(models.Model):
    """A set of changes that a run made."""

    id = models.BigAutoField(primary_key=True)
    patch_id = models.TextField(unique=True)
    run = models.ForeignKey("TaskRun", on_delete=models.PROTECT, db_index=False)
    step = models.ForeignKey("RunStep", on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    intent = models.TextField()
    files = models.JSONField()
    diff_hash = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "patches"
        verbose_name_plural = "patches"
        indexes = [
            Index(fields=["run"], name="idx_patches_run_id"),
            Index(fields=["step"], name="idx_patches_step_id"),
        ]

    def __str__(self) -> str:
        return self.patch_id


class CommitLink(models.Model):
    """A commit that carries a patch."""

    id = models.BigAutoField(primary_key=True)
    patch = models.ForeignKey(Patch, on_delete=models.PROTECT, to_field="patch_id", db_index=False)
    commit_hash = models.TextField()
    commit_message = models.TextField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    repo_root = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "commit_links"
        indexes = [
            Index(fields=["patch"], name="idx_commit_links_patch"),
        ]

    def __str__(self) -> str:
        return self.commit_hash


class FileLock(models.Model):
    """A file that a running task holds; ``locked_by_run`` is a clock, though it was declared a reference."""

    id = models.BigAutoField(primary_key=True)
    repo_root = models.TextField()
    file_path = models.TextField()
    locked_by_task = models.TextField()
    locked_by_run = models.BigIntegerField(help_text="milliseconds since 1970, UTC")
    lease_id = models.BigIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "file_locks"
        constraints = [
            models.UniqueConstraint(
                fields=["repo_root", "file_path"], name="file_locks_repo_root_file_path_key"
            ),
        ]
        indexes = [
            Index(fields=["expires_at"], name="idx_file_locks_expires"),
            Index(fields=["locked_by_run"], name="idx_file_locks_run"),
        ]

    def __str__(self) -> str:
        return self.file_path
