"""The knowledge base: documents, their passages, and one vector a passage."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import VectorField

from apps.core.fields import Index
from apps.core.search import SearchIndex


class KbSource(models.Model):
    """A document that the index knows."""

    source_id = models.TextField(primary_key=True)
    repo_id = models.TextField()
    path = models.TextField()
    file_hash = models.TextField()
    mtime = models.BigIntegerField(help_text="seconds since 1970, UTC")
    doc_type = models.TextField(null=True, blank=True)
    language = models.TextField(null=True, blank=True, default="markdown")
    tags = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "kb_sources"
        verbose_name = "KB source"
        constraints = [
            models.UniqueConstraint(fields=["repo_id", "path"], name="kb_sources_repo_id_path_key"),
        ]
        indexes = [
            Index(fields=["doc_type"], name="idx_kb_sources_doc_type"),
            Index(fields=["mtime"], name="idx_kb_sources_mtime"),
        ]

    def __str__(self) -> str:
        return self.path


class KbChunk(models.Model):
    """A passage of a document, cut by heading."""

    chunk_id = models.TextField(primary_key=True)
    source = models.ForeignKey(KbSource, on_delete=models.CASCADE, db_index=False)
    heading = models.TextField(null=True, blank=True)
    start_line = models.BigIntegerField()
    end_line = models.BigIntegerField()
    content = models.TextField()
    content_hash = models.TextField()
    token_count = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        db_table = "kb_chunks"
        verbose_name = "KB chunk"
        indexes = [
            SearchIndex(fields=["search"], name="idx_kb_chunks_search"),
            Index(fields=["content_hash"], name="idx_kb_chunks_hash"),
            Index(fields=["source"], name="idx_kb_chunks_source"),
        ]

    def __str__(self) -> str:
        return self.heading or self.chunk_id


class KbEmbedding(models.Model):
    """The vector of a passage, as wide as its model makes it."""

    chunk = models.OneToOneField(KbChunk, on_delete=models.CASCADE, primary_key=True)
    model = models.TextField()
    dims = models.BigIntegerField()
    vector = VectorField()
    content_hash = models.TextField()
    built_at = models.BigIntegerField(help_text="seconds since 1970, UTC")

    class Meta:
        db_table = "kb_embeddings"
        verbose_name = "KB embedding"
        indexes = [
            Index(fields=["content_hash"], name="idx_kb_embeddings_content_hash"),
            Index(fields=["model"], name="idx_kb_embeddings_model"),
        ]

    def __str__(self) -> str:
        return f"{self.chunk_id} ({self.dims})"


class KbIndexMeta(models.Model):
    """State of the index, by key."""

    key = models.TextField(primary_key=True)
    value = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "kb_index_meta"
        verbose_name = "KB index value"

    def __str__(self) -> str:
        return self.key


class KbEmbeddingMeta(models.Model):
    """State of the vectors' builds, by key."""

    key = models.TextField(primary_key=True)
    value = models.TextField()
    updated_at = models.BigIntegerField(help_text="seconds since 1970, UTC")

    class Meta:
        db_table = "kb_embedding_meta"
        verbose_name = "KB embedding value"

    def __str__(self) -> str:
        return self.key
