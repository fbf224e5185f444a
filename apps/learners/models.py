"""The people of the learning app, what it measured of them, and what it told them.

A learner is a record of the past, never a login of this project.
"""

from django.db import models

from apps.core.fields import Index, closed_list
from apps.core.models import SoftDeleteModel, TimestampedModel, UUIDModel


class AvatarStatus(models.TextChoices):
    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"


class UserStatus(models.TextChoices):
    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    INVISIBLE = "INVISIBLE"


class User(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A learner's account, profile, preferences and flame, the app's measure of zeal."""

    username = models.CharField(max_length=100)
    email = models.CharField(max_length=255)
    hashed_password = models.CharField(max_length=255)
    full_name = models.CharField(max_length=100, null=True, blank=True)
    nickname = models.CharField(max_length=100, null=True, blank=True)
    avatar_url = models.CharField(max_length=500, null=True, blank=True)
    avatar_status = models.CharField(
        max_length=8, choices=AvatarStatus, db_default=AvatarStatus.APPROVED, default=AvatarStatus.APPROVED
    )
    pending_avatar_url = models.CharField(max_length=500, null=True, blank=True)
    flame_level = models.IntegerField(default=1)
    flame_brightness = models.FloatField(default=0.5, help_text="0 to below 1")
    depth_preference = models.FloatField(default=0.5, help_text="0 to 1")
    curiosity_preference = models.FloatField(default=0.5, help_text="0 to 1")
    schedule_preferences = models.JSONField(null=True, blank=True)
    weather_preferences = models.JSONField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False, db_default=False)
    status = models.CharField(
        max_length=9, choices=UserStatus, db_default=UserStatus.OFFLINE, default=UserStatus.OFFLINE
    )
    google_id = models.CharField(max_length=255, null=True, blank=True)
    apple_id = models.CharField(max_length=255, null=True, blank=True)
    wechat_unionid = models.CharField(max_length=255, null=True, blank=True)
    registration_source = models.CharField(max_length=50, default="email")
    last_login_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(fields=["username"], name="users_username_key"),
            models.UniqueConstraint(fields=["email"], name="users_email_key"),
            models.UniqueConstraint(fields=["google_id"], name="ix_users_google_id"),
            models.UniqueConstraint(fields=["apple_id"], name="ix_users_apple_id"),
            models.UniqueConstraint(fields=["wechat_unionid"], name="ix_users_wechat_unionid"),
            closed_list("avatar_status", AvatarStatus, "users_avatar_status_check"),
            closed_list("status", UserStatus, "users_status_check"),
        ]

    def __str__(self) -> str:
        return self.username


class UserDailyMetric(UUIDModel, TimestampedModel, SoftDeleteModel):
    """What one learner did on one day of the legacy server's calendar."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    date = models.DateField()
    total_focus_minutes = models.IntegerField(null=True, blank=True, default=0)
    tasks_completed = models.IntegerField(null=True, blank=True, default=0)
    tasks_created = models.IntegerField(null=True, blank=True, default=0)
    nodes_studied = models.IntegerField(null=True, blank=True, default=0)
    mastery_gained = models.FloatField(null=True, blank=True, default=0.0)
    review_count = models.IntegerField(null=True, blank=True, default=0)
    average_mood = models.FloatField(null=True, blank=True)
    anxiety_score = models.FloatField(null=True, blank=True, default=0.0, help_text="0 to 1")
    chat_messages_count = models.IntegerField(null=True, blank=True, default=0)

    class Meta:
        db_table = "user_daily_metrics"
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="uq_user_daily_metric")]
        indexes = [Index(fields=["date"], name="ix_user_daily_metrics_date")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.date}"


class PushPreference(UUIDModel, TimestampedModel, SoftDeleteModel):
    """When, how often and in which voice a learner wants to be reminded."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="push_preference")
    active_slots = models.JSONField(null=True, blank=True)
    timezone = models.CharField(
        max_length=50, default="Asia/Shanghai", help_text="IANA name, never validated"
    )
    enable_curiosity = models.BooleanField(default=True)
    persona_type = models.CharField(max_length=50, default="coach")
    daily_cap = models.IntegerField(default=5)
    last_push_time = models.DateTimeField(null=True, blank=True)
    consecutive_ignores = models.IntegerField(default=0)

    class Meta:
        db_table = "push_preferences"

    def __str__(self) -> str:
        return f"push preferences of {self.user_id}"


class PushHistory(UUIDModel, TimestampedModel, SoftDeleteModel):
    """One push that was sent, kept for rate limits and analysis."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    trigger_type = models.CharField(max_length=50)
    content_hash = models.CharField(max_length=64, null=True, blank=True)
    status = models.CharField(max_length=50, default="sent")

    class Meta:
        db_table = "push_histories"
        verbose_name_plural = "push histories"
        indexes = [Index(fields=["content_hash"], name="ix_push_histories_content_hash")]

    def __str__(self) -> str:
        return f"{self.trigger_type} push, {self.status}"


class Notification(UUIDModel, TimestampedModel, SoftDeleteModel):
    """A notice shown to a learner inside the app."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    title = models.CharField(max_length=255)
    content = models.CharField(max_length=1000)
    type = models.CharField(max_length=50, default="fragmented_time")
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    data = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "notifications"

    def __str__(self) -> str:
        return self.title
