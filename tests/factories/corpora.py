"""Factories of the RAG corpora."""

import uuid

import factory

from apps.corpora.models import Chunk, Corpus, Document
from tests.factories import DomainFactory
from tests.factories.conversations import UserFactory


class CorpusFactory(DomainFactory):
    class Meta:
        model = Corpus

    user = factory.SubFactory(UserFactory)
    name = "default"
    collection_name = "voice_docs"


class DocumentFactory(DomainFactory):
    class Meta:
        model = Document

    corpus = factory.SubFactory(CorpusFactory)
    display_name = factory.Sequence("document-{}.pdf".format)


class ChunkFactory(DomainFactory):
    class Meta:
        model = Chunk

    document = factory.SubFactory(DocumentFactory)
    point_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    chunk_index = factory.Sequence(int)
