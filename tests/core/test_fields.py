from django.db import models

from apps.core.fields import CosineIndex, Index, closed_list
from apps.knowledge.models import KnowledgeNode

LEGACY_NAME = "idx_of_a_legacy_table_whose_name_is_long"


class Colour(models.TextChoices):
    RED = "RED"
    BLUE = "BLUE"


def test_an_index_keeps_a_long_legacy_name():
    assert len(LEGACY_NAME) > models.Index.max_name_length
    assert len(LEGACY_NAME) <= min(Index.max_name_length, CosineIndex.max_name_length)


def test_migrations_rebuild_a_cosine_index_as_it_is():
    index = CosineIndex(field="embedding", name="idx")
    path, args, options = index.deconstruct()
    assert path == "apps.core.fields.CosineIndex"
    assert CosineIndex(*args, **options) == index == index.clone()
    assert index.get_with_params() == ["m = 16", "ef_construction = 128"]
    assert index.opclasses == ["vector_cosine_ops"]


def test_a_closed_list_names_its_members():
    constraint = closed_list("name", Colour, "check")
    assert constraint.condition == models.Q(name__in=["RED", "BLUE"])
    assert constraint.name == "check"


def test_no_model_reads_its_times_from_the_clock_on_every_save():
    times = [field for field in KnowledgeNode._meta.fields if isinstance(field, models.DateTimeField)]
    assert len(times) == 3
    assert not any(field.auto_now or field.auto_now_add for field in times)
