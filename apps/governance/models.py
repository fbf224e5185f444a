"""Who watches the agents: supervisor, lead, guardians, and the policies that runs follow."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class SupervisorEvent(models.Model):
    """An event that waits for the supervisor, known by its id so that it comes only once."""

    event_id = models.TextField(primary_key=True)
    task = models.ForeignKey("agents.Task", on_delete=models.PROTECT, db_index=False)
    event_type = models.TextField()
    source = models.TextField()
    payload = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    status = models.TextField(null=True, blank=True, default="pending")
    error_message = models.TextField(null=True, blank=True)
    retry_count = models.BigIntegerField(null=True, blank=True, default=0)

    class Meta:
        db_table = "supervisor_inbox"
        indexes = [
            Index(
                fields=["status", "received_at"],
                name="idx_supervisor_inbox_pending",
                condition=models.Q(status="pending"),
            ),
            Index(fields=["-processed_at"], name="idx_supervisor_inbox_processed"),
            Index(fields=["-received_at"], name="idx_supervisor_inbox_received"),
            Index(fields=["status"], name="idx_supervisor_inbox_status"),
            Index(fields=["task"], name="idx_supervisor_inbox_task"),
            Index(fields=["task", "event_id"], name="idx_supervisor_inbox_task_event"),
        ]

    def __str__(self) -> str:
        return self.event_type


class SupervisorCheckpoint(models.Model):
    """How far the supervisor has read a table; ``last_seen_id`` is an audit's key there."""

    checkpoint_id = models.BigAutoField(primary_key=True)
    source_table = models.TextField()  # unique within each source, which the importer keeps
    last_seen_id = models.BigIntegerField()
    last_seen_ts = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "supervisor_checkpoint"
        indexes = [
            Index(fields=["-updated_at"], name="idx_supervisor_checkpoint_updated"),
        ]

    def __str__(self) -> str:
        return self.source_table


class LeadFinding(models.Model):
    """A risk that the lead found, known by its fingerprint."""

    fingerprint = models.TextField(primary_key=True)
    code = models.TextField()
    severity = models.TextField()
    title = models.TextField()
    description = models.TextField(null=True, blank=True)
    window_kind = models.TextField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.BigIntegerField(null=True, blank=True, default=1)
    evidence_json = models.JSONField(null=True, blank=True)
    linked_task_id = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "lead_findings"
        indexes = [
            Index(fields=["code"], name="idx_lead_findings_code"),
            Index(fields=["-last_seen_at"], name="idx_lead_findings_last_seen"),
            Index(fields=["severity"], name="idx_lead_findings_severity"),
            Index(fields=["severity", "-last_seen_at"], name="idx_lead_findings_severity_time"),
            Index(fields=["window_kind"], name="idx_lead_findings_window"),
        ]

    def __str__(self) -> str:
        return self.title


class GuardianAssignment(models.Model):
    """Which guardian must check which task."""

    assignment_id = models.TextField(primary_key=True)
    task = models.ForeignKey("agents.Task", on_delete=models.PROTECT, db_index=False)
    guardian_code = models.TextField()
    created_at = models.DateTimeField()
    reason_json = models.JSONField()
    status = models.TextField(db_default="ASSIGNED")

    class Meta:
        db_table = "guardian_assignments"
        indexes = [
            Index(fields=["guardian_code", "-created_at"], name="idx_guardian_assignments_guardian"),
            Index(fields=["status", "-created_at"], name="idx_guardian_assignments_status"),
            Index(fields=["task", "-created_at"], name="idx_guardian_assignments_task"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_code} for {self.task_id}"


class GuardianVerdict(models.Model):
    """What a guardian's check came to; never changed."""

    verdict_id = models.TextField(primary_key=True)
    assignment = models.ForeignKey(GuardianAssignment, on_delete=models.PROTECT, db_index=False)
    task = models.ForeignKey("agents.Task", on_delete=models.PROTECT, db_index=False)
    guardian_code = models.TextField()
    status = models.TextField()
    created_at = models.DateTimeField()
    verdict_json = models.JSONField()

    class Meta:
        db_table = "guardian_verdicts"
        indexes = [
            Index(fields=["assignment", "-created_at"], name="idx_guardian_verdicts_assignment"),
            Index(fields=["guardian_code", "-created_at"], name="idx_guardian_verdicts_guardian"),
            Index(fields=["status", "-created_at"], name="idx_guardian_verdicts_status"),
            Index(fields=["task", "-created_at"], name="idx_guardian_verdicts_task"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_code}: {self.status}"


class TargetType(models.TextChoices):
    TASK = "task"
    DECISION = "decision"
    FINDING = "finding"


class ReviewType(models.TextChoices):
    AUTO = "AUTO"
    MANUAL = "MANUAL"


class Verdict(models.TextChoices):
    PASS = "PASS"  # noqa: S105  a verdict
    FAIL = "FAIL"
    NEEDS_REVIEW = "NEEDS_REVIEW"


class GuardianReview(models.Model):
    """A review of a task, a decision or a finding, which ``target_type`` tells."""

    review_id = models.TextField(primary_key=True)
    target_type = models.TextField(choices=TargetType)
    target_id = models.TextField()
    guardian_id = models.TextField()
    review_type = models.TextField(choices=ReviewType)
    verdict = models.TextField(choices=Verdict)
    confidence = models.FloatField()
    rule_snapshot_id = models.TextField(null=True, blank=True)
    evidence = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "guardian_reviews"
        constraints = [
            closed_list("target_type", TargetType, "guardian_reviews_target_type_check"),
            closed_list("review_type", ReviewType, "guardian_reviews_review_type_check"),
            closed_list("verdict", Verdict, "guardian_reviews_verdict_check"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1),
                name="guardian_reviews_confidence_check",
            ),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_guardian_reviews_created_at"),
            Index(fields=["guardian_id", "-created_at"], name="idx_guardian_reviews_guardian"),
            Index(
                fields=["rule_snapshot_id", "-created_at"],
                name="idx_guardian_reviews_rule_snapshot",
                condition=models.Q(rule_snapshot_id__isnull=False),
            ),
            Index(fields=["target_type", "target_id", "-created_at"], name="idx_guardian_reviews_target"),
            Index(fields=["target_type", "verdict", "-created_at"], name="idx_guardian_reviews_type_verdict"),
            Index(fields=["verdict", "-created_at"], name="idx_guardian_reviews_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.target_type} {self.target_id}: {self.verdict}"


class PolicyLineage(models.Model):
    """A version of an execution policy, and where it came from."""

    policy_id = models.TextField(primary_key=True)
    parent_policy = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    source_learning_pack = models.ForeignKey(
        "runs.LearningPack", on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    diff = models.JSONField()
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_until = models.DateTimeField(null=True, blank=True)
    rollback_conditions = models.JSONField(null=True, blank=True)
    status = models.TextField(null=True, blank=True, default="canary")
    applied_to = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "policy_lineage"
        verbose_name_plural = "policy lineage"
        indexes = [
            Index(fields=["parent_policy"], name="idx_policy_lineage_parent"),
            Index(fields=["status"], name="idx_policy_lineage_status"),
            Index(fields=["source_learning_pack"], name="idx_policy_lineage_source_learning_pack_id"),
        ]

    def __str__(self) -> str:
        return self.policy_id
