"""Versioned content for agents: the first registry with its lineage, and the table that followed it."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class ContentStatus(models.TextChoices):
    DRAFT = "draft"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    FROZEN = "frozen"


class RegisteredContent(models.Model):
    """One version of an agent, workflow or the like; the key is id and version together."""

    row_id = models.BigAutoField(primary_key=True)
    content_id = models.TextField(db_column="id")
    type = models.TextField()
    version = models.TextField()
    status = models.TextField(choices=ContentStatus, null=True, blank=True, default=ContentStatus.DRAFT)
    checksum = models.TextField()
    parent_version = models.TextField(null=True, blank=True)
    change_reason = models.TextField(null=True, blank=True)
    is_root = models.BooleanField(null=True, blank=True, default=False)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    activated_at = models.DateTimeField(null=True, blank=True)
    deprecated_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    spec = models.JSONField()

    class Meta:
        db_table = "content_registry"
        verbose_name_plural = "registered content"
        constraints = [
            models.UniqueConstraint(fields=["content_id", "version"], name="content_registry_id_version_key"),
            closed_list("status", ContentStatus, "content_registry_status_check"),
            models.CheckConstraint(
                condition=models.Q(is_root=True, parent_version__isnull=True)
                | models.Q(is_root=False, parent_version__isnull=False, change_reason__gt=""),
                name="content_registry_lineage_check",
            ),
        ]
        indexes = [
            Index(fields=["is_root", "parent_version"], name="idx_content_registry_lineage"),
            Index(fields=["parent_version"], name="idx_content_registry_parent"),
            Index(fields=["status"], name="idx_content_registry_status"),
            Index(fields=["type"], name="idx_content_registry_type"),
            Index(fields=["type", "status"], name="idx_content_registry_type_status"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.version}"


class ContentLineage(models.Model):
    """A step from one version to the next."""

    id = models.BigAutoField(primary_key=True)
    content_id = models.TextField()
    from_version = models.TextField()
    to_version = models.TextField()
    diff = models.JSONField(null=True, blank=True)
    reason = models.TextField()
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "content_lineage"
        verbose_name_plural = "content lineage"
        indexes = [
            Index(fields=["content_id", "from_version", "to_version"], name="idx_content_lineage_from_to"),
            Index(fields=["content_id"], name="idx_content_lineage_id"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id}: {self.from_version} to {self.to_version}"


class ContentEvent(models.TextChoices):
    REGISTERED = "registered"
    ACTIVATED = "activated"
    DEPRECATED = "deprecated"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    SUPERSEDED = "superseded"


class ContentAudit(models.Model):
    """An event in the life of a version."""

    id = models.BigAutoField(primary_key=True)
    event = models.TextField(choices=ContentEvent)
    content_id = models.TextField()
    version = models.TextField()
    timestamp = models.DateTimeField(null=True, blank=True, default=timezone.now)
    operator = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "content_audit_log"
        constraints = [
            closed_list("event", ContentEvent, "content_audit_log_event_check"),
        ]
        indexes = [
            Index(fields=["event"], name="idx_content_audit_event"),
            Index(fields=["content_id"], name="idx_content_audit_id"),
            Index(fields=["content_id", "version"], name="idx_content_audit_id_version"),
            Index(fields=["-timestamp"], name="idx_content_audit_timestamp"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.content_id}"


class ContentType(models.TextChoices):
    AGENT = "agent"
    WORKFLOW = "workflow"
    SKILL = "skill"
    TOOL = "tool"


class ContentItem(models.Model):
    """An agent, workflow, skill or tool in one version."""

    id = models.TextField(primary_key=True)
    content_type = models.TextField(choices=ContentType)
    name = models.TextField()
    version = models.TextField()
    status = models.TextField(choices=ContentStatus, db_default=ContentStatus.DRAFT)
    source_uri = models.TextField(null=True, blank=True)
    metadata_json = models.JSONField(null=True, blank=True)
    release_notes = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "content_items"
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "name", "version"], name="idx_content_items_type_name_version"
            ),
            closed_list("content_type", ContentType, "content_items_content_type_check"),
            closed_list("status", ContentStatus, "content_items_status_check"),
        ]
        indexes = [
            Index(fields=["status"], name="idx_content_items_status"),
            Index(fields=["content_type", "name"], name="idx_content_items_type_name"),
            Index(fields=["content_type", "status"], name="idx_content_items_type_status"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
