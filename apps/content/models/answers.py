"""Snippets of code with their notes, and packs of questions and answers."""

import uuid

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.core.fields import Index, closed_list
from apps.core.search import SearchIndex


class Snippet(models.Model):
    """A saved piece of code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.TextField(null=True, blank=True)
    language = models.TextField()
    code = models.TextField()
    tags_json = models.JSONField(null=True, blank=True)
    source_type = models.TextField(null=True, blank=True)
    source_session_id = models.TextField(null=True, blank=True)
    source_message_id = models.TextField(null=True, blank=True)
    source_model = models.TextField(null=True, blank=True)
    created_at = models.BigIntegerField(help_text="seconds since 1970, UTC")
    updated_at = models.BigIntegerField(help_text="seconds since 1970, UTC")
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        db_table = "snippets"
        indexes = [
            SearchIndex(fields=["search"], name="idx_snippets_search"),
            Index(fields=["-created_at"], name="idx_snippets_created"),
            Index(fields=["language"], name="idx_snippets_language"),
            Index(fields=["source_session_id"], name="idx_snippets_source_session"),
            Index(fields=["source_type"], name="idx_snippets_source_type"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class SnippetNote(models.Model):
    """What a snippet does and how it is used."""

    snippet = models.OneToOneField(Snippet, on_delete=models.CASCADE, primary_key=True)
    summary = models.TextField(null=True, blank=True)
    usage = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "snippet_notes"

    def __str__(self) -> str:
        return self.summary or str(self.pk)


class AnswerPackStatus(models.TextChoices):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class AnswerPack(models.Model):
    """A set of questions with their answers."""

    id = models.TextField(primary_key=True)
    name = models.TextField(unique=True)
    status = models.TextField(choices=AnswerPackStatus, db_default=AnswerPackStatus.DRAFT)
    items_json = models.JSONField()
    metadata_json = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "answer_packs"
        constraints = [
            closed_list("status", AnswerPackStatus, "answer_packs_status_check"),
        ]
        indexes = [
            Index(fields=["status"], name="idx_answer_packs_status"),
        ]

    def __str__(self) -> str:
        return self.name


class EntityType(models.TextChoices):
    TASK = "task"
    INTENT = "intent"


class AnswerPackLink(models.Model):
    """A task or intent that used a pack."""

    id = models.TextField(primary_key=True)
    pack = models.ForeignKey(AnswerPack, on_delete=models.CASCADE, db_index=False)
    entity_type = models.TextField(choices=EntityType)
    entity_id = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "answer_pack_links"
        constraints = [
            closed_list("entity_type", EntityType, "answer_pack_links_entity_type_check"),
        ]
        indexes = [
            Index(fields=["entity_type", "entity_id"], name="idx_answer_pack_links_entity"),
            Index(fields=["pack"], name="idx_answer_pack_links_pack"),
            Index(fields=["pack", "entity_type", "entity_id"], name="idx_answer_pack_links_pack_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_type} {self.entity_id}"
