"""Practice material: the words a learner collects, the dictionary behind them, and mistakes to learn from."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class ErrorRecord(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A mistake: what was got wrong, how often, and whether it is settled."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    subject = models.ForeignKey("knowledge.Subject", on_delete=models.PROTECT, null=True, blank=True)
    # The legacy table has a reference subject_id and, beside it, a free text called subject.
    subject_name = models.CharField(max_length=100, db_column="subject")
    topic = models.CharField(max_length=255)
    error_type = models.CharField(max_length=100)
    description = models.TextField()
    correct_approach = models.TextField(null=True, blank=True)
    image_urls = models.JSONField(null=True, blank=True, default=list)
    frequency = models.IntegerField(default=1)
    last_occurred_at = models.DateTimeField()
    is_resolved = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "error_records"
        indexes = [
            Index(fields=["subject_name", "topic"], name="idx_error_subject_topic"),
            Index(fields=["subject_name"], name="idx_error_subject"),
            Index(fields=["topic"], name="idx_error_topic"),
            Index(fields=["is_resolved"], name="idx_error_is_resolved"),
            Index(fields=["last_occurred_at"], name="idx_error_last_occurred"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.topic}"


class DictionaryEntry(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A word of the system's own dictionary, with its meanings."""

    word = models.CharField(max_length=100)
    phonetic = models.CharField(max_length=100, null=True, blank=True)
    pos = models.CharField(max_length=50, null=True, blank=True, verbose_name="part of speech")
    definitions = models.JSONField()
    examples = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=50, null=True, blank=True)

    class Meta:
        db_table = "dictionary_entries"
        verbose_name_plural = "dictionary entries"
        constraints = [models.UniqueConstraint(fields=["word"], name="ix_dictionary_entries_word")]

    def __str__(self) -> str:
        return self.word


class WordBook(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A word that a learner saved, with the state of its spaced repetition."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    word = models.CharField(max_length=100)
    phonetic = models.CharField(max_length=100, null=True, blank=True)
    definition = models.TextField()
    mastery_level = models.IntegerField(null=True, blank=True, default=0, help_text="0 to 7")
    next_review_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    last_review_at = models.DateTimeField(null=True, blank=True)
    review_count = models.IntegerField(null=True, blank=True, default=0)
    context_sentence = models.TextField(null=True, blank=True)
    source_task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    tags = models.JSONField(null=True, blank=True, default=list)

    class Meta:
        db_table = "word_books"
        verbose_name = "word book entry"
        verbose_name_plural = "word book entries"
        constraints = [models.UniqueConstraint(fields=["user", "word"], name="uq_user_word")]
        indexes = [
            Index(fields=["user", "next_review_at"], name="idx_wordbook_review"),
            Index(fields=["word"], name="ix_word_books_word"),
        ]

    def __str__(self) -> str:
        return self.word
