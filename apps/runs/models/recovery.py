"""Units of work that can be taken up again, their checkpoints, and results kept to do nothing twice."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class WorkItemStatus(models.TextChoices):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"


class WorkItem(models.Model):
    """A resumable unit of work, held by lease."""

    work_item_id = models.TextField(primary_key=True)
    task = models.ForeignKey("agents.Task", on_delete=models.CASCADE, db_index=False)
    work_type = models.TextField()
    status = models.TextField(choices=WorkItemStatus, db_default=WorkItemStatus.PENDING)
    priority = models.BigIntegerField(null=True, blank=True, default=0)
    lease_holder = models.TextField(null=True, blank=True)
    lease_acquired_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    retry_count = models.BigIntegerField(null=True, blank=True, default=0)
    max_retries = models.BigIntegerField(null=True, blank=True, default=3)
    input_data = models.JSONField(null=True, blank=True)
    output_data = models.JSONField(null=True, blank=True)
    error_message = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "work_items"
        constraints = [
            closed_list("status", WorkItemStatus, "work_items_status_check"),
        ]
        indexes = [
            Index(
                fields=["lease_expires_at"],
                name="idx_work_items_lease_expiry",
                condition=models.Q(lease_expires_at__isnull=False, status="in_progress"),
            ),
            Index(
                fields=["lease_holder", "status"],
                name="idx_work_items_lease_holder",
                condition=models.Q(lease_holder__isnull=False),
            ),
            Index(fields=["status", "-priority", "created_at"], name="idx_work_items_status_priority"),
            Index(fields=["task", "status", "-created_at"], name="idx_work_items_task"),
        ]

    def __str__(self) -> str:
        return f"{self.work_type}: {self.status}"


class CheckpointType(models.TextChoices):
    ITERATION_START = "iteration_start"
    ITERATION_END = "iteration_end"
    TOOL_EXECUTED = "tool_executed"
    LLM_RESPONSE = "llm_response"
    APPROVAL_POINT = "approval_point"
    STATE_TRANSITION = "state_transition"
    MANUAL_CHECKPOINT = "manual_checkpoint"
    ERROR_BOUNDARY = "error_boundary"


class Checkpoint(models.Model):
    """A point from which a task can go on."""

    checkpoint_id = models.TextField(primary_key=True)
    task = models.ForeignKey("agents.Task", on_delete=models.CASCADE, db_index=False)
    work_item = models.ForeignKey(WorkItem, on_delete=models.SET_NULL, null=True, blank=True, db_index=False)
    checkpoint_type = models.TextField(choices=CheckpointType)
    sequence_number = models.BigIntegerField()
    snapshot_data = models.JSONField()
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "checkpoints"
        constraints = [
            closed_list("checkpoint_type", CheckpointType, "checkpoints_checkpoint_type_check"),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_checkpoints_created_at"),
            Index(fields=["task", "sequence_number"], name="idx_checkpoints_task_sequence"),
            Index(fields=["checkpoint_type", "-created_at"], name="idx_checkpoints_type"),
            Index(
                fields=["work_item", "sequence_number"],
                name="idx_checkpoints_work_item",
                condition=models.Q(work_item__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_type} {self.sequence_number}"


class IdempotencyStatus(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


class IdempotencyKey(models.Model):
    """A result kept so that its work is not done twice."""

    idempotency_key = models.TextField(primary_key=True)
    task = models.ForeignKey("agents.Task", on_delete=models.SET_NULL, null=True, blank=True, db_index=False)
    work_item = models.ForeignKey(WorkItem, on_delete=models.SET_NULL, null=True, blank=True, db_index=False)
    request_hash = models.TextField()
    response_data = models.JSONField(null=True, blank=True)
    status = models.TextField(choices=IdempotencyStatus, db_default=IdempotencyStatus.PENDING)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agentos_idempotency_keys"
        constraints = [
            closed_list("status", IdempotencyStatus, "agentos_idempotency_keys_status_check"),
        ]
        indexes = [
            Index(
                fields=["expires_at"],
                name="idx_idempotency_keys_expires_at",
                condition=models.Q(expires_at__isnull=False),
            ),
            Index(fields=["status", "-created_at"], name="idx_idempotency_keys_status"),
            Index(
                fields=["task", "-created_at"],
                name="idx_idempotency_keys_task",
                condition=models.Q(task__isnull=False),
            ),
            Index(
                fields=["work_item", "-created_at"],
                name="idx_idempotency_keys_work_item",
                condition=models.Q(work_item__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key
