"""The machinery behind the learning app: domain events, projections made of them, jobs, stored responses."""

from django.db import models
from django.db.models.functions import Now

from apps.core.fields import Index
from apps.core.models import DatabaseUUIDModel, SoftDeleteModel, TimestampedModel, UUIDModel


class DomainEvent(DatabaseUUIDModel):
    """Something that happened to one aggregate, at its place in that aggregate's sequence."""

    aggregate_type = models.CharField(max_length=100)
    aggregate_id = models.UUIDField()
    event_type = models.CharField(max_length=100)
    sequence_number = models.BigIntegerField()
    payload = models.JSONField()
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.event_type} of {self.aggregate_type} {self.aggregate_id}"


class OutboxEvent(DomainEvent):
    """An event that waits to be published, written in the transaction that caused it."""

    event_version = models.IntegerField(db_default=1)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "event_outbox"
        indexes = [
            Index(
                fields=["created_at"],
                condition=models.Q(published_at__isnull=True),
                name="idx_outbox_unpublished",
            ),
            Index(fields=["aggregate_type", "aggregate_id", "sequence_number"], name="idx_outbox_aggregate"),
        ]


class StoredEvent(DomainEvent):
    """An event of the append-only history."""

    event_version = models.IntegerField()

    class Meta:
        db_table = "event_store"
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_type", "aggregate_id", "sequence_number"], name="unique_event"
            )
        ]
        indexes = [Index(fields=["event_type", "created_at"], name="idx_event_store_type")]


class ProcessedEvent(models.Model):
    """The mark that a consumer group has handled an event; an event has room for one mark only."""

    event_id = models.CharField(primary_key=True, max_length=100)
    consumer_group = models.CharField(max_length=100)
    processed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "processed_events"
        indexes = [
            Index(fields=["processed_at"], name="idx_processed_events_cleanup"),
            Index(fields=["consumer_group", "processed_at"], name="idx_processed_events_group"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} by {self.consumer_group}"


class Projection(models.Model):
    """Where a read model stands in the stream of events, and how it fares."""

    projection_name = models.CharField(primary_key=True, max_length=100)
    last_processed_position = models.CharField(max_length=100, null=True, blank=True)
    last_processed_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(db_default=1)
    # Rows that relied on the legacy default hold the word within single quotes.
    status = models.CharField(max_length=20, db_default="active")
    error_message = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "projection_metadata"

    def __str__(self) -> str:
        return self.projection_name


class ProjectionSnapshot(DatabaseUUIDModel):
    """A read model's saved state, from which it recovers quickly."""

    projection_name = models.CharField(max_length=100)
    aggregate_id = models.UUIDField(null=True, blank=True)
    snapshot_data = models.JSONField()
    stream_position = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "projection_snapshots"
        constraints = [
            models.UniqueConstraint(fields=["projection_name", "aggregate_id"], name="unique_snapshot")
        ]
        indexes = [Index(fields=["projection_name", "created_at"], name="idx_snapshots_projection")]

    def __str__(self) -> str:
        return f"{self.projection_name} at {self.stream_position}"


class Job(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A piece of background work with its parameters, progress and result."""

    user = models.ForeignKey("learners.User", on_delete=models.CASCADE)
    type = models.CharField(max_length=50)
    status = models.CharField(max_length=20, default="pending")
    params = models.JSONField(null=True, blank=True, default=dict)
    result = models.JSONField(null=True, blank=True)
    error_message = models.TextField(null=True, blank=True)
    progress = models.IntegerField(null=True, blank=True, default=0, help_text="0 to 100")
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    timeout_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "jobs"
        indexes = [
            Index(fields=["status"], name="idx_jobs_status"),
            Index(
                fields=["status", "timeout_at"],
                condition=models.Q(status="running"),
                name="idx_jobs_status_timeout",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type}, {self.status}"


class IdempotencyKey(models.Model):
    """A whole response of the app's interface, kept under the key that the client gave with its request."""

    key = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey("learners.User", on_delete=models.CASCADE)
    response = models.JSONField()
    created_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_keys"
        indexes = [Index(fields=["expires_at"], name="idx_idempotency_expires")]

    def __str__(self) -> str:
        return self.key
