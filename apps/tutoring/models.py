"""Conversations with the assistant, and what the agents behind it spent in time and tokens."""

import uuid

from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class MessageRole(models.TextChoices):
    USER = "USER"
    ASSISTANT = "ASSISTANT"
    SYSTEM = "SYSTEM"


class ChatMessage(UUIDModel, TimestampedModel, SoftDeleteModel):
    """One turn of a conversation: those of one ``session_id``, which has no table of its own."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    session_id = models.UUIDField(default=uuid.uuid4)
    message_id = models.CharField(max_length=36, null=True, blank=True)
    role = models.CharField(max_length=9, choices=MessageRole)
    content = models.TextField()
    actions = models.JSONField(null=True, blank=True)
    parse_degraded = models.BooleanField(null=True, blank=True, default=False)
    tokens_used = models.IntegerField(null=True, blank=True)
    model_name = models.CharField(max_length=100, null=True, blank=True)

    class Meta:
        db_table = "chat_messages"
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="chat_messages_message_id_key"),
            closed_list("role", MessageRole, "chat_messages_role_check"),
        ]
        indexes = [
            Index(fields=["session_id", "-created_at"], name="idx_chat_messages_session_created"),
            Index(fields=["session_id"], name="idx_chat_session_id"),
            Index(fields=["created_at"], name="idx_chat_created_at"),
            Index(fields=["role"], name="idx_chat_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"


class AgentExecutionStat(models.Model):
    """One run of an agent: who, which tool, how long, with what end.

    ``user_id`` is a bare number that no learner has: the legacy system knew its learners by UUID.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.IntegerField()
    session_id = models.CharField(max_length=255)
    request_id = models.CharField(max_length=255)
    agent_type = models.CharField(max_length=50)
    agent_name = models.CharField(max_length=100, null=True, blank=True)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.IntegerField(null=True, blank=True, help_text="milliseconds")
    status = models.CharField(max_length=20)
    tool_name = models.CharField(max_length=100, null=True, blank=True)
    operation = models.CharField(max_length=255, null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True, default=dict)
    error_message = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        db_table = "agent_execution_stats"
        indexes = [
            Index(fields=["agent_type"], name="ix_agent_execution_stats_agent_type"),
            Index(fields=["created_at"], name="ix_agent_execution_stats_created_at"),
            Index(fields=["session_id"], name="ix_agent_execution_stats_session_id"),
            Index(fields=["user_id"], name="ix_agent_execution_stats_user_id"),
            Index(fields=["user_id", "agent_type"], name="ix_agent_stats_user_agent_type"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_type} run, {self.status}"


class AgentStatsSummary(models.Model):
    """The agents' runs by user and agent, summed up in a materialized view; see ``refresh``."""

    id = models.TextField(primary_key=True)
    user_id = models.IntegerField(null=True)
    agent_type = models.CharField(max_length=50, null=True)
    execution_count = models.BigIntegerField(null=True)
    avg_duration_ms = models.DecimalField(
        max_digits=20, decimal_places=4, null=True, help_text="milliseconds"
    )
    max_duration_ms = models.IntegerField(null=True, help_text="milliseconds")
    min_duration_ms = models.IntegerField(null=True, help_text="milliseconds")
    success_count = models.BigIntegerField(null=True)
    failure_count = models.BigIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "agent_stats_summary"
        verbose_name_plural = "agent stats summaries"

    def __str__(self) -> str:
        return f"{self.execution_count} {self.agent_type} runs of user {self.user_id}"

    @classmethod
    def refresh(cls) -> None:
        """Sum up again, without locking readers out; PostgreSQL does not do so by itself."""
        with connection.cursor() as cursor:
            cursor.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY agent_stats_summary")


class TokenUsage(UUIDModel, TimestampedModel, SoftDeleteModel):
    """The tokens and estimated cost of one request to a language model, made known some time later."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    session_id = models.CharField(max_length=100)
    request_id = models.CharField(max_length=100)
    prompt_tokens = models.IntegerField(default=0)
    completion_tokens = models.IntegerField(default=0)
    total_tokens = models.IntegerField(default=0)
    model = models.CharField(max_length=100, default="gpt-4")
    cost = models.FloatField(null=True, blank=True, help_text="US dollars")

    class Meta:
        db_table = "token_usage"
        verbose_name_plural = "token usage"
        constraints = [models.UniqueConstraint(fields=["request_id"], name="token_usage_request_id_key")]
        indexes = [
            Index(fields=["created_at"], name="idx_token_usage_created_at"),
            Index(fields=["session_id"], name="idx_token_usage_session_id"),
        ]

    def __str__(self) -> str:
        return f"{self.total_tokens} tokens of {self.model}"
