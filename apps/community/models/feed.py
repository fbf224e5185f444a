"""The public feed: posts and who likes them."""

from django.db import models
from django.db.models.functions import Now

from apps.core.fields import Index, closed_list
from apps.core.models import DatabaseUUIDModel, SoftDeleteModel


class Visibility(models.TextChoices):
    PUBLIC = "public"
    PRIVATE = "private"
    FRIENDS_ONLY = "friends_only"


class Post(DatabaseUUIDModel, SoftDeleteModel):
    """A learner's post, for everyone, for friends or for nobody else."""

    user = models.ForeignKey("learners.User", on_delete=models.CASCADE)
    content = models.TextField()
    image_urls = models.JSONField(null=True, blank=True)
    topic = models.CharField(max_length=100, null=True, blank=True)
    visibility = models.CharField(
        max_length=20, choices=Visibility, null=True, blank=True, db_default=Visibility.PUBLIC
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "posts"
        constraints = [closed_list("visibility", Visibility, "posts_visibility_check")]
        indexes = [
            Index(fields=["created_at"], name="idx_posts_created_at"),
            Index(
                fields=["visibility", "-created_at"],
                condition=models.Q(visibility="public"),
                name="idx_posts_visibility_created",
            ),
        ]

    def __str__(self) -> str:
        return self.content[:60]


class PostLike(models.Model):
    """A learner's like of a post."""

    user = models.ForeignKey("learners.User", on_delete=models.CASCADE)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "post_likes"
        # The legacy key: its two columns together.
        constraints = [models.UniqueConstraint(fields=["user", "post"], name="uq_post_like")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.post_id}"
