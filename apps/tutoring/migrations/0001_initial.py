import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import apps.core.fields

AGENT_STATS_SUMMARY = """
CREATE MATERIALIZED VIEW agent_stats_summary AS
SELECT user_id,
       agent_type,
       count(*) AS execution_count,
       avg(duration_ms) AS avg_duration_ms,
       max(duration_ms) AS max_duration_ms,
       min(duration_ms) AS min_duration_ms,
       count(*) FILTER (WHERE status = 'success') AS success_count,
       count(*) FILTER (WHERE status = 'failed') AS failure_count,
       max(started_at) AS last_used_at,
       concat(user_id, ':', agent_type) AS id
FROM agent_execution_stats
GROUP BY user_id, agent_type;
CREATE UNIQUE INDEX agent_stats_summary_user_id_agent_type_idx ON agent_stats_summary (user_id, agent_type);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("learners", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgentStatsSummary",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("user_id", models.IntegerField(null=True)),
                ("agent_type", models.CharField(max_length=50, null=True)),
                ("execution_count", models.BigIntegerField(null=True)),
                (
                    "avg_duration_ms",
                    models.DecimalField(decimal_places=4, help_text="milliseconds", max_digits=20, null=True),
                ),
                ("max_duration_ms", models.IntegerField(help_text="milliseconds", null=True)),
                ("min_duration_ms", models.IntegerField(help_text="milliseconds", null=True)),
                ("success_count", models.BigIntegerField(null=True)),
                ("failure_count", models.BigIntegerField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "agent stats summaries",
                "db_table": "agent_stats_summary",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="AgentExecutionStat",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.IntegerField()),
                ("session_id", models.CharField(max_length=255)),
                ("request_id", models.CharField(max_length=255)),
                ("agent_type", models.CharField(max_length=50)),
                ("agent_name", models.CharField(blank=True, max_length=100, null=True)),
                ("started_at", models.DateTimeField()),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("duration_ms", models.IntegerField(blank=True, help_text="milliseconds", null=True)),
                ("status", models.CharField(max_length=20)),
                ("tool_name", models.CharField(blank=True, max_length=100, null=True)),
                ("operation", models.CharField(blank=True, max_length=255, null=True)),
                ("metadata", models.JSONField(blank=True, default=dict, null=True)),
                ("error_message", models.TextField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                    ),
                ),
            ],
            options={
                "db_table": "agent_execution_stats",
                "indexes": [
                    apps.core.fields.Index(fields=["agent_type"], name="ix_agent_execution_stats_agent_type"),
                    apps.core.fields.Index(fields=["created_at"], name="ix_agent_execution_stats_created_at"),
                    apps.core.fields.Index(fields=["session_id"], name="ix_agent_execution_stats_session_id"),
                    apps.core.fields.Index(fields=["user_id"], name="ix_agent_execution_stats_user_id"),
                    apps.core.fields.Index(
                        fields=["user_id", "agent_type"], name="ix_agent_stats_user_agent_type"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChatMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("session_id", models.UUIDField(default=uuid.uuid4)),
                ("message_id", models.CharField(blank=True, max_length=36, null=True)),
                (
                    "role",
                    models.CharField(
                        choices=[("USER", "User"), ("ASSISTANT", "Assistant"), ("SYSTEM", "System")],
                        max_length=9,
                    ),
                ),
                ("content", models.TextField()),
                ("actions", models.JSONField(blank=True, null=True)),
                ("parse_degraded", models.BooleanField(blank=True, default=False, null=True)),
                ("tokens_used", models.IntegerField(blank=True, null=True)),
                ("model_name", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "chat_messages",
                "indexes": [
                    apps.core.fields.Index(
                        fields=["session_id", "-created_at"], name="idx_chat_messages_session_created"
                    ),
                    apps.core.fields.Index(fields=["session_id"], name="idx_chat_session_id"),
                    apps.core.fields.Index(fields=["created_at"], name="idx_chat_created_at"),
                    apps.core.fields.Index(fields=["role"], name="idx_chat_role"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message_id",), name="chat_messages_message_id_key"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["USER", "ASSISTANT", "SYSTEM"])),
                        name="chat_messages_role_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TokenUsage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("session_id", models.CharField(max_length=100)),
                ("request_id", models.CharField(max_length=100)),
                ("prompt_tokens", models.IntegerField(default=0)),
                ("completion_tokens", models.IntegerField(default=0)),
                ("total_tokens", models.IntegerField(default=0)),
                ("model", models.CharField(default="gpt-4", max_length=100)),
                ("cost", models.FloatField(blank=True, help_text="US dollars", null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "verbose_name_plural": "token usage",
                "db_table": "token_usage",
                "indexes": [
                    apps.core.fields.Index(fields=["created_at"], name="idx_token_usage_created_at"),
                    apps.core.fields.Index(fields=["session_id"], name="idx_token_usage_session_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("request_id",), name="token_usage_request_id_key")
                ],
            },
        ),
        migrations.RunSQL(AGENT_STATS_SUMMARY, "DROP MATERIALIZED VIEW agent_stats_summary"),
    ]
