"""Failed runs, the repairs that were tried, and what was learned."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index


class FailurePack(models.Model):
    """The record of a failed run."""

    id = models.TextField(primary_key=True)
    run = models.ForeignKey("TaskRun", on_delete=models.PROTECT, db_index=False)
    task_id = models.TextField()
    failure_type = models.TextField()
    root_cause_summary = models.TextField()
    evidence_refs = models.JSONField()
    suggested_actions = models.JSONField(null=True, blank=True)
    retriable = models.BooleanField(null=True, blank=True, default=False)
    risk_delta = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "failure_packs"
        indexes = [
            Index(fields=["run"], name="idx_failure_packs_run_id"),
            Index(fields=["task_id"], name="idx_failure_packs_task_id"),
            Index(fields=["failure_type"], name="idx_failure_packs_type"),
        ]

    def __str__(self) -> str:
        return self.failure_type


class HealingAction(models.Model):
    """A repair that was tried after a failure; ``success`` is unknown where null."""

    id = models.BigAutoField(primary_key=True)
    failure_pack = models.ForeignKey(FailurePack, on_delete=models.PROTECT, db_index=False)
    action_type = models.TextField()
    parameters = models.JSONField(null=True, blank=True)
    risk_level = models.TextField()
    executed_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    success = models.BooleanField(null=True, blank=True)
    result_summary = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "healing_actions"
        indexes = [
            Index(fields=["failure_pack"], name="idx_healing_actions_failure"),
            Index(fields=["action_type"], name="idx_healing_actions_type"),
        ]

    def __str__(self) -> str:
        return self.action_type


class LearningPack(models.Model):
    """A lesson proposed from several runs."""

    id = models.TextField(primary_key=True)
    source_runs = models.JSONField()
    pattern = models.TextField()
    proposed_memory_items = models.JSONField(null=True, blank=True)
    proposed_policy_patch = models.JSONField(null=True, blank=True)
    confidence = models.FloatField(null=True, blank=True, default=0.0)
    verification_plan = models.TextField(null=True, blank=True)
    status = models.TextField(null=True, blank=True, default="proposed")
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "learning_packs"
        indexes = [
            Index(fields=["confidence"], name="idx_learning_packs_confidence"),
            Index(fields=["status"], name="idx_learning_packs_status"),
        ]

    def __str__(self) -> str:
        return self.pattern
