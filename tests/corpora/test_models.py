import pytest
from django.db import IntegrityError

from apps.corpora.models import Chunk, Document
from tests.factories.conversations import UserFactory
from tests.factories.corpora import ChunkFactory, CorpusFactory, DocumentFactory

pytestmark = pytest.mark.django_db


def test_users_share_a_collection_name():
    corpus = CorpusFactory()
    CorpusFactory(collection_name=corpus.collection_name)
    with pytest.raises(IntegrityError):
        CorpusFactory(user=corpus.user, collection_name=corpus.collection_name, name="another")


def test_numbers_of_two_files_may_be_alike():
    assert CorpusFactory(legacy_id=1).pk != CorpusFactory(legacy_id=1).pk


def test_a_document_of_the_integer_shape_has_no_time_of_change():
    document = DocumentFactory(legacy_id=1)
    document.refresh_from_db()
    assert document.created_at is not None
    assert document.updated_at is None


def test_a_corpus_takes_its_documents_and_their_chunks_along():
    chunk = ChunkFactory()
    chunk.document.corpus.delete()
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()


def test_an_account_takes_its_corpora_along():
    user = UserFactory()
    ChunkFactory(document__corpus__user=user)
    user.delete()
    assert not Chunk.objects.exists()
