import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("username", models.CharField(max_length=100)),
                ("email", models.CharField(max_length=255)),
                ("hashed_password", models.CharField(max_length=255)),
                ("full_name", models.CharField(blank=True, max_length=100, null=True)),
                ("nickname", models.CharField(blank=True, max_length=100, null=True)),
                ("avatar_url", models.CharField(blank=True, max_length=500, null=True)),
                (
                    "avatar_status",
                    models.CharField(
                        choices=[("APPROVED", "Approved"), ("PENDING", "Pending"), ("REJECTED", "Rejected")],
                        db_default="APPROVED",
                        default="APPROVED",
                        max_length=8,
                    ),
                ),
                ("pending_avatar_url", models.CharField(blank=True, max_length=500, null=True)),
                ("flame_level", models.IntegerField(default=1)),
                ("flame_brightness", models.FloatField(default=0.5, help_text="0 to below 1")),
                ("depth_preference", models.FloatField(default=0.5, help_text="0 to 1")),
                ("curiosity_preference", models.FloatField(default=0.5, help_text="0 to 1")),
                ("schedule_preferences", models.JSONField(blank=True, null=True)),
                ("weather_preferences", models.JSONField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("is_superuser", models.BooleanField(db_default=False, default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("ONLINE", "Online"), ("OFFLINE", "Offline"), ("INVISIBLE", "Invisible")],
                        db_default="OFFLINE",
                        default="OFFLINE",
                        max_length=9,
                    ),
                ),
                ("google_id", models.CharField(blank=True, max_length=255, null=True)),
                ("apple_id", models.CharField(blank=True, max_length=255, null=True)),
                ("wechat_unionid", models.CharField(blank=True, max_length=255, null=True)),
                ("registration_source", models.CharField(default="email", max_length=50)),
                ("last_login_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "users",
                "constraints": [
                    models.UniqueConstraint(fields=("username",), name="users_username_key"),
                    models.UniqueConstraint(fields=("email",), name="users_email_key"),
                    models.UniqueConstraint(fields=("google_id",), name="ix_users_google_id"),
                    models.UniqueConstraint(fields=("apple_id",), name="ix_users_apple_id"),
                    models.UniqueConstraint(fields=("wechat_unionid",), name="ix_users_wechat_unionid"),
                    models.CheckConstraint(
                        condition=models.Q(("avatar_status__in", ["APPROVED", "PENDING", "REJECTED"])),
                        name="users_avatar_status_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ONLINE", "OFFLINE", "INVISIBLE"])),
                        name="users_status_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushPreference",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("active_slots", models.JSONField(blank=True, null=True)),
                (
                    "timezone",
                    models.CharField(
                        default="Asia/Shanghai", help_text="IANA name, never validated", max_length=50
                    ),
                ),
                ("enable_curiosity", models.BooleanField(default=True)),
                ("persona_type", models.CharField(default="coach", max_length=50)),
                ("daily_cap", models.IntegerField(default=5)),
                ("last_push_time", models.DateTimeField(blank=True, null=True)),
                ("consecutive_ignores", models.IntegerField(default=0)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="push_preference",
                        to="learners.user",
                    ),
                ),
            ],
            options={
                "db_table": "push_preferences",
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("title", models.CharField(max_length=255)),
                ("content", models.CharField(max_length=1000)),
                ("type", models.CharField(default="fragmented_time", max_length=50)),
                ("is_read", models.BooleanField(default=False)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("data", models.JSONField(blank=True, null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "notifications",
            },
        ),
        migrations.CreateModel(
            name="PushHistory",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("trigger_type", models.CharField(max_length=50)),
                ("content_hash", models.CharField(blank=True, max_length=64, null=True)),
                ("status", models.CharField(default="sent", max_length=50)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "verbose_name_plural": "push histories",
                "db_table": "push_histories",
                "indexes": [
                    apps.core.fields.Index(fields=["content_hash"], name="ix_push_histories_content_hash")
                ],
            },
        ),
        migrations.CreateModel(
            name="UserDailyMetric",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("date", models.DateField()),
                ("total_focus_minutes", models.IntegerField(blank=True, default=0, null=True)),
                ("tasks_completed", models.IntegerField(blank=True, default=0, null=True)),
                ("tasks_created", models.IntegerField(blank=True, default=0, null=True)),
                ("nodes_studied", models.IntegerField(blank=True, default=0, null=True)),
                ("mastery_gained", models.FloatField(blank=True, default=0.0, null=True)),
                ("review_count", models.IntegerField(blank=True, default=0, null=True)),
                ("average_mood", models.FloatField(blank=True, null=True)),
                ("anxiety_score", models.FloatField(blank=True, default=0.0, help_text="0 to 1", null=True)),
                ("chat_messages_count", models.IntegerField(blank=True, default=0, null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "user_daily_metrics",
                "indexes": [apps.core.fields.Index(fields=["date"], name="ix_user_daily_metrics_date")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "date"), name="uq_user_daily_metric")
                ],
            },
        ),
    ]
