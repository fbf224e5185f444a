"""Factories of the document collection."""

import factory
from django.utils import timezone

from apps.collection.models import (
    CollectionTask,
    DataSource,
    DuplicateGroup,
    DuplicateGroupMember,
    ProcessedDocument,
    RawDocument,
    SystemMetrics,
)
from tests.factories import DomainFactory


class DataSourceFactory(DomainFactory):
    class Meta:
        model = DataSource

    legacy_id = factory.Sequence("rss_example_{}".format)
    name = factory.Sequence("feed-{}".format)
    source_type = "rss_feed"


class RawDocumentFactory(DomainFactory):
    class Meta:
        model = RawDocument

    source = factory.SubFactory(DataSourceFactory)
    source_ref = factory.SelfAttribute("source.name")
    source_type = "rss_feed"
    document_type = "rss"
    raw_content = "body"
    collected_at = factory.LazyFunction(timezone.now)


class ProcessedDocumentFactory(DomainFactory):
    class Meta:
        model = ProcessedDocument

    raw_document = factory.SubFactory(RawDocumentFactory)
    processed_at = factory.LazyFunction(timezone.now)


class CollectionTaskFactory(DomainFactory):
    class Meta:
        model = CollectionTask

    source = factory.SubFactory(DataSourceFactory)
    source_ref = factory.SelfAttribute("source.name")
    created_at = factory.LazyFunction(timezone.now)


class SystemMetricsFactory(DomainFactory):
    class Meta:
        model = SystemMetrics

    timestamp = factory.LazyFunction(timezone.now)


class DuplicateGroupFactory(DomainFactory):
    class Meta:
        model = DuplicateGroup

    group_id = factory.Sequence("group-{}".format)
    representative_document = factory.SubFactory(ProcessedDocumentFactory)
    similarity_threshold = 0.85
    detection_method = "content_hash"


class DuplicateGroupMemberFactory(DomainFactory):
    class Meta:
        model = DuplicateGroupMember

    group = factory.SubFactory(DuplicateGroupFactory)
    document = factory.SelfAttribute("group.representative_document")
    similarity_score = 1.0
    added_at = factory.LazyFunction(timezone.now)
