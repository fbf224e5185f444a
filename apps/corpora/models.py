"""RAG corpora: document collections of the voice assistant's users, their files and the pieces of these.

Legacy files have these tables in one of two shapes, with UUID keys or with integer keys, and with partly
different columns. The models hold both: a column that only one shape knows is nullable, and rows of the
integer shape keep their number in ``legacy_id`` beside a UUID made from it. The vectors themselves, and all
text beyond a preview, were in a vector store outside the database.
"""

import uuid

from django.db import models
from django.db.models.functions import Now

from apps.core.fields import Index


class Corpus(models.Model):
    """A user's document collection. By default all users share one ``collection_name``."""

    corpus_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legacy_id = models.BigIntegerField(
        null=True, blank=True, help_text="Key in a legacy file of the integer shape"
    )
    user = models.ForeignKey("conversations.User", on_delete=models.CASCADE, related_name="corpora")
    name = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)
    collection_name = models.CharField(max_length=255)
    meta_data = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rag_corpora"
        verbose_name_plural = "corpora"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "collection_name"], name="idx_rag_corpora_user_collection"
            ),
        ]
        indexes = [
            Index(fields=["name"], name="ix_rag_corpora_corpus_name"),
            Index(fields=["collection_name"], name="ix_rag_corpora_collection_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A file taken into a corpus.

    The key is not the document's id in the vector store: that one is ``meta_data["document_id"]``.
    ``mime_type`` mostly is a bare file suffix.
    """

    document_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legacy_id = models.BigIntegerField(
        null=True, blank=True, help_text="Key in a legacy file of the integer shape"
    )
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="documents")
    user = models.ForeignKey(
        "conversations.User", on_delete=models.CASCADE, null=True, blank=True, related_name="documents"
    )
    source_path = models.CharField(max_length=1024, null=True, blank=True)
    source_url = models.CharField(max_length=1024, null=True, blank=True)
    display_name = models.CharField(max_length=512)
    checksum = models.CharField(max_length=128, null=True, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    mime_type = models.CharField(max_length=255, null=True, blank=True)
    status = models.CharField(max_length=32, null=True, blank=True)
    ingestion_id = models.UUIDField(null=True, blank=True)
    meta_data = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # No database default: rows of the integer shape, which lacks the column, would get the import's time.
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "rag_documents"
        indexes = [
            Index(fields=["display_name"], name="idx_rag_documents_display"),
            Index(fields=["checksum"], name="ix_rag_documents_file_hash"),
            Index(fields=["user", "corpus"], name="idx_rag_documents_user_corpus"),
        ]

    def __str__(self) -> str:
        return self.display_name


class Chunk(models.Model):
    """A piece of a document and the id of its point in the vector store; pieces count from 0."""

    chunk_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legacy_id = models.BigIntegerField(
        null=True, blank=True, help_text="Key in a legacy file of the integer shape"
    )
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, null=True, blank=True, related_name="chunks")
    user = models.ForeignKey(
        "conversations.User", on_delete=models.CASCADE, null=True, blank=True, related_name="chunks"
    )
    point_id = models.CharField(max_length=255)
    chunk_index = models.IntegerField()
    text_preview = models.TextField(null=True, blank=True, help_text="The first 200 characters of the piece")
    char_count = models.BigIntegerField(null=True, blank=True)
    meta_data = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rag_chunks"
        indexes = [
            Index(fields=["chunk_index"], name="ix_rag_chunks_chunk_index"),
            Index(fields=["point_id"], name="ix_rag_chunks_point_id"),
            Index(fields=["user", "point_id"], name="idx_rag_chunks_user_point"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} #{self.chunk_index}"
