import uuid

import django.db.models.deletion
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
            name="Plan",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("name", models.CharField(max_length=255)),
                (
                    "type",
                    models.CharField(choices=[("SPRINT", "Sprint"), ("GROWTH", "Growth")], max_length=6),
                ),
                ("description", models.TextField(blank=True, null=True)),
                ("target_date", models.DateField(blank=True, null=True)),
                ("daily_available_minutes", models.IntegerField(default=60)),
                ("total_estimated_hours", models.FloatField(blank=True, null=True)),
                ("subject", models.CharField(blank=True, max_length=100, null=True)),
                ("mastery_level", models.FloatField(default=0.0, help_text="0 to 1")),
                ("progress", models.FloatField(default=0.0, help_text="0 to 1")),
                ("is_active", models.BooleanField(default=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "plans",
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("title", models.CharField(max_length=255)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("LEARNING", "Learning"),
                            ("TRAINING", "Training"),
                            ("ERROR_FIX", "Error Fix"),
                            ("REFLECTION", "Reflection"),
                            ("SOCIAL", "Social"),
                            ("PLANNING", "Planning"),
                        ],
                        max_length=10,
                    ),
                ),
                ("tags", models.JSONField(blank=True, default=list)),
                ("estimated_minutes", models.IntegerField()),
                ("difficulty", models.IntegerField(default=1, help_text="1 to 5")),
                ("energy_cost", models.IntegerField(default=1, help_text="1 to 5")),
                ("guide_content", models.TextField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("ABANDONED", "Abandoned"),
                        ],
                        default="PENDING",
                        max_length=11,
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("actual_minutes", models.IntegerField(blank=True, null=True)),
                ("user_note", models.TextField(blank=True, null=True)),
                ("priority", models.IntegerField(default=0)),
                ("due_date", models.DateField(blank=True, null=True)),
                ("auto_expand_enabled", models.BooleanField(blank=True, default=True, null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.plan"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "tasks",
            },
        ),
        migrations.CreateModel(
            name="FocusSession",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("start_time", models.DateTimeField()),
                ("end_time", models.DateTimeField()),
                ("duration_minutes", models.IntegerField()),
                (
                    "focus_type",
                    models.CharField(
                        choices=[("POMODORO", "Pomodoro"), ("STOPWATCH", "Stopwatch")],
                        default="POMODORO",
                        max_length=9,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("COMPLETED", "Completed"), ("INTERRUPTED", "Interrupted")],
                        default="COMPLETED",
                        max_length=11,
                    ),
                ),
                ("white_noise_type", models.IntegerField(blank=True, null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
            ],
            options={
                "db_table": "focus_sessions",
            },
        ),
        migrations.AddIndex(
            model_name="plan",
            index=apps.core.fields.Index(fields=["is_active"], name="idx_plans_is_active"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=apps.core.fields.Index(fields=["target_date"], name="idx_plans_target_date"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=apps.core.fields.Index(fields=["type"], name="idx_plans_type"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["SPRINT", "GROWTH"])), name="plans_type_check"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=apps.core.fields.Index(fields=["created_at"], name="idx_tasks_created_at"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=apps.core.fields.Index(fields=["due_date"], name="idx_tasks_due_date"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=apps.core.fields.Index(fields=["status"], name="idx_tasks_status"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("type__in", ["LEARNING", "TRAINING", "ERROR_FIX", "REFLECTION", "SOCIAL", "PLANNING"])
                ),
                name="tasks_type_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["PENDING", "IN_PROGRESS", "COMPLETED", "ABANDONED"])),
                name="tasks_status_check",
            ),
        ),
        migrations.AddIndex(
            model_name="focussession",
            index=apps.core.fields.Index(fields=["user", "start_time"], name="idx_focus_user_time"),
        ),
        migrations.AddConstraint(
            model_name="focussession",
            constraint=models.CheckConstraint(
                condition=models.Q(("focus_type__in", ["POMODORO", "STOPWATCH"])),
                name="focus_sessions_focus_type_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="focussession",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["COMPLETED", "INTERRUPTED"])),
                name="focus_sessions_status_check",
            ),
        ),
    ]
