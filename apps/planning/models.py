"""What learners set out to do: plans, the tasks in them, and the sessions of work on a task."""

from django.db import models

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class PlanType(models.TextChoices):
    SPRINT = "SPRINT"
    GROWTH = "GROWTH"


class Plan(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A sprint towards an exam, or the steady growth of a skill."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=6, choices=PlanType)
    description = models.TextField(null=True, blank=True)
    target_date = models.DateField(null=True, blank=True)
    daily_available_minutes = models.IntegerField(default=60)
    total_estimated_hours = models.FloatField(null=True, blank=True)
    subject = models.CharField(max_length=100, null=True, blank=True)
    mastery_level = models.FloatField(default=0.0, help_text="0 to 1")
    progress = models.FloatField(default=0.0, help_text="0 to 1")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "plans"
        constraints = [closed_list("type", PlanType, "plans_type_check")]
        indexes = [
            Index(fields=["is_active"], name="idx_plans_is_active"),
            Index(fields=["target_date"], name="idx_plans_target_date"),
            Index(fields=["type"], name="idx_plans_type"),
        ]

    def __str__(self) -> str:
        return self.name


class TaskType(models.TextChoices):
    LEARNING = "LEARNING"
    TRAINING = "TRAINING"
    ERROR_FIX = "ERROR_FIX"
    REFLECTION = "REFLECTION"
    SOCIAL = "SOCIAL"
    PLANNING = "PLANNING"


class TaskStatus(models.TextChoices):
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"


class Task(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A card of something to learn or do, which may belong to a plan and to a concept."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True)
    title = models.CharField(max_length=255)
    type = models.CharField(max_length=10, choices=TaskType)
    tags = models.JSONField(default=list, blank=True)
    estimated_minutes = models.IntegerField()
    difficulty = models.IntegerField(default=1, help_text="1 to 5")
    energy_cost = models.IntegerField(default=1, help_text="1 to 5")
    guide_content = models.TextField(null=True, blank=True)
    status = models.CharField(max_length=11, choices=TaskStatus, default=TaskStatus.PENDING)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    actual_minutes = models.IntegerField(null=True, blank=True)
    user_note = models.TextField(null=True, blank=True)
    priority = models.IntegerField(default=0)
    due_date = models.DateField(null=True, blank=True)
    knowledge_node = models.ForeignKey(
        "knowledge.KnowledgeNode", on_delete=models.PROTECT, null=True, blank=True
    )
    auto_expand_enabled = models.BooleanField(null=True, blank=True, default=True)

    class Meta:
        db_table = "tasks"
        constraints = [
            closed_list("type", TaskType, "tasks_type_check"),
            closed_list("status", TaskStatus, "tasks_status_check"),
        ]
        indexes = [
            Index(fields=["created_at"], name="idx_tasks_created_at"),
            Index(fields=["due_date"], name="idx_tasks_due_date"),
            Index(fields=["status"], name="idx_tasks_status"),
        ]

    def __str__(self) -> str:
        return self.title


class FocusType(models.TextChoices):
    POMODORO = "POMODORO"
    STOPWATCH = "STOPWATCH"


class FocusStatus(models.TextChoices):
    COMPLETED = "COMPLETED"
    INTERRUPTED = "INTERRUPTED"


class FocusSession(UUIDModel, TimestampedModel, SoftDeleteModel):
    """One stretch of work, by pomodoro or by stopwatch."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, blank=True)
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    duration_minutes = models.IntegerField()
    focus_type = models.CharField(max_length=9, choices=FocusType, default=FocusType.POMODORO)
    status = models.CharField(max_length=11, choices=FocusStatus, default=FocusStatus.COMPLETED)
    white_noise_type = models.IntegerField(null=True, blank=True)

    class Meta:
        db_table = "focus_sessions"
        constraints = [
            closed_list("focus_type", FocusType, "focus_sessions_focus_type_check"),
            closed_list("status", FocusStatus, "focus_sessions_status_check"),
        ]
        indexes = [Index(fields=["user", "start_time"], name="idx_focus_user_time")]

    def __str__(self) -> str:
        return f"{self.duration_minutes} minutes from {self.start_time:%Y-%m-%d %H:%M}"
