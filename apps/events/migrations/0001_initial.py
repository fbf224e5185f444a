import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import apps.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("learners", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Projection",
            fields=[
                ("projection_name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("last_processed_position", models.CharField(blank=True, max_length=100, null=True)),
                ("last_processed_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.IntegerField(db_default=1)),
                ("status", models.CharField(db_default="active", max_length=20)),
                ("error_message", models.TextField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "projection_metadata",
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("aggregate_type", models.CharField(max_length=100)),
                ("aggregate_id", models.UUIDField()),
                ("event_type", models.CharField(max_length=100)),
                ("sequence_number", models.BigIntegerField()),
                ("payload", models.JSONField()),
                ("metadata", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("event_version", models.IntegerField(db_default=1)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "event_outbox",
                "indexes": [
                    apps.core.fields.Index(
                        condition=models.Q(("published_at__isnull", True)),
                        fields=["created_at"],
                        name="idx_outbox_unpublished",
                    ),
                    apps.core.fields.Index(
                        fields=["aggregate_type", "aggregate_id", "sequence_number"],
                        name="idx_outbox_aggregate",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessedEvent",
            fields=[
                ("event_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("consumer_group", models.CharField(max_length=100)),
                ("processed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "processed_events",
                "indexes": [
                    apps.core.fields.Index(fields=["processed_at"], name="idx_processed_events_cleanup"),
                    apps.core.fields.Index(
                        fields=["consumer_group", "processed_at"], name="idx_processed_events_group"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectionSnapshot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("projection_name", models.CharField(max_length=100)),
                ("aggregate_id", models.UUIDField(blank=True, null=True)),
                ("snapshot_data", models.JSONField()),
                ("stream_position", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "projection_snapshots",
                "indexes": [
                    apps.core.fields.Index(
                        fields=["projection_name", "created_at"], name="idx_snapshots_projection"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("projection_name", "aggregate_id"), name="unique_snapshot"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("aggregate_type", models.CharField(max_length=100)),
                ("aggregate_id", models.UUIDField()),
                ("event_type", models.CharField(max_length=100)),
                ("sequence_number", models.BigIntegerField()),
                ("payload", models.JSONField()),
                ("metadata", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("event_version", models.IntegerField()),
            ],
            options={
                "db_table": "event_store",
                "indexes": [
                    apps.core.fields.Index(fields=["event_type", "created_at"], name="idx_event_store_type")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("aggregate_type", "aggregate_id", "sequence_number"), name="unique_event"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("response", models.JSONField()),
                (
                    "created_at",
                    models.DateTimeField(
                        blank=True, db_default=django.db.models.functions.datetime.Now(), null=True
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="learners.user")),
            ],
            options={
                "db_table": "idempotency_keys",
                "indexes": [apps.core.fields.Index(fields=["expires_at"], name="idx_idempotency_expires")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("type", models.CharField(max_length=50)),
                ("status", models.CharField(default="pending", max_length=20)),
                ("params", models.JSONField(blank=True, default=dict, null=True)),
                ("result", models.JSONField(blank=True, null=True)),
                ("error_message", models.TextField(blank=True, null=True)),
                ("progress", models.IntegerField(blank=True, default=0, help_text="0 to 100", null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("timeout_at", models.DateTimeField(blank=True, null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="learners.user")),
            ],
            options={
                "db_table": "jobs",
                "indexes": [
                    apps.core.fields.Index(fields=["status"], name="idx_jobs_status"),
                    apps.core.fields.Index(
                        condition=models.Q(("status", "running")),
                        fields=["status", "timeout_at"],
                        name="idx_jobs_status_timeout",
                    ),
                ],
            },
        ),
    ]
