"""Groups of learners, their members and their shared pool of tasks."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class GroupType(models.TextChoices):
    SQUAD = "SQUAD"
    SPRINT = "SPRINT"
    OFFICIAL = "OFFICIAL"


class Group(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A study squad, a sprint towards a deadline, or an official course."""

    name = models.CharField(max_length=100)
    description = models.TextField(null=True, blank=True)
    avatar_url = models.CharField(max_length=500, null=True, blank=True)
    type = models.CharField(max_length=8, choices=GroupType)
    focus_tags = models.JSONField(default=list, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    sprint_goal = models.TextField(null=True, blank=True)
    max_members = models.IntegerField(default=50)
    is_public = models.BooleanField(default=True)
    join_requires_approval = models.BooleanField(default=False)
    total_flame_power = models.IntegerField(default=0)
    today_checkin_count = models.IntegerField(default=0)
    total_tasks_completed = models.IntegerField(default=0)

    class Meta:
        db_table = "groups"
        constraints = [closed_list("type", GroupType, "groups_type_check")]
        indexes = [
            Index(fields=["is_public"], name="idx_group_public"),
            Index(fields=["type"], name="idx_group_type"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupRole(models.TextChoices):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MEMBER = "MEMBER"


class GroupMember(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A learner's place in a group: role, flame and check-ins."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    role = models.CharField(max_length=6, choices=GroupRole, default=GroupRole.MEMBER)
    is_muted = models.BooleanField(default=False)
    notifications_enabled = models.BooleanField(default=True)
    flame_contribution = models.IntegerField(default=0)
    tasks_completed = models.IntegerField(default=0)
    checkin_streak = models.IntegerField(default=0, help_text="days")
    last_checkin_date = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    last_active_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "group_members"
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="uq_group_member"),
            closed_list("role", GroupRole, "group_members_role_check"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.role} of {self.group_id}"


class GroupTask(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A task in a group's pool, which any member may claim."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    created_by = models.ForeignKey("learners.User", on_delete=models.PROTECT, db_column="created_by")
    title = models.CharField(max_length=200)
    description = models.TextField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    estimated_minutes = models.IntegerField(default=10)
    difficulty = models.IntegerField(default=1)
    total_claims = models.IntegerField(default=0)
    total_completions = models.IntegerField(default=0)
    due_date = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "group_tasks"

    def __str__(self) -> str:
        return self.title


class GroupTaskClaim(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A member's claim on a group's task, with the personal copy that came of it."""

    group_task = models.ForeignKey(GroupTask, on_delete=models.CASCADE)
    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    personal_task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    is_completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "group_task_claims"
        constraints = [models.UniqueConstraint(fields=["group_task", "user"], name="uq_task_claim")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.group_task_id}"
