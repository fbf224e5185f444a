import pytest
from django.db import DataError, IntegrityError, transaction

from apps.library.models import KbChunk, KbEmbedding
from tests.factories.library import KbEmbeddingFactory, KbIndexMetaFactory, KbSourceFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dims", [1, 384, 1536, 4096])
def test_a_vector_is_as_wide_as_its_model_makes_it(dims: int):
    embedding = KbEmbeddingFactory(dims=dims, vector=[0.5] * dims)
    embedding.refresh_from_db()
    assert len(embedding.vector) == dims


def test_passages_and_vectors_go_with_their_document():
    KbEmbeddingFactory().chunk.source.delete()
    assert not KbChunk.objects.exists()
    assert not KbEmbedding.objects.exists()


def test_a_vector_has_numbers():
    with pytest.raises(DataError), transaction.atomic():
        KbEmbeddingFactory(vector=[float("nan")])


def test_a_path_stands_once_in_a_workspace():
    KbSourceFactory(path="a.md")
    KbSourceFactory(path="a.md", repo_id="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        KbSourceFactory(path="a.md")


def test_state_is_kept_by_key():
    assert str(KbIndexMetaFactory(key="last_refresh")) == "last_refresh"
