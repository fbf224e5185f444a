"""Friendships, and the plans, tasks and fragments that learners let others see."""

from django.db import models

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class FriendshipStatus(models.TextChoices):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    BLOCKED = "BLOCKED"


class Friendship(UUIDModel, TimestampedModel, SoftDeleteModel):
    """Two learners, the smaller id first, how they stand and who asked."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT, related_name="friendships")
    friend = models.ForeignKey(
        "learners.User", on_delete=models.PROTECT, related_name="friendships_as_friend"
    )
    status = models.CharField(max_length=8, choices=FriendshipStatus, default=FriendshipStatus.PENDING)
    initiated_by = models.ForeignKey(
        "learners.User",
        on_delete=models.PROTECT,
        db_column="initiated_by",
        related_name="initiated_friendships",
    )
    match_reason = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "friendships"
        constraints = [
            models.UniqueConstraint(fields=["user", "friend"], name="uq_friendship"),
            closed_list("status", FriendshipStatus, "friendships_status_check"),
        ]
        indexes = [Index(fields=["status"], name="idx_friendship_status")]

    def __str__(self) -> str:
        return f"{self.user_id} and {self.friend_id}, {self.status}"


class SharedResource(UUIDModel, TimestampedModel, SoftDeleteModel):
    """One plan, task or fragment that a learner shares with a group or with a friend."""

    group = models.ForeignKey("community.Group", on_delete=models.CASCADE, null=True, blank=True)
    target_user = models.ForeignKey(
        "learners.User", on_delete=models.PROTECT, null=True, blank=True, related_name="resources_received"
    )
    shared_by = models.ForeignKey(
        "learners.User", on_delete=models.PROTECT, db_column="shared_by", related_name="resources_shared"
    )
    plan = models.ForeignKey("planning.Plan", on_delete=models.PROTECT, null=True, blank=True)
    task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    cognitive_fragment = models.ForeignKey(
        "knowledge.CognitiveFragment", on_delete=models.PROTECT, null=True, blank=True
    )
    permission = models.CharField(max_length=20, default="view")
    comment = models.TextField(null=True, blank=True)
    view_count = models.IntegerField(null=True, blank=True, default=0)
    save_count = models.IntegerField(null=True, blank=True, default=0)

    class Meta:
        db_table = "shared_resources"

    def __str__(self) -> str:
        return f"shared by {self.shared_by_id}, to {self.permission}"
