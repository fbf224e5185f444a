import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("knowledge", "0001_initial"),
        ("learners", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DictionaryEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("word", models.CharField(max_length=100)),
                ("phonetic", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "pos",
                    models.CharField(blank=True, max_length=50, null=True, verbose_name="part of speech"),
                ),
                ("definitions", models.JSONField()),
                ("examples", models.JSONField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=50, null=True)),
            ],
            options={
                "verbose_name_plural": "dictionary entries",
                "db_table": "dictionary_entries",
                "constraints": [models.UniqueConstraint(fields=("word",), name="ix_dictionary_entries_word")],
            },
        ),
        migrations.CreateModel(
            name="ErrorRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("subject_name", models.CharField(db_column="subject", max_length=100)),
                ("topic", models.CharField(max_length=255)),
                ("error_type", models.CharField(max_length=100)),
                ("description", models.TextField()),
                ("correct_approach", models.TextField(blank=True, null=True)),
                ("image_urls", models.JSONField(blank=True, default=list, null=True)),
                ("frequency", models.IntegerField(default=1)),
                ("last_occurred_at", models.DateTimeField()),
                ("is_resolved", models.BooleanField(default=False)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="knowledge.subject",
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
                "db_table": "error_records",
                "indexes": [
                    apps.core.fields.Index(fields=["subject_name", "topic"], name="idx_error_subject_topic"),
                    apps.core.fields.Index(fields=["subject_name"], name="idx_error_subject"),
                    apps.core.fields.Index(fields=["topic"], name="idx_error_topic"),
                    apps.core.fields.Index(fields=["is_resolved"], name="idx_error_is_resolved"),
                    apps.core.fields.Index(fields=["last_occurred_at"], name="idx_error_last_occurred"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WordBook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("word", models.CharField(max_length=100)),
                ("phonetic", models.CharField(blank=True, max_length=100, null=True)),
                ("definition", models.TextField()),
                ("mastery_level", models.IntegerField(blank=True, default=0, help_text="0 to 7", null=True)),
                (
                    "next_review_at",
                    models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True),
                ),
                ("last_review_at", models.DateTimeField(blank=True, null=True)),
                ("review_count", models.IntegerField(blank=True, default=0, null=True)),
                ("context_sentence", models.TextField(blank=True, null=True)),
                ("tags", models.JSONField(blank=True, default=list, null=True)),
                (
                    "source_task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "verbose_name": "word book entry",
                "verbose_name_plural": "word book entries",
                "db_table": "word_books",
                "indexes": [
                    apps.core.fields.Index(fields=["user", "next_review_at"], name="idx_wordbook_review"),
                    apps.core.fields.Index(fields=["word"], name="ix_word_books_word"),
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "word"), name="uq_user_word")],
            },
        ),
    ]
