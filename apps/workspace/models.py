"""What one installation remembers of itself: schema versions, capabilities, and the commands typed."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.fields import Index


class SchemaVersion(models.Model):
    """A migration that the installation ran, of the form 0.N.0."""

    version = models.TextField(primary_key=True)
    applied_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "schema_version"

    def __str__(self) -> str:
        return self.version


class SchemaCapability(models.Model):
    """A feature that a migration switched on."""

    capability = models.TextField(primary_key=True)
    version = models.TextField()
    enabled = models.BooleanField(db_default=True)
    description = models.TextField(null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "schema_capabilities"
        verbose_name_plural = "schema capabilities"

    def __str__(self) -> str:
        return self.capability


class Command(models.Model):
    """A command that a person ran."""

    id = models.TextField(primary_key=True)
    command_id = models.TextField()
    args = models.JSONField(null=True, blank=True)
    executed_at = models.DateTimeField()
    duration_ms = models.BigIntegerField(null=True, blank=True)
    status = models.TextField()
    result_summary = models.TextField(null=True, blank=True)
    error = models.TextField(null=True, blank=True)
    task_id = models.TextField(null=True, blank=True)
    session_id = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "command_history"
        indexes = [
            Index(fields=["command_id"], name="idx_command_history_command_id"),
            Index(fields=["-executed_at"], name="idx_command_history_executed_at"),
            Index(fields=["status"], name="idx_command_history_status"),
            Index(fields=["task_id"], name="idx_command_history_task_id"),
        ]

    def __str__(self) -> str:
        return self.command_id


class PinnedCommand(models.Model):
    """A command that a person keeps at hand."""

    id = models.TextField(primary_key=True)
    history = models.ForeignKey(Command, on_delete=models.CASCADE, db_index=False)
    pinned_at = models.DateTimeField(db_default=Now())
    note = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "pinned_commands"
        indexes = [
            Index(fields=["-pinned_at"], name="idx_pinned_commands_pinned_at"),
            Index(fields=["history"], name="idx_pinned_commands_history_id"),
        ]

    def __str__(self) -> str:
        return self.note or self.history_id
