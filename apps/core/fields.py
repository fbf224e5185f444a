"""Pieces that many model declarations repeat: closed lists, and indexes under their legacy names."""

from typing import Any

from django.db import models
from pgvector.django import HnswIndex

POSTGRESQL_NAME_LENGTH = 63


class Index(models.Index):
    """An index that may keep a legacy name of more than Django's portable 30 characters."""

    max_name_length = POSTGRESQL_NAME_LENGTH


class CosineIndex(HnswIndex):
    """Nearest neighbours of one vector column by cosine distance.

    Width and depth of the graph are those that the legacy systems were tuned for.
    """

    max_name_length = POSTGRESQL_NAME_LENGTH

    def __init__(self, *, field: str, **options: Any) -> None:
        super().__init__(fields=[field], opclasses=["vector_cosine_ops"], m=16, ef_construction=64, **options)

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        path, _, options = super().deconstruct()
        return path, (), {"field": self.fields[0], "name": options["name"]}


def closed_list(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Check that ``field`` holds one of ``choices``, or NULL where the column allows it."""
    return models.CheckConstraint(condition=models.Q((f"{field}__in", choices.values)), name=name)
