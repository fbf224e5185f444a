"""Tasks, the root record of an agent's work: sessions they run in, templates, specifications, bindings."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list
from apps.core.rules import json_kind, not_blank


class TaskSession(models.Model):
    """A dialog in which tasks are made; several tasks of one second may share it."""

    session_id = models.TextField(primary_key=True)
    channel = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    last_activity = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "task_sessions"
        indexes = [
            Index(fields=["channel"], name="idx_task_sessions_channel"),
            Index(fields=["-created_at"], name="idx_task_sessions_created"),
        ]

    def __str__(self) -> str:
        return self.session_id


class ExitReason(models.TextChoices):
    DONE = "done"
    MAX_ITERATIONS = "max_iterations"
    BLOCKED = "blocked"
    FATAL_ERROR = "fatal_error"
    USER_CANCELLED = "user_cancelled"
    UNKNOWN = "unknown"


class Task(models.Model):
    """A piece of work for agents. Its status has known three vocabularies, and no constraint."""

    task_id = models.TextField(primary_key=True)
    session = models.ForeignKey(TaskSession, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    title = models.TextField(null=True, blank=True)
    status = models.TextField(null=True, blank=True, default="created")
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    created_by = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    route_plan_json = models.JSONField(null=True, blank=True)
    requirements_json = models.JSONField(null=True, blank=True)
    selected_instance_id = models.TextField(null=True, blank=True)
    router_version = models.TextField(null=True, blank=True)
    exit_reason = models.TextField(choices=ExitReason, null=True, blank=True)
    project_id = models.TextField(null=True, blank=True)
    repo_id = models.TextField(null=True, blank=True)
    workdir = models.TextField(null=True, blank=True)
    spec_frozen = models.BooleanField(null=True, blank=True, default=False)

    class Meta:
        db_table = "agentos_tasks"
        constraints = [
            closed_list("exit_reason", ExitReason, "agentos_tasks_exit_reason_check"),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_tasks_created"),
            Index(fields=["exit_reason"], name="idx_tasks_exit_reason"),
            Index(fields=["selected_instance_id"], name="idx_tasks_selected_instance"),
            Index(fields=["session"], name="idx_tasks_session"),
            Index(fields=["status"], name="idx_agentos_tasks_status"),
            Index(fields=["status", "exit_reason"], name="idx_tasks_status_exit_reason"),
        ]

    def __str__(self) -> str:
        return self.title or self.task_id


class TaskTemplate(models.Model):
    """Settings to make tasks from."""

    template_id = models.TextField(primary_key=True)
    name = models.CharField(max_length=100)
    description = models.TextField(null=True, blank=True)
    title_template = models.TextField()
    created_by_default = models.TextField(null=True, blank=True)
    metadata_template_json = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    created_by = models.TextField(null=True, blank=True)
    use_count = models.BigIntegerField(null=True, blank=True, default=0)

    class Meta:
        db_table = "task_templates"
        constraints = [
            not_blank("name", "task_templates_name_check"),
            not_blank("title_template", "task_templates_title_template_check"),
            json_kind("metadata_template_json", "object", "task_templates_metadata_template_json_check"),
            models.CheckConstraint(
                condition=models.Q(use_count__gte=0), name="task_templates_use_count_check"
            ),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_task_templates_created_at"),
            Index(
                fields=["created_by"],
                name="idx_task_templates_created_by",
                condition=models.Q(created_by__isnull=False),
            ),
            Index(fields=["name"], name="idx_task_templates_name"),
            Index(fields=["-use_count"], name="idx_task_templates_use_count"),
        ]

    def __str__(self) -> str:
        return self.name


class TaskSpec(models.Model):
    """One version of what a task asks for; frozen before the work starts."""

    spec_id = models.TextField(primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, db_index=False)
    spec_version = models.BigIntegerField()
    title = models.TextField()
    intent = models.TextField(null=True, blank=True)
    constraints = models.JSONField(null=True, blank=True)
    acceptance_criteria = models.JSONField(null=True, blank=True)
    inputs = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_specs"
        verbose_name = "task specification"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "spec_version"], name="task_specs_task_id_spec_version_key"
            ),
        ]
        indexes = [
            Index(fields=["task", "-spec_version"], name="idx_task_specs_task_id"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} v{self.spec_version}"


class TaskBinding(models.Model):
    """The project, repository and folder that a task is bound to."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE, primary_key=True)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, db_index=False)
    repo = models.ForeignKey(
        "projects.Repo", on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    workdir = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_bindings"
        indexes = [
            Index(fields=["project"], name="idx_task_bindings_project_id"),
            Index(fields=["repo"], name="idx_task_bindings_repo_id", condition=models.Q(repo__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} in {self.project_id}"
