"""Voice conversations: accounts, sessions, turns, tool calls, and the saved states of the agent.

Status and role are words that the legacy system never enforced and wrote in more than one case; they are
kept as they were written. ``meta_data`` often is the JSON word null, which is not the same as no value.
"""

import uuid

from django.db import models
from django.db.models.functions import Now

from apps.core.fields import Index


class User(models.Model):
    """A legacy account: a record to look at, never a login of this site.

    ``user_id`` is what everything refers to. ``legacy_id`` is an older key: equal to it in carried-over
    accounts, another random UUID in the others. Names and addresses are unique in exact case only.
    """

    user_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legacy_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False, db_column="id")
    username = models.CharField(max_length=255)
    email = models.CharField(max_length=255)
    hashed_password = models.CharField(max_length=255)
    full_name = models.CharField(max_length=255, null=True, blank=True)
    is_active = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    last_active = models.DateTimeField(db_default=Now())
    meta_data = models.JSONField(default=dict)

    class Meta:
        db_table = "voice_users"
        constraints = [
            models.UniqueConstraint(fields=["username"], name="voice_users_username_key"),
            models.UniqueConstraint(fields=["email"], name="voice_users_email_key"),
        ]

    def __str__(self) -> str:
        return self.username


class Session(models.Model):
    """A conversation, of a user or anonymous. Its title, if any, is the key ``title`` of ``meta_data``."""

    session_id = models.CharField(max_length=255, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    created_at = models.DateTimeField(db_default=Now())
    last_activity = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=20)
    context_summary = models.TextField(null=True, blank=True)
    meta_data = models.JSONField(default=dict)

    class Meta:
        db_table = "sessions"
        indexes = [
            Index(fields=["last_activity"], name="ix_sessions_last_activity"),
            Index(fields=["status", "last_activity"], name="idx_session_status_activity"),
            Index(fields=["user", "created_at"], name="idx_session_user_created"),
        ]

    def __str__(self) -> str:
        return self.session_id


class Message(models.Model):
    """A turn of a conversation. Turns of one moment are possible: order by ``timestamp``, then by key."""

    message_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed below by name: Django would add a second index, for LIKE, to a foreign key that is text.
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages", db_index=False)
    timestamp = models.DateTimeField(db_default=Now())
    role = models.CharField(max_length=20)
    content = models.TextField()
    meta_data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "messages"
        indexes = [
            Index(fields=["session"], name="ix_messages_session_id"),
            Index(fields=["timestamp"], name="ix_messages_timestamp"),
            Index(fields=["session", "timestamp"], name="idx_message_session_timestamp"),
            Index(fields=["role", "timestamp"], name="idx_message_role_timestamp"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"


class ToolCall(models.Model):
    """A tool run within a conversation; times in milliseconds."""

    call_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="tool_calls", db_index=False)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="tool_calls"
    )
    tool_name = models.CharField(max_length=255)
    parameters = models.JSONField()
    result = models.JSONField()
    execution_time_ms = models.BigIntegerField(null=True, blank=True)
    timestamp = models.DateTimeField(db_default=Now())
    webhook_url = models.CharField(max_length=500, null=True, blank=True)
    response_status = models.IntegerField(null=True, blank=True)
    response_time_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "tool_calls"
        indexes = [
            Index(fields=["session"], name="ix_tool_calls_session_id"),
            Index(fields=["timestamp"], name="ix_tool_calls_timestamp"),
            Index(fields=["tool_name"], name="ix_tool_calls_tool_name"),
            Index(fields=["session", "timestamp"], name="idx_toolcall_session_timestamp"),
            Index(fields=["tool_name", "timestamp"], name="idx_toolcall_name_timestamp"),
        ]

    def __str__(self) -> str:
        return self.tool_name


class Checkpoint(models.Model):
    """A saved state of the agent in one conversation thread.

    ``checkpoint_data`` is a Python pickle: bytes to keep and never to load. ``thread_id`` is a session's key
    by convention only. ``checkpoint_id`` starts with the UTC time at which the state was saved.
    """

    thread_id = models.CharField(max_length=255)
    checkpoint_id = models.CharField(max_length=255)
    checkpoint_data = models.BinaryField()
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "langgraph_checkpoints"
        verbose_name = "LangGraph checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["thread_id", "checkpoint_id"], name="langgraph_checkpoints_key"),
        ]
        indexes = [
            Index(fields=["created_at"], name="ix_langgraph_checkpoints_created_at"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.checkpoint_id}"
