import uuid

import django.db.models.deletion
import django.utils.timezone
import pgvector.django.vector
from django.db import migrations, models

import apps.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_vector"),
        ("learners", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BehaviorPattern",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("pattern_name", models.CharField(max_length=100)),
                ("pattern_type", models.CharField(max_length=50)),
                ("description", models.TextField(blank=True, null=True)),
                ("solution_text", models.TextField(blank=True, null=True)),
                ("evidence_ids", models.JSONField(blank=True, null=True)),
                (
                    "confidence_score",
                    models.FloatField(blank=True, default=0.0, help_text="0 to 1", null=True),
                ),
                ("frequency", models.IntegerField(blank=True, default=1, null=True)),
                ("is_archived", models.BooleanField(blank=True, default=False, null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "behavior_patterns",
            },
        ),
        migrations.CreateModel(
            name="CuriosityCapsule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("title", models.CharField(max_length=255)),
                ("content", models.TextField()),
                ("related_subject", models.CharField(blank=True, max_length=255, null=True)),
                ("is_read", models.BooleanField(default=False)),
                (
                    "related_task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "curiosity_capsules",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeNode",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("name", models.CharField(max_length=255)),
                ("name_en", models.CharField(blank=True, max_length=255, null=True)),
                ("description", models.TextField(blank=True, null=True)),
                ("keywords", models.JSONField(blank=True, default=list, null=True)),
                ("importance_level", models.IntegerField(default=1, help_text="1 to 5")),
                ("is_seed", models.BooleanField(blank=True, default=False, null=True)),
                ("source_type", models.CharField(blank=True, default="seed", max_length=20, null=True)),
                ("source_task_id", models.UUIDField(blank=True, null=True)),
                ("embedding", pgvector.django.vector.VectorField(blank=True, dimensions=1536, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="knowledge.knowledgenode",
                    ),
                ),
            ],
            options={
                "db_table": "knowledge_nodes",
            },
        ),
        migrations.CreateModel(
            name="NodeRelation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("relation_type", models.CharField(max_length=30)),
                ("strength", models.FloatField(blank=True, default=0.5, help_text="0 to 1", null=True)),
                ("created_by", models.CharField(blank=True, default="seed", max_length=20, null=True)),
                (
                    "source_node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outgoing_relations",
                        to="knowledge.knowledgenode",
                    ),
                ),
                (
                    "target_node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incoming_relations",
                        to="knowledge.knowledgenode",
                    ),
                ),
            ],
            options={
                "db_table": "node_relations",
            },
        ),
        migrations.CreateModel(
            name="StudyRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("study_minutes", models.IntegerField()),
                ("mastery_delta", models.FloatField()),
                (
                    "record_type",
                    models.CharField(blank=True, default="task_complete", max_length=20, null=True),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="knowledge.knowledgenode"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "study_records",
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("aliases", models.JSONField(blank=True, default=list, null=True)),
                ("category", models.CharField(blank=True, max_length=50, null=True)),
                ("sector_code", models.CharField(db_default="VOID", default="VOID", max_length=20)),
                ("hex_color", models.CharField(blank=True, max_length=7, null=True)),
                ("glow_color", models.CharField(blank=True, max_length=7, null=True)),
                ("position_angle", models.FloatField(blank=True, null=True)),
                ("icon_name", models.CharField(blank=True, max_length=50, null=True)),
                ("is_active", models.BooleanField(blank=True, default=True, null=True)),
                ("sort_order", models.IntegerField(blank=True, default=0, null=True)),
            ],
            options={
                "db_table": "subjects",
                "indexes": [
                    apps.core.fields.Index(fields=["name"], name="ix_subjects_name"),
                    apps.core.fields.Index(fields=["category"], name="ix_subjects_category"),
                    apps.core.fields.Index(fields=["is_active"], name="ix_subjects_is_active"),
                ],
            },
        ),
        migrations.AddField(
            model_name="knowledgenode",
            name="subject",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="knowledge.subject"
            ),
        ),
        migrations.CreateModel(
            name="UserNodeStatus",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("mastery_score", models.FloatField(default=0, help_text="0 to 100")),
                ("total_minutes", models.IntegerField(default=0)),
                ("total_study_minutes", models.IntegerField(default=0)),
                ("study_count", models.IntegerField(blank=True, default=0, null=True)),
                ("is_unlocked", models.BooleanField(default=False)),
                ("is_collapsed", models.BooleanField(blank=True, default=False, null=True)),
                ("is_favorite", models.BooleanField(blank=True, default=False, null=True)),
                ("last_study_at", models.DateTimeField(blank=True, null=True)),
                ("last_interacted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decay_paused", models.BooleanField(blank=True, default=False, null=True)),
                ("next_review_at", models.DateTimeField(blank=True, null=True)),
                ("first_unlock_at", models.DateTimeField(blank=True, null=True)),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="knowledge.knowledgenode"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "verbose_name_plural": "user node statuses",
                "db_table": "user_node_status",
            },
        ),
        migrations.CreateModel(
            name="CognitiveFragment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("source_type", models.CharField(max_length=20)),
                ("resource_type", models.CharField(default="text", max_length=20)),
                ("resource_url", models.CharField(blank=True, max_length=512, null=True)),
                ("content", models.TextField()),
                ("sentiment", models.CharField(blank=True, max_length=20, null=True)),
                ("tags", models.JSONField(blank=True, null=True)),
                ("error_tags", models.JSONField(blank=True, null=True)),
                ("context_tags", models.JSONField(blank=True, null=True)),
                ("severity", models.IntegerField(default=1, help_text="1 to 5")),
                ("embedding", pgvector.django.vector.VectorField(blank=True, dimensions=1536, null=True)),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "cognitive_fragments",
                "indexes": [
                    apps.core.fields.CosineIndex(
                        field="embedding", name="idx_cognitive_fragments_embedding_hnsw"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NodeExpansion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("expansion_context", models.TextField()),
                ("status", models.CharField(blank=True, default="pending", max_length=20, null=True)),
                ("expanded_nodes", models.JSONField(blank=True, null=True)),
                ("error_message", models.TextField(blank=True, null=True)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trigger_node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="knowledge.knowledgenode"
                    ),
                ),
                (
                    "trigger_task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "node_expansion_queue",
                "indexes": [apps.core.fields.Index(fields=["status"], name="ix_node_expansion_queue_status")],
            },
        ),
        migrations.AddIndex(
            model_name="knowledgenode",
            index=apps.core.fields.CosineIndex(field="embedding", name="idx_knowledge_nodes_embedding_hnsw"),
        ),
        migrations.AddIndex(
            model_name="usernodestatus",
            index=apps.core.fields.Index(
                fields=["next_review_at"], name="ix_user_node_status_next_review_at"
            ),
        ),
        migrations.AddConstraint(
            model_name="usernodestatus",
            constraint=models.UniqueConstraint(fields=("user", "node"), name="uq_user_node_status"),
        ),
    ]
