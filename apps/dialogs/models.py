"""What people and agents say to each other, and what each prompt was made of."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index


class ChatSession(models.Model):
    """A conversation of the chat engine."""

    session_id = models.TextField(primary_key=True)
    title = models.TextField(null=True, blank=True)
    task = models.ForeignKey("agents.Task", on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "chat_sessions"
        indexes = [
            Index(fields=["-created_at"], name="idx_chat_sessions_created"),
            Index(fields=["task"], name="idx_chat_sessions_task"),
            Index(fields=["-updated_at"], name="idx_chat_sessions_updated"),
        ]

    def __str__(self) -> str:
        return self.title or self.session_id


class ChatMessage(models.Model):
    """A message of a conversation; within a second the key tells the order."""

    message_id = models.TextField(primary_key=True)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, db_index=False)
    role = models.TextField()
    content = models.TextField()
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "agentos_chat_messages"
        indexes = [
            Index(fields=["-created_at"], name="idx_chat_messages_created"),
            Index(fields=["role"], name="idx_chat_messages_role"),
            Index(fields=["session"], name="idx_chat_messages_session"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"


class ChatArtifact(models.Model):
    """A summary, plan, decision or the like drawn from a conversation."""

    artifact_id = models.TextField(primary_key=True)
    artifact_type = models.TextField()
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, null=True, blank=True, db_index=False)
    task = models.ForeignKey("agents.Task", on_delete=models.CASCADE, null=True, blank=True, db_index=False)
    title = models.TextField(null=True, blank=True)
    content = models.TextField()
    content_json = models.JSONField(null=True, blank=True)
    version = models.BigIntegerField(db_default=1)
    created_at = models.BigIntegerField(help_text="milliseconds since 1970, UTC")
    created_by = models.TextField(db_default="system")
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "chat_artifacts"
        indexes = [
            Index(fields=["session", "artifact_type", "-created_at"], name="idx_chat_artifacts_session_type"),
            Index(fields=["task", "artifact_type", "-created_at"], name="idx_chat_artifacts_task_type"),
            Index(fields=["artifact_type", "-created_at"], name="idx_chat_artifacts_type_created"),
        ]

    def __str__(self) -> str:
        return self.title or self.artifact_type


class ContextSnapshot(models.Model):
    """How the tokens of one prompt were spent."""

    snapshot_id = models.TextField(primary_key=True)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, db_index=False)
    created_at = models.BigIntegerField(help_text="milliseconds since 1970, UTC")
    reason = models.TextField()
    provider = models.TextField(null=True, blank=True)
    model = models.TextField(null=True, blank=True)
    budget_tokens = models.BigIntegerField()
    total_tokens_est = models.BigIntegerField()
    tokens_system = models.BigIntegerField(db_default=0)
    tokens_window = models.BigIntegerField(db_default=0)
    tokens_rag = models.BigIntegerField(db_default=0)
    tokens_memory = models.BigIntegerField(db_default=0)
    tokens_summary = models.BigIntegerField(db_default=0)
    tokens_policy = models.BigIntegerField(db_default=0)
    composition_json = models.JSONField()
    assembled_hash = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "context_snapshots"
        indexes = [
            Index(fields=["reason", "-created_at"], name="idx_context_snapshots_reason"),
            Index(fields=["session", "-created_at"], name="idx_context_snapshots_session_time"),
            Index(fields=["-total_tokens_est"], name="idx_context_snapshots_usage"),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.total_tokens_est} tokens"


class ContextSnapshotItem(models.Model):
    """One thing that went into a prompt; ``item_id`` is read by ``item_type``."""

    snapshot = models.ForeignKey(ContextSnapshot, on_delete=models.CASCADE, db_index=False)
    item_type = models.TextField()
    item_id = models.TextField()
    tokens_est = models.BigIntegerField(db_default=0)
    rank = models.BigIntegerField(db_default=0)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "context_snapshot_items"
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "item_type", "item_id"],
                name="context_snapshot_items_snapshot_id_item_type_item_id_key",
            ),
        ]
        indexes = [
            Index(fields=["item_type", "item_id"], name="idx_snapshot_items_item"),
            Index(fields=["snapshot", "item_type"], name="idx_snapshot_items_snapshot_type"),
        ]

    def __str__(self) -> str:
        return f"{self.item_type} {self.item_id}"


class WebuiSession(models.Model):
    """A conversation in the browser."""

    session_id = models.TextField(primary_key=True)
    user_id = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "webui_sessions"
        verbose_name = "browser session"
        indexes = [
            Index(fields=["user_id", "-updated_at"], name="idx_sessions_user_updated"),
        ]

    def __str__(self) -> str:
        return self.session_id


class WebuiMessage(models.Model):
    """A message of a conversation in the browser."""

    message_id = models.TextField(primary_key=True)
    session = models.ForeignKey(WebuiSession, on_delete=models.CASCADE, db_index=False)
    role = models.TextField()
    content = models.TextField()
    created_at = models.DateTimeField()
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "webui_messages"
        verbose_name = "browser message"
        indexes = [
            Index(fields=["session", "created_at"], name="idx_messages_session_created"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"
