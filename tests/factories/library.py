"""Documents of the knowledge base, their passages and vectors."""

import datetime

import factory

from apps.library.models import KbChunk, KbEmbedding, KbEmbeddingMeta, KbIndexMeta, KbSource
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class KbSourceFactory(DomainFactory):
    class Meta:
        model = KbSource

    source_id = factory.Sequence("source-{}".format)
    repo_id = "workspace"
    path = factory.Sequence("docs/page-{}.md".format)
    file_hash = "0" * 64
    mtime = 1_795_331_440
    created_at = WHEN
    updated_at = WHEN


class KbChunkFactory(DomainFactory):
    class Meta:
        model = KbChunk

    chunk_id = factory.Sequence("chunk-{}".format)
    source = factory.SubFactory(KbSourceFactory)
    start_line = 1
    end_line = 9
    content = "知识库的架构说明"
    content_hash = "0" * 64
    created_at = WHEN


class KbEmbeddingFactory(DomainFactory):
    class Meta:
        model = KbEmbedding

    chunk = factory.SubFactory(KbChunkFactory)
    model = "all-MiniLM-L6-v2"
    dims = 3
    vector = [0.6, 0.8, 0.0]
    content_hash = "0" * 64
    built_at = 1_795_331_440


class KbIndexMetaFactory(DomainFactory):
    class Meta:
        model = KbIndexMeta

    key = factory.Sequence("key-{}".format)
    value = "heading_based_300_800"
    updated_at = WHEN


class KbEmbeddingMetaFactory(DomainFactory):
    class Meta:
        model = KbEmbeddingMeta

    key = factory.Sequence("key-{}".format)
    value = "all-MiniLM-L6-v2"
    updated_at = 1_795_331_440
