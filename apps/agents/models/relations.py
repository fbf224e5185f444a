"""How tasks bear on each other, on repositories, and on what they produced."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class EarlierTaskDependency(models.Model):
    """The first model of dependencies between tasks; its tasks need not exist."""

    id = models.BigAutoField(primary_key=True)
    task_id = models.TextField()
    depends_on_task_id = models.TextField()
    dependency_type = models.TextField(null=True, blank=True, default="sequential")

    class Meta:
        db_table = "task_dependencies"
        verbose_name = "earlier task dependency"
        verbose_name_plural = "earlier task dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["task_id", "depends_on_task_id"],
                name="task_dependencies_task_id_depends_on_task_id_key",
            ),
        ]
        indexes = [
            Index(fields=["depends_on_task_id"], name="idx_task_deps_depends"),
            Index(fields=["task_id"], name="idx_task_deps_task"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} after {self.depends_on_task_id}"


class DependencyType(models.TextChoices):
    BLOCKS = "blocks"
    REQUIRES = "requires"
    SUGGESTS = "suggests"


class TaskDependency(models.Model):
    """One task that blocks, requires or suggests another."""

    dependency_id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="dependencies", db_index=False)
    depends_on_task = models.ForeignKey(
        "Task", on_delete=models.CASCADE, related_name="dependents", db_index=False
    )
    dependency_type = models.TextField(choices=DependencyType, db_default=DependencyType.BLOCKS)
    reason = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    created_by = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_dependency"
        verbose_name_plural = "task dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "depends_on_task", "dependency_type"],
                name="task_dependency_task_id_depends_on_task_id_dependency_type_key",
            ),
            closed_list("dependency_type", DependencyType, "task_dependency_dependency_type_check"),
            models.CheckConstraint(
                condition=~models.Q(task=models.F("depends_on_task")), name="task_dependency_other_check"
            ),
        ]
        indexes = [
            Index(fields=["depends_on_task"], name="idx_task_dependency_depends_on"),
            Index(fields=["depends_on_task", "task"], name="idx_task_dependency_reverse"),
            Index(fields=["task"], name="idx_task_dependency_task"),
            Index(fields=["dependency_type"], name="idx_task_dependency_type"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.dependency_type} {self.depends_on_task_id}"


class TaskConflict(models.Model):
    """Two tasks that must not run together."""

    id = models.BigAutoField(primary_key=True)
    task_id = models.TextField()
    conflicts_with_task_id = models.TextField()

    class Meta:
        db_table = "task_conflicts"
        constraints = [
            models.UniqueConstraint(
                fields=["task_id", "conflicts_with_task_id"],
                name="task_conflicts_task_id_conflicts_with_task_id_key",
            ),
        ]
        indexes = [
            Index(fields=["task_id"], name="idx_task_conflicts_task"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} or {self.conflicts_with_task_id}"


class RepoScope(models.TextChoices):
    FULL = "full"
    PATHS = "paths"
    READ_ONLY = "read_only"


class TaskRepoScope(models.Model):
    """What a task may touch in a repository."""

    scope_id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, db_index=False)
    repo = models.ForeignKey("projects.ProjectRepo", on_delete=models.CASCADE, db_index=False)
    scope = models.TextField(choices=RepoScope, db_default=RepoScope.FULL)
    path_filters = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_repo_scope"
        verbose_name = "task repository scope"
        constraints = [
            models.UniqueConstraint(fields=["task", "repo"], name="task_repo_scope_task_id_repo_id_key"),
            closed_list("scope", RepoScope, "task_repo_scope_scope_check"),
        ]
        indexes = [
            Index(fields=["repo", "-created_at"], name="idx_task_repo_scope_repo"),
            Index(fields=["scope"], name="idx_task_repo_scope_scope"),
            Index(fields=["task"], name="idx_task_repo_scope_task"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} in {self.repo_id}"


class RefType(models.TextChoices):
    COMMIT = "commit"
    BRANCH = "branch"
    PR = "pr"
    PATCH = "patch"
    FILE = "file"
    TAG = "tag"


class TaskArtifactRef(models.Model):
    """A commit, branch, file or the like that a task left in a repository."""

    artifact_id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, db_index=False)
    repo = models.ForeignKey("projects.ProjectRepo", on_delete=models.CASCADE, db_index=False)
    ref_type = models.TextField(choices=RefType)
    ref_value = models.TextField()
    summary = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_artifact_ref"
        verbose_name = "task artifact reference"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "repo", "ref_type", "ref_value"],
                name="task_artifact_ref_task_id_repo_id_ref_type_ref_value_key",
            ),
            closed_list("ref_type", RefType, "task_artifact_ref_ref_type_check"),
        ]
        indexes = [
            Index(fields=["repo", "-created_at"], name="idx_task_artifact_ref_repo"),
            Index(fields=["task"], name="idx_task_artifact_ref_task"),
            Index(fields=["task", "repo"], name="idx_task_artifact_ref_task_repo"),
            Index(fields=["ref_type"], name="idx_task_artifact_ref_type"),
            Index(fields=["ref_type", "ref_value"], name="idx_task_artifact_ref_type_value"),
        ]

    def __str__(self) -> str:
        return f"{self.ref_type} {self.ref_value}"


class TaskArtifact(models.Model):
    """A file, folder, link, log or report that a task produced."""

    artifact_id = models.TextField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, db_index=False)
    kind = models.TextField()
    path = models.TextField()
    display_name = models.TextField(null=True, blank=True)
    hash = models.TextField(null=True, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_artifacts"
        indexes = [
            Index(fields=["kind", "-created_at"], name="idx_task_artifacts_kind"),
            Index(fields=["task", "-created_at"], name="idx_task_artifacts_task_id"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.path
