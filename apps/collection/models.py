"""Document collection: sources, what was gathered from them, and how alike the results are.

The legacy system let any text of any length stand in its text columns and enforced none of its word lists,
so these are plain text columns. Its writers disagree on how to name a source: documents and tasks keep the
word they came with (``source_ref``), and ``source`` beside it is the source that word was found to mean.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.fields import Index
from apps.core.models import TimestampedModel, UUIDModel


class DataSource(TimestampedModel):
    """A feed or site to collect from, with its running counters.

    ``name`` is what most documents and tasks refer to, yet two sources may share one. Intervals and timeouts
    are seconds. The counters are as the legacy system left them: successes alone raise ``success_count``,
    failures alone ``collection_count``.
    """

    legacy_id = models.TextField(
        null=True, blank=True, help_text="Key in the legacy file, a slug chosen by a person"
    )
    name = models.TextField()
    description = models.TextField(null=True, blank=True)
    source_type = models.TextField()
    url = models.TextField(null=True, blank=True)
    config = models.JSONField(null=True, blank=True, db_default={})
    enabled = models.BooleanField(null=True, blank=True, db_default=True)
    collection_interval = models.IntegerField(null=True, blank=True, db_default=3600)
    max_items_per_run = models.IntegerField(null=True, blank=True, db_default=100)
    retry_count = models.IntegerField(null=True, blank=True, db_default=3)
    timeout = models.IntegerField(null=True, blank=True, db_default=30)
    tags = ArrayField(models.TextField(), null=True, blank=True, db_default=[])
    category = models.TextField(null=True, blank=True)
    language = models.TextField(null=True, blank=True)
    last_collected_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    collection_count = models.BigIntegerField(null=True, blank=True, db_default=0)
    success_count = models.BigIntegerField(null=True, blank=True, db_default=0)
    error_count = models.BigIntegerField(null=True, blank=True, db_default=0)
    last_error = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "data_sources"
        constraints = [
            models.UniqueConstraint(fields=["legacy_id"], name="data_sources_legacy_id_key"),
        ]
        indexes = [
            Index(fields=["name"], name="idx_data_sources_name"),
            Index(fields=["category"], name="idx_data_sources_category"),
            Index(fields=["enabled"], name="idx_data_sources_enabled"),
            Index(fields=["last_collected_at"], name="idx_data_sources_last_collected_at"),
            Index(fields=["source_type"], name="idx_data_sources_source_type"),
        ]

    def __str__(self) -> str:
        return self.name


class RawDocument(UUIDModel, TimestampedModel):
    """An item as it was collected. The same article is stored again by each run: nothing in it is unique."""

    source_ref = models.TextField(
        db_column="source_id", help_text="Name or legacy key of a source, or the word unknown"
    )
    source = models.ForeignKey(
        DataSource,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_column="data_source_id",
        related_name="raw_documents",
    )
    source_url = models.TextField(null=True, blank=True)
    source_type = models.TextField()
    document_type = models.TextField()
    raw_content = models.TextField()
    raw_metadata = models.JSONField(null=True, blank=True, db_default={})
    collected_at = models.DateTimeField()
    collector_version = models.TextField(null=True, blank=True, db_default="0.1.0")
    processing_status = models.TextField(null=True, blank=True, db_default="pending")
    processing_error = models.TextField(null=True, blank=True)
    processing_attempts = models.IntegerField(null=True, blank=True, db_default=0)
    content_hash = models.TextField(null=True, blank=True, help_text="SHA-256 of the content, 64 hex digits")
    title = models.TextField(null=True, blank=True)
    author = models.TextField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    language = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "raw_documents"
        indexes = [
            Index(fields=["source_ref"], name="idx_raw_documents_source_id"),
            Index(fields=["collected_at"], name="idx_raw_documents_collected_at"),
            Index(fields=["content_hash"], name="idx_raw_documents_content_hash"),
            Index(fields=["processing_status"], name="idx_raw_documents_processing_status"),
            Index(fields=["published_at"], name="idx_raw_documents_published_at"),
        ]

    def __str__(self) -> str:
        return self.title or self.source_url or str(self.id)


class ProcessedDocument(UUIDModel, TimestampedModel):
    """A raw document after cleaning, extraction and the search for duplicates; several may come of one.

    ``structured_content`` may be the JSON word null, which is not the same as having no value.
    """

    raw_document = models.ForeignKey(
        RawDocument, on_delete=models.CASCADE, related_name="processed_documents"
    )
    title = models.TextField(null=True, blank=True)
    summary = models.TextField(null=True, blank=True)
    content = models.TextField(null=True, blank=True)
    structured_content = models.JSONField(null=True, blank=True, db_default={})
    extracted_metadata = models.JSONField(null=True, blank=True, db_default={})
    entities = models.JSONField(null=True, blank=True, db_default=[])
    keywords = ArrayField(models.TextField(), null=True, blank=True, db_default=[])
    categories = ArrayField(models.TextField(), null=True, blank=True, db_default=[])
    processed_at = models.DateTimeField()
    processor_version = models.TextField(null=True, blank=True, db_default="0.1.0")
    processing_time_ms = models.BigIntegerField(null=True, blank=True)
    content_hash = models.TextField(
        null=True, blank=True, help_text="SHA-256 of title, summary and content, 64 hex digits"
    )
    similarity_group_id = models.TextField(
        null=True, blank=True, help_text="Key of a duplicate group, never enforced"
    )
    similarity_score = models.FloatField(null=True, blank=True)
    is_duplicate = models.BooleanField(null=True, blank=True, db_default=False)
    quality_score = models.FloatField(null=True, blank=True)
    relevance_score = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "processed_documents"
        indexes = [
            Index(fields=["content_hash"], name="idx_processed_documents_content_hash"),
            Index(fields=["is_duplicate"], name="idx_processed_documents_is_duplicate"),
            Index(fields=["processed_at"], name="idx_processed_documents_processed_at"),
            Index(fields=["quality_score"], name="idx_processed_documents_quality_score"),
            Index(fields=["similarity_group_id"], name="idx_processed_documents_similarity_group_id"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class CollectionTask(models.Model):
    """One collection run of one source. Most tasks of the legacy system had no key at all."""

    legacy_id = models.UUIDField(
        null=True, blank=True, unique=True, help_text="Key in the legacy file, where it had one"
    )
    source_ref = models.TextField(db_column="source_id", help_text="Name or legacy key of a source")
    source = models.ForeignKey(
        DataSource,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_column="data_source_id",
        related_name="tasks",
    )
    task_type = models.TextField(null=True, blank=True, db_default="collection")
    status = models.TextField(null=True, blank=True, db_default="pending")
    priority = models.IntegerField(null=True, blank=True, db_default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    worker_id = models.TextField(null=True, blank=True)
    retry_count = models.IntegerField(null=True, blank=True, db_default=0)
    max_retries = models.IntegerField(null=True, blank=True, db_default=3)
    items_collected = models.BigIntegerField(null=True, blank=True, db_default=0)
    items_processed = models.BigIntegerField(null=True, blank=True, db_default=0)
    items_failed = models.BigIntegerField(null=True, blank=True, db_default=0)
    error_message = models.TextField(null=True, blank=True)
    error_details = models.JSONField(null=True, blank=True, db_default={})
    config = models.JSONField(null=True, blank=True, db_default={})

    class Meta:
        db_table = "collection_tasks"
        indexes = [
            Index(fields=["created_at"], name="idx_collection_tasks_created_at"),
            Index(fields=["priority"], name="idx_collection_tasks_priority"),
            Index(fields=["source_ref"], name="idx_collection_tasks_source_id"),
            Index(fields=["status"], name="idx_collection_tasks_status"),
        ]

    def __str__(self) -> str:
        return f"{self.source_ref}: {self.status}"


class SystemMetrics(UUIDModel):
    """A snapshot of counts and resource use at one moment; sizes in megabytes, times in milliseconds."""

    timestamp = models.DateTimeField()
    total_raw_documents = models.BigIntegerField(null=True, blank=True, db_default=0)
    total_processed_documents = models.BigIntegerField(null=True, blank=True, db_default=0)
    documents_last_24h = models.BigIntegerField(null=True, blank=True, db_default=0)
    total_sources = models.BigIntegerField(null=True, blank=True, db_default=0)
    active_sources = models.BigIntegerField(null=True, blank=True, db_default=0)
    failed_sources = models.BigIntegerField(null=True, blank=True, db_default=0)
    pending_tasks = models.BigIntegerField(null=True, blank=True, db_default=0)
    running_tasks = models.BigIntegerField(null=True, blank=True, db_default=0)
    completed_tasks_last_24h = models.BigIntegerField(null=True, blank=True, db_default=0)
    cpu_usage_percent = models.FloatField(null=True, blank=True)
    memory_usage_mb = models.FloatField(null=True, blank=True)
    disk_usage_mb = models.FloatField(null=True, blank=True)
    avg_processing_time_ms = models.FloatField(null=True, blank=True)
    avg_collection_time_ms = models.FloatField(null=True, blank=True)
    error_rate_last_24h = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "system_metrics"
        verbose_name_plural = "system metrics"
        indexes = [
            Index(fields=["timestamp"], name="idx_system_metrics_timestamp"),
        ]

    def __str__(self) -> str:
        return f"{self.timestamp:%Y-%m-%d %H:%M}"


class DuplicateGroup(TimestampedModel):
    """A set of processed documents judged alike, and the one that stands for them."""

    group_id = models.TextField(primary_key=True)
    representative_document = models.ForeignKey(
        ProcessedDocument, on_delete=models.PROTECT, related_name="represented_groups"
    )
    document_count = models.BigIntegerField(null=True, blank=True, db_default=0)
    similarity_threshold = models.FloatField()
    total_content_length = models.BigIntegerField(null=True, blank=True, db_default=0)
    avg_content_length = models.FloatField(null=True, blank=True, db_default=0.0)
    min_published_at = models.DateTimeField(null=True, blank=True)
    max_published_at = models.DateTimeField(null=True, blank=True)
    detection_method = models.TextField()
    detection_config = models.JSONField(null=True, blank=True, db_default={})

    class Meta:
        db_table = "duplicate_groups"

    def __str__(self) -> str:
        return self.group_id


class DuplicateGroupMember(models.Model):
    """A processed document's place in a duplicate group; a document stands in a group once."""

    # The unique constraint leads with the group; an index of its own would say the same again.
    group = models.ForeignKey(
        DuplicateGroup, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    document = models.ForeignKey(ProcessedDocument, on_delete=models.CASCADE, related_name="memberships")
    similarity_score = models.FloatField()
    added_at = models.DateTimeField()

    class Meta:
        db_table = "duplicate_group_members"
        constraints = [
            models.UniqueConstraint(fields=["group", "document"], name="duplicate_group_members_key"),
        ]
        indexes = [
            Index(fields=["similarity_score"], name="idx_duplicate_group_members_similarity_score"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.document_id}"
