"""Runs in their two models, their steps, tapes and costs."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index


class Run(models.Model):
    """A scan, generation or orchestration of a project: the oldest model of a run."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, db_index=False)
    type = models.TextField()
    status = models.TextField()
    started_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "runs"
        indexes = [
            Index(fields=["project", "status"], name="idx_runs_project_status"),
            Index(fields=["status", "lease_until"], name="idx_runs_status_lease"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Artifact(models.Model):
    """A file that a run produced."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, db_index=False)
    type = models.TextField()
    path = models.TextField()
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "artifacts"
        indexes = [
            Index(fields=["run"], name="idx_artifacts_run"),
        ]

    def __str__(self) -> str:
        return self.path


class TaskRun(models.Model):
    """An execution of a task, with lease and retries."""

    id = models.BigAutoField(primary_key=True)
    task_id = models.TextField()
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, db_index=False)
    agent_type = models.TextField(null=True, blank=True)
    execution_mode = models.TextField()
    execution_policy = models.JSONField(null=True, blank=True)
    status = models.TextField()
    started_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(null=True, blank=True)
    lease_holder = models.TextField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    retry_count = models.BigIntegerField(null=True, blank=True, default=0)
    max_retries = models.BigIntegerField(null=True, blank=True, default=3)
    triggered_by = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "task_runs"
        indexes = [
            Index(fields=["project"], name="idx_task_runs_project"),
            Index(fields=["status", "lease_until"], name="idx_task_runs_status"),
            Index(fields=["task_id"], name="idx_task_runs_task_id"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.status}"


class RunStep(models.Model):
    """A step of a task run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(TaskRun, on_delete=models.PROTECT, db_index=False)
    step_type = models.TextField()
    status = models.TextField()
    input_summary = models.JSONField(null=True, blank=True)
    output_summary = models.JSONField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "run_steps"
        indexes = [
            Index(fields=["run"], name="idx_run_steps_run_id"),
        ]

    def __str__(self) -> str:
        return f"{self.step_type}: {self.status}"


class RunTape(models.Model):
    """The recorded steps of a run, to be played again."""

    id = models.TextField(primary_key=True)
    run = models.ForeignKey(TaskRun, on_delete=models.PROTECT, db_index=False)
    steps = models.JSONField()
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "run_tapes"
        indexes = [
            Index(fields=["run"], name="idx_run_tapes_run_id"),
        ]

    def __str__(self) -> str:
        return self.id


class ResourceUsage(models.Model):
    """Tokens, money and time that a run took."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(TaskRun, on_delete=models.PROTECT, db_index=False)
    tokens_used = models.BigIntegerField(null=True, blank=True, default=0)
    cost_usd = models.FloatField(null=True, blank=True, default=0.0)
    execution_time_ms = models.BigIntegerField(null=True, blank=True, default=0)
    recorded_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "resource_usage"
        verbose_name_plural = "resource usage"
        indexes = [
            Index(fields=["run"], name="idx_resource_usage_run_id"),
        ]

    def __str__(self) -> str:
        return f"{self.tokens_used} tokens"
