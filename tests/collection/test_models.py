import pytest
from django.db import IntegrityError, connection
from django.db.models import ProtectedError

from apps.collection.models import DataSource, ProcessedDocument, RawDocument
from tests.factories.collection import (
    CollectionTaskFactory,
    DataSourceFactory,
    DuplicateGroupFactory,
    DuplicateGroupMemberFactory,
    ProcessedDocumentFactory,
    RawDocumentFactory,
)

pytestmark = pytest.mark.django_db

COUNTS = {"collection_count": 0, "success_count": 0, "error_count": 0}
SETTINGS = {"collection_interval": 3600, "max_items_per_run": 100, "retry_count": 3, "timeout": 30}
CONTENT = {"enabled": True, "config": {}, "tags": []}


def test_postgresql_fills_what_a_row_leaves_out():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO data_sources (name, source_type, created_at, updated_at)"
            " VALUES ('feed', 'rss_feed', now(), now())"
        )
    expected = COUNTS | SETTINGS | CONTENT
    assert DataSource.objects.values(*expected).get() == expected


def test_sources_may_share_a_name_but_no_legacy_key():
    first = DataSourceFactory(name="feed")
    DataSourceFactory(name="feed")
    with pytest.raises(IntegrityError):
        DataSourceFactory(legacy_id=first.legacy_id)


def test_tasks_may_lack_a_legacy_key():
    assert CollectionTaskFactory().pk != CollectionTaskFactory().pk


def test_documents_and_tasks_outlive_their_source():
    document = RawDocumentFactory()
    task = CollectionTaskFactory(source=document.source)
    name = document.source_ref
    document.source.delete()
    for row in (document, task):
        row.refresh_from_db()
        assert (row.source, row.source_ref) == (None, name)


def test_a_document_may_name_a_source_that_nobody_knows():
    assert RawDocumentFactory(source=None, source_ref="unknown").source_id is None


def test_a_raw_document_takes_its_results_along():
    result = ProcessedDocumentFactory()
    ProcessedDocumentFactory(raw_document=result.raw_document)
    result.raw_document.delete()
    assert not ProcessedDocument.objects.exists()


def test_json_null_is_not_the_same_as_no_value():
    for stored in ("'null'", "NULL"):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO processed_documents (id, raw_document_id, structured_content, processed_at,"
                f" created_at, updated_at) VALUES (gen_random_uuid(), %s, {stored}, now(), now(), now())",
                [RawDocumentFactory().pk],
            )
    assert ProcessedDocument.objects.filter(structured_content__isnull=True).count() == 1
    assert ProcessedDocument.objects.filter(structured_content=None).count() == 1


def test_a_group_keeps_the_document_that_stands_for_it():
    group = DuplicateGroupFactory()
    with pytest.raises(ProtectedError):
        group.representative_document.delete()


def test_a_document_stands_in_a_group_once():
    member = DuplicateGroupMemberFactory()
    with pytest.raises(IntegrityError):
        DuplicateGroupMemberFactory(group=member.group)


def test_the_same_article_may_be_stored_again():
    for _ in range(2):
        RawDocumentFactory(content_hash="e3b0", source_url="https://example.com/a")
    assert RawDocument.objects.filter(content_hash="e3b0").count() == 2
