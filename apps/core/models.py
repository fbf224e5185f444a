"""Abstract bases of the imported models: what many legacy tables share, in columns and in meaning.

None of them touches a time by itself (no ``auto_now``): what a row says about its own past was decided by
the legacy system, and an import must be able to write it unchanged.
"""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils import timezone

from apps.core.inspection.rights import Right  # noqa: F401  a model of this app


class UUIDModel(models.Model):
    """A row known by a random UUID that the application makes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class DatabaseUUIDModel(models.Model):
    """A row known by a random UUID that PostgreSQL makes where the writer names none."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID(), editable=False)

    class Meta:
        abstract = True


class TimestampedModel(models.Model):
    """A row that always says when it was made and when it was last changed."""

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class SoftDeleteModel(models.Model):
    """A row that is marked as deleted instead of being removed; it keeps its place in every unique key."""

    deleted_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        abstract = True
