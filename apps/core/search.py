"""Full text search in Django's words: the functions that ``core.0002_search`` gives PostgreSQL."""

from functools import reduce

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models.expressions import CombinedExpression

from apps.core.fields import POSTGRESQL_NAME_LENGTH


class SearchGrams(models.Func):
    """The lexemes of a text or JSON column: words, and pairs of Chinese and Japanese characters."""

    function = "search_grams"
    output_field = SearchVectorField()


class Words(SearchQuery):
    """What a person typed: ``filter(search=Words("数据库 art*"))`` finds rows that hold all of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.function = "search_query"


class SearchIndex(GinIndex):
    """The GIN index of a search column."""

    max_name_length = POSTGRESQL_NAME_LENGTH


def search_column(*fields: str) -> models.GeneratedField:
    """Return a column that PostgreSQL generates from the row's own text or JSON columns."""
    parts = [SearchGrams(field) for field in fields]
    joined = reduce(lambda a, b: CombinedExpression(a, "||", b, output_field=SearchVectorField()), parts)
    return models.GeneratedField(expression=joined, output_field=SearchVectorField(), db_persist=True)
