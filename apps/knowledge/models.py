"""The knowledge galaxy: subjects, concepts and their relations, and what each learner made of them."""

from django.db import models
from django.utils import timezone
from pgvector.django import VectorField

from apps.core.fields import CosineIndex, Index
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel

EMBEDDING_DIMENSIONS = 1536


class Subject(TimestampedModel):
    """A school subject with its other names and the look of its sector of the galaxy."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    aliases = models.JSONField(null=True, blank=True, default=list)
    category = models.CharField(max_length=50, null=True, blank=True)
    sector_code = models.CharField(max_length=20, db_default="VOID", default="VOID")
    hex_color = models.CharField(max_length=7, null=True, blank=True)
    glow_color = models.CharField(max_length=7, null=True, blank=True)
    position_angle = models.FloatField(null=True, blank=True)
    icon_name = models.CharField(max_length=50, null=True, blank=True)
    is_active = models.BooleanField(null=True, blank=True, default=True)
    sort_order = models.IntegerField(null=True, blank=True, default=0)

    class Meta:
        db_table = "subjects"
        indexes = [
            # unique within each source, which the importer keeps
            Index(fields=["name"], name="ix_subjects_name"),
            Index(fields=["category"], name="ix_subjects_category"),
            Index(fields=["is_active"], name="ix_subjects_is_active"),
        ]

    def __str__(self) -> str:
        return self.name


class KnowledgeNode(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A concept, a star of the galaxy: it may hang below another and carry an embedding."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=255)
    name_en = models.CharField(max_length=255, null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    keywords = models.JSONField(null=True, blank=True, default=list)
    importance_level = models.IntegerField(default=1, help_text="1 to 5")
    is_seed = models.BooleanField(null=True, blank=True, default=False)
    source_type = models.CharField(max_length=20, null=True, blank=True, default="seed")
    # No reference: a task may be gone while the node that came of it stays.
    source_task_id = models.UUIDField(null=True, blank=True)
    embedding = VectorField(dimensions=EMBEDDING_DIMENSIONS, null=True, blank=True)

    class Meta:
        db_table = "knowledge_nodes"
        indexes = [CosineIndex(field="embedding", name="idx_knowledge_nodes_embedding_hnsw")]

    def __str__(self) -> str:
        return self.name


class NodeRelation(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A directed, typed and weighted edge between two concepts; twins and loops are possible."""

    source_node = models.ForeignKey(
        KnowledgeNode, on_delete=models.PROTECT, related_name="outgoing_relations"
    )
    target_node = models.ForeignKey(
        KnowledgeNode, on_delete=models.PROTECT, related_name="incoming_relations"
    )
    relation_type = models.CharField(max_length=30)
    strength = models.FloatField(null=True, blank=True, default=0.5, help_text="0 to 1")
    created_by = models.CharField(max_length=20, null=True, blank=True, default="seed")

    class Meta:
        db_table = "node_relations"

    def __str__(self) -> str:
        return f"{self.source_node_id} {self.relation_type} {self.target_node_id}"


class NodeExpansion(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A request to let the language model grow new concepts around a node."""

    trigger_node = models.ForeignKey(KnowledgeNode, on_delete=models.PROTECT)
    trigger_task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    expansion_context = models.TextField()
    status = models.CharField(max_length=20, null=True, blank=True, default="pending")
    expanded_nodes = models.JSONField(null=True, blank=True)
    error_message = models.TextField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "node_expansion_queue"
        indexes = [Index(fields=["status"], name="ix_node_expansion_queue_status")]

    def __str__(self) -> str:
        return f"expansion of {self.trigger_node_id}, {self.status}"


class UserNodeStatus(TimestampedModel):
    """How far a learner has come with a concept: mastery, study time, next review."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    node = models.ForeignKey(KnowledgeNode, on_delete=models.PROTECT)
    mastery_score = models.FloatField(default=0, help_text="0 to 100")
    total_minutes = models.IntegerField(default=0)
    total_study_minutes = models.IntegerField(default=0)
    study_count = models.IntegerField(null=True, blank=True, default=0)
    is_unlocked = models.BooleanField(default=False)
    is_collapsed = models.BooleanField(null=True, blank=True, default=False)
    is_favorite = models.BooleanField(null=True, blank=True, default=False)
    last_study_at = models.DateTimeField(null=True, blank=True)
    last_interacted_at = models.DateTimeField(default=timezone.now)
    decay_paused = models.BooleanField(null=True, blank=True, default=False)
    next_review_at = models.DateTimeField(null=True, blank=True)
    first_unlock_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_node_status"
        verbose_name_plural = "user node statuses"
        # The legacy key: its two columns together.
        constraints = [models.UniqueConstraint(fields=["user", "node"], name="uq_user_node_status")]
        indexes = [Index(fields=["next_review_at"], name="ix_user_node_status_next_review_at")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.node_id}: {self.mastery_score:g}"


class StudyRecord(UUIDModel, TimestampedModel, SoftDeleteModel):
    """One time a learner studied a concept, and the mastery gained by it."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    node = models.ForeignKey(KnowledgeNode, on_delete=models.PROTECT)
    task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    study_minutes = models.IntegerField()
    mastery_delta = models.FloatField()
    record_type = models.CharField(max_length=20, null=True, blank=True, default="task_complete")

    class Meta:
        db_table = "study_records"

    def __str__(self) -> str:
        return f"{self.study_minutes} minutes at {self.node_id}"


class CognitiveFragment(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A captured thought or sample of behaviour, tagged and embedded."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    source_type = models.CharField(max_length=20)
    resource_type = models.CharField(max_length=20, default="text")
    resource_url = models.CharField(max_length=512, null=True, blank=True)
    content = models.TextField()
    sentiment = models.CharField(max_length=20, null=True, blank=True)
    tags = models.JSONField(null=True, blank=True)
    error_tags = models.JSONField(null=True, blank=True)
    context_tags = models.JSONField(null=True, blank=True)
    severity = models.IntegerField(default=1, help_text="1 to 5")
    embedding = VectorField(dimensions=EMBEDDING_DIMENSIONS, null=True, blank=True)

    class Meta:
        db_table = "cognitive_fragments"
        indexes = [CosineIndex(field="embedding", name="idx_cognitive_fragments_embedding_hnsw")]

    def __str__(self) -> str:
        return self.content[:60]


class BehaviorPattern(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A habit found again and again in a learner's fragments, with advice against it."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    pattern_name = models.CharField(max_length=100)
    pattern_type = models.CharField(max_length=50)
    description = models.TextField(null=True, blank=True)
    solution_text = models.TextField(null=True, blank=True)
    evidence_ids = models.JSONField(null=True, blank=True)
    confidence_score = models.FloatField(null=True, blank=True, default=0.0, help_text="0 to 1")
    frequency = models.IntegerField(null=True, blank=True, default=1)
    is_archived = models.BooleanField(null=True, blank=True, default=False)

    class Meta:
        db_table = "behavior_patterns"

    def __str__(self) -> str:
        return self.pattern_name


class CuriosityCapsule(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A short generated reading, in Markdown, that may hang on a task."""

    user = models.ForeignKey("learners.User", on_delete=models.PROTECT)
    title = models.CharField(max_length=255)
    content = models.TextField()
    related_subject = models.CharField(max_length=255, null=True, blank=True)
    related_task = models.ForeignKey("planning.Task", on_delete=models.PROTECT, null=True, blank=True)
    is_read = models.BooleanField(default=False)

    class Meta:
        db_table = "curiosity_capsules"

    def __str__(self) -> str:
        return self.title
