"""Long-term memory of agents, its life events and its clean-up."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index
from apps.core.search import SearchIndex, search_column


class MemoryItem(models.Model):
    """A fact that prompts are built from."""

    id = models.TextField(primary_key=True)
    scope = models.TextField()
    type = models.TextField()
    content = models.JSONField()
    tags = models.JSONField(null=True, blank=True)
    sources = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    confidence = models.FloatField(null=True, blank=True, default=0.5)
    project = models.ForeignKey(
        "projects.Project", on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    use_count = models.BigIntegerField(null=True, blank=True, default=0)
    retention_type = models.TextField(null=True, blank=True, default="project")
    expires_at = models.DateTimeField(null=True, blank=True)
    auto_cleanup = models.BooleanField(null=True, blank=True, default=True)
    search = search_column("content", "tags")

    class Meta:
        db_table = "memory_items"
        indexes = [
            Index(fields=["confidence", "last_used_at"], name="idx_memory_confidence_decay"),
            Index(fields=["-created_at"], name="idx_memory_created"),
            Index(fields=["expires_at"], name="idx_memory_expires_at"),
            Index(fields=["last_used_at"], name="idx_memory_last_used"),
            Index(fields=["retention_type"], name="idx_memory_retention_type"),
            Index(fields=["scope", "project"], name="idx_memory_scope_project"),
            SearchIndex(fields=["tags"], name="idx_memory_tags"),
            Index(fields=["type"], name="idx_memory_type"),
            Index(fields=["-use_count"], name="idx_memory_use_count"),
            Index(fields=["project"], name="idx_memory_items_project_id"),
            SearchIndex(fields=["search"], name="idx_memory_items_search"),
        ]

    def __str__(self) -> str:
        return self.id


class MemoryAudit(models.Model):
    """An event in the life of a memory."""

    id = models.BigAutoField(primary_key=True)
    event = models.TextField()
    memory = models.ForeignKey(MemoryItem, on_delete=models.CASCADE, db_index=False)
    timestamp = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "memory_audit_log"
        indexes = [
            Index(fields=["event"], name="idx_memory_audit_event"),
            Index(fields=["memory"], name="idx_memory_audit_memory_id"),
            Index(fields=["-timestamp"], name="idx_memory_audit_timestamp"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.memory_id}"


class MemoryGcRun(models.Model):
    """A run of the clean-up."""

    id = models.BigAutoField(primary_key=True)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    status = models.TextField()
    memories_decayed = models.BigIntegerField(null=True, blank=True, default=0)
    memories_deleted = models.BigIntegerField(null=True, blank=True, default=0)
    memories_promoted = models.BigIntegerField(null=True, blank=True, default=0)
    error = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "memory_gc_runs"
        verbose_name = "memory clean-up"
        indexes = [
            Index(fields=["-started_at"], name="idx_memory_gc_runs_started"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.started_at}"
