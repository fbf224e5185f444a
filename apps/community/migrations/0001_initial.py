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
        ("knowledge", "0001_initial"),
        ("learners", "0001_initial"),
        ("planning", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True, null=True)),
                ("avatar_url", models.CharField(blank=True, max_length=500, null=True)),
                (
                    "type",
                    models.CharField(
                        choices=[("SQUAD", "Squad"), ("SPRINT", "Sprint"), ("OFFICIAL", "Official")],
                        max_length=8,
                    ),
                ),
                ("focus_tags", models.JSONField(blank=True, default=list)),
                ("deadline", models.DateTimeField(blank=True, null=True)),
                ("sprint_goal", models.TextField(blank=True, null=True)),
                ("max_members", models.IntegerField(default=50)),
                ("is_public", models.BooleanField(default=True)),
                ("join_requires_approval", models.BooleanField(default=False)),
                ("total_flame_power", models.IntegerField(default=0)),
                ("today_checkin_count", models.IntegerField(default=0)),
                ("total_tasks_completed", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "groups",
                "indexes": [
                    apps.core.fields.Index(fields=["is_public"], name="idx_group_public"),
                    apps.core.fields.Index(fields=["type"], name="idx_group_type"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["SQUAD", "SPRINT", "OFFICIAL"])),
                        name="groups_type_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupTask",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, null=True)),
                ("tags", models.JSONField(blank=True, default=list)),
                ("estimated_minutes", models.IntegerField(default=10)),
                ("difficulty", models.IntegerField(default=1)),
                ("total_claims", models.IntegerField(default=0)),
                ("total_completions", models.IntegerField(default=0)),
                ("due_date", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_column="created_by",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="learners.user",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="community.group"),
                ),
            ],
            options={
                "db_table": "group_tasks",
            },
        ),
        migrations.CreateModel(
            name="Post",
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
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("content", models.TextField()),
                ("image_urls", models.JSONField(blank=True, null=True)),
                ("topic", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "visibility",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("public", "Public"),
                            ("private", "Private"),
                            ("friends_only", "Friends Only"),
                        ],
                        db_default="public",
                        max_length=20,
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="learners.user")),
            ],
            options={
                "db_table": "posts",
            },
        ),
        migrations.CreateModel(
            name="PostLike",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="likes", to="community.post"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="learners.user")),
            ],
            options={
                "db_table": "post_likes",
            },
        ),
        migrations.CreateModel(
            name="PrivateMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "message_type",
                    models.CharField(
                        choices=[
                            ("TEXT", "Text"),
                            ("TASK_SHARE", "Task Share"),
                            ("PLAN_SHARE", "Plan Share"),
                            ("FRAGMENT_SHARE", "Fragment Share"),
                            ("PROGRESS", "Progress"),
                            ("ACHIEVEMENT", "Achievement"),
                            ("CHECKIN", "Checkin"),
                            ("SYSTEM", "System"),
                        ],
                        default="TEXT",
                        max_length=14,
                    ),
                ),
                ("content", models.TextField(blank=True, null=True)),
                ("content_data", models.JSONField(blank=True, null=True)),
                ("is_read", models.BooleanField(default=False)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_messages",
                        to="learners.user",
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="community.privatemessage",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sent_messages",
                        to="learners.user",
                    ),
                ),
            ],
            options={
                "db_table": "private_messages",
            },
        ),
        migrations.CreateModel(
            name="SharedResource",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("permission", models.CharField(default="view", max_length=20)),
                ("comment", models.TextField(blank=True, null=True)),
                ("view_count", models.IntegerField(blank=True, default=0, null=True)),
                ("save_count", models.IntegerField(blank=True, default=0, null=True)),
                (
                    "cognitive_fragment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="knowledge.cognitivefragment",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="community.group",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.plan"
                    ),
                ),
                (
                    "shared_by",
                    models.ForeignKey(
                        db_column="shared_by",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources_shared",
                        to="learners.user",
                    ),
                ),
                (
                    "target_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources_received",
                        to="learners.user",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
            ],
            options={
                "db_table": "shared_resources",
            },
        ),
        migrations.CreateModel(
            name="Friendship",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("PENDING", "Pending"), ("ACCEPTED", "Accepted"), ("BLOCKED", "Blocked")],
                        default="PENDING",
                        max_length=8,
                    ),
                ),
                ("match_reason", models.JSONField(blank=True, null=True)),
                (
                    "friend",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="friendships_as_friend",
                        to="learners.user",
                    ),
                ),
                (
                    "initiated_by",
                    models.ForeignKey(
                        db_column="initiated_by",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="initiated_friendships",
                        to="learners.user",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="friendships",
                        to="learners.user",
                    ),
                ),
            ],
            options={
                "db_table": "friendships",
                "indexes": [apps.core.fields.Index(fields=["status"], name="idx_friendship_status")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "friend"), name="uq_friendship"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PENDING", "ACCEPTED", "BLOCKED"])),
                        name="friendships_status_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "role",
                    models.CharField(
                        choices=[("OWNER", "Owner"), ("ADMIN", "Admin"), ("MEMBER", "Member")],
                        default="MEMBER",
                        max_length=6,
                    ),
                ),
                ("is_muted", models.BooleanField(default=False)),
                ("notifications_enabled", models.BooleanField(default=True)),
                ("flame_contribution", models.IntegerField(default=0)),
                ("tasks_completed", models.IntegerField(default=0)),
                ("checkin_streak", models.IntegerField(default=0, help_text="days")),
                ("last_checkin_date", models.DateTimeField(blank=True, null=True)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_active_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="community.group"),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "group_members",
                "constraints": [
                    models.UniqueConstraint(fields=("group", "user"), name="uq_group_member"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["OWNER", "ADMIN", "MEMBER"])),
                        name="group_members_role_check",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "message_type",
                    models.CharField(
                        choices=[
                            ("TEXT", "Text"),
                            ("TASK_SHARE", "Task Share"),
                            ("PLAN_SHARE", "Plan Share"),
                            ("FRAGMENT_SHARE", "Fragment Share"),
                            ("PROGRESS", "Progress"),
                            ("ACHIEVEMENT", "Achievement"),
                            ("CHECKIN", "Checkin"),
                            ("SYSTEM", "System"),
                        ],
                        default="TEXT",
                        max_length=14,
                    ),
                ),
                ("content", models.TextField(blank=True, null=True)),
                ("content_data", models.JSONField(blank=True, null=True)),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="community.group"),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="community.groupmessage",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="learners.user"
                    ),
                ),
            ],
            options={
                "db_table": "group_messages",
                "indexes": [
                    apps.core.fields.Index(fields=["group", "created_at"], name="idx_message_group_time")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "message_type__in",
                                [
                                    "TEXT",
                                    "TASK_SHARE",
                                    "PLAN_SHARE",
                                    "FRAGMENT_SHARE",
                                    "PROGRESS",
                                    "ACHIEVEMENT",
                                    "CHECKIN",
                                    "SYSTEM",
                                ],
                            )
                        ),
                        name="group_messages_message_type_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupTaskClaim",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("is_completed", models.BooleanField(default=False)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "group_task",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="community.grouptask"),
                ),
                (
                    "personal_task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="planning.task"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="learners.user")),
            ],
            options={
                "db_table": "group_task_claims",
                "constraints": [models.UniqueConstraint(fields=("group_task", "user"), name="uq_task_claim")],
            },
        ),
        migrations.AddIndex(
            model_name="post",
            index=apps.core.fields.Index(fields=["created_at"], name="idx_posts_created_at"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=apps.core.fields.Index(
                condition=models.Q(("visibility", "public")),
                fields=["visibility", "-created_at"],
                name="idx_posts_visibility_created",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["public", "private", "friends_only"])),
                name="posts_visibility_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="postlike",
            constraint=models.UniqueConstraint(fields=("user", "post"), name="uq_post_like"),
        ),
        migrations.AddIndex(
            model_name="privatemessage",
            index=apps.core.fields.Index(
                fields=["sender", "receiver", "created_at"], name="idx_private_message_conversation"
            ),
        ),
        migrations.AddIndex(
            model_name="privatemessage",
            index=apps.core.fields.Index(
                fields=["receiver", "is_read"], name="idx_private_message_receiver_unread"
            ),
        ),
        migrations.AddConstraint(
            model_name="privatemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "message_type__in",
                        [
                            "TEXT",
                            "TASK_SHARE",
                            "PLAN_SHARE",
                            "FRAGMENT_SHARE",
                            "PROGRESS",
                            "ACHIEVEMENT",
                            "CHECKIN",
                            "SYSTEM",
                        ],
                    )
                ),
                name="private_messages_message_type_check",
            ),
        ),
    ]
