"""Pieces that many model declarations repeat: closed lists, and indexes under their legacy names."""

from typing import Any

from django.db import models
from pgvector.django import HnswIndex

POSTGRESQL_NAME_LENGTH = 63
GRAPH_WIDTH = 16
"""Neighbours that a node of a graph keeps (``m``), as in the legacy systems' PostgreSQL."""
GRAPH_CARE = 128
"""How many candidates a new node's neighbours are chosen from (``ef_construction``).

The legacy systems had pgvector's default, 64. Measured with 100,000 x 1536: with 64, a search as wide as
pgvector searches by itself (``hnsw.ef_search`` 40) misses one of the ten nearest and now and then the node itself,
and one that finds 95 in 100 takes half as long again as with 128. The build takes a third longer.
"""


class Index(models.Index):
    """An index that may keep a legacy name of more than Django's portable 30 characters."""

    max_name_length = POSTGRESQL_NAME_LENGTH


class CosineIndex(HnswIndex):
    """Nearest neighbours of one vector column by cosine distance."""

    max_name_length = POSTGRESQL_NAME_LENGTH

    def __init__(self, *, field: str, **options: Any) -> None:
        graph = {"m": GRAPH_WIDTH, "ef_construction": GRAPH_CARE}
        super().__init__(fields=[field], opclasses=["vector_cosine_ops"], **graph, **options)

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        path, _, options = super().deconstruct()
        return path, (), {"field": self.fields[0], "name": options["name"]}


def closed_list(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Check that ``field`` holds one of ``choices``, or NULL where the column allows it."""
    return models.CheckConstraint(condition=models.Q((f"{field}__in", choices.values)), name=name)
