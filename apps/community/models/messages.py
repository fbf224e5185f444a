"""What learners write to one another, in groups and between two friends."""

from django.db import models

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class MessageType(models.TextChoices):
    """Plain text, a thing shared, or an event; all but text keep their content in ``content_data``."""

    TEXT = "TEXT"
    TASK_SHARE = "TASK_SHARE"
    PLAN_SHARE = "PLAN_SHARE"
    FRAGMENT_SHARE = "FRAGMENT_SHARE"
    PROGRESS = "PROGRESS"
    ACHIEVEMENT = "ACHIEVEMENT"
    CHECKIN = "CHECKIN"
    SYSTEM = "SYSTEM"


class Message(UUIDModel, TimestampedModel, SoftDeleteModel):
    """What a message is, whoever it goes to; it may answer another of its kind."""

    message_type = models.CharField(max_length=14, choices=MessageType, default=MessageType.TEXT)
    content = models.TextField(null=True, blank=True)
    content_data = models.JSONField(null=True, blank=True)
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.message_type}: {(self.content or '')[:60]}"


class GroupMessage(Message):
    """A message to a whole group; the system's own have no sender."""

    group = models.ForeignKey("community.Group", on_delete=models.CASCADE)
    sender = models.ForeignKey("learners.User", on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        db_table = "group_messages"
        constraints = [closed_list("message_type", MessageType, "group_messages_message_type_check")]
        indexes = [Index(fields=["group", "created_at"], name="idx_message_group_time")]


class PrivateMessage(Message):
    """A message from one learner to another."""

    sender = models.ForeignKey("learners.User", on_delete=models.PROTECT, related_name="sent_messages")
    receiver = models.ForeignKey("learners.User", on_delete=models.PROTECT, related_name="received_messages")
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "private_messages"
        constraints = [closed_list("message_type", MessageType, "private_messages_message_type_check")]
        indexes = [
            Index(fields=["sender", "receiver", "created_at"], name="idx_private_message_conversation"),
            Index(fields=["receiver", "is_read"], name="idx_private_message_receiver_unread"),
        ]
