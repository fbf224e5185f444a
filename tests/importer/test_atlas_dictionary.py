"""Every fact known of Atlas' seven tables has a counterpart, or a reason why not. They have no checks."""

import re

import pytest

from apps.importer.systems.atlas import SYSTEM
from tests.importer.dictionary import parse, unmet

FACTS = parse("""
table data_sources
    id string key null
    name string
    description text null
    source_type enum
    url text null
    config json null default={}
    enabled boolean null default=true
    collection_interval integer null default=3600
    max_items_per_run integer null default=100
    retry_count integer null default=3
    timeout integer null default=30
    tags string[] null default=[]
    category string null
    language string null
    created_at datetime
    updated_at datetime
    last_collected_at datetime null
    last_success_at datetime null
    collection_count integer null default=0
    success_count integer null default=0
    error_count integer null default=0
    last_error text null
    index category
    index enabled
    index last_collected_at
    index source_type
    index name
table raw_documents
    id uuid key null
    source_id string
    source_url text null
    source_type enum
    document_type enum
    raw_content text
    raw_metadata json null default={}
    collected_at datetime
    collector_version string null default=0.1.0
    processing_status enum null default=pending
    processing_error text null
    processing_attempts integer null default=0
    content_hash string null
    title text null
    author string null
    published_at datetime null
    language string null
    created_at datetime
    updated_at datetime
    index collected_at
    index content_hash
    index processing_status
    index published_at
    index source_id
table processed_documents
    id uuid key null
    raw_document_id uuid > raw_documents.id CASCADE
    title text null
    summary text null
    content text null
    structured_content json null default={}
    extracted_metadata json null default={}
    entities json null default=[]
    keywords string[] null default=[]
    categories string[] null default=[]
    processed_at datetime
    processor_version string null default=0.1.0
    processing_time_ms integer null
    content_hash string null
    similarity_group_id string null
    similarity_score real null
    is_duplicate boolean null default=false
    quality_score real null
    relevance_score real null
    created_at datetime
    updated_at datetime
    index content_hash
    index is_duplicate
    index processed_at
    index quality_score
    index raw_document_id
    index similarity_group_id
table collection_tasks
    id uuid key null
    source_id string > data_sources.id CASCADE
    task_type string null default=collection
    status enum null default=pending
    priority integer null default=0
    created_at datetime
    started_at datetime null
    completed_at datetime null
    worker_id string null
    retry_count integer null default=0
    max_retries integer null default=3
    items_collected integer null default=0
    items_processed integer null default=0
    items_failed integer null default=0
    error_message text null
    error_details json null default={}
    config json null default={}
    index created_at
    index priority
    index source_id
    index status
table system_metrics
    id uuid key null
    timestamp datetime
    total_raw_documents integer null default=0
    total_processed_documents integer null default=0
    documents_last_24h integer null default=0
    total_sources integer null default=0
    active_sources integer null default=0
    failed_sources integer null default=0
    pending_tasks integer null default=0
    running_tasks integer null default=0
    completed_tasks_last_24h integer null default=0
    cpu_usage_percent real null
    memory_usage_mb real null
    disk_usage_mb real null
    avg_processing_time_ms real null
    avg_collection_time_ms real null
    error_rate_last_24h real null
    index timestamp
table duplicate_groups
    group_id string key null
    created_at datetime
    updated_at datetime
    representative_document_id uuid > processed_documents.id NO_ACTION
    document_count integer null default=0
    similarity_threshold real
    total_content_length integer null default=0
    avg_content_length real null default=0.0
    min_published_at datetime null
    max_published_at datetime null
    detection_method string
    detection_config json null default={}
table duplicate_group_members
    group_id string key > duplicate_groups.group_id CASCADE
    document_id uuid key > processed_documents.id CASCADE
    similarity_score real
    added_at datetime
    index document_id
    index similarity_score
""")

KEY_NEEDED = (
    "SQLite alone allows NULL in a text key; no writer leaves it out, and a row without one is set aside"
)
NEW_KEY = "an identity given here, as in the PostgreSQL schema of the old migration"

REASONS = {
    "data_sources: no legacy column feeds id": NEW_KEY,
    "raw_documents.id must not be NULL": KEY_NEEDED,
    "processed_documents.id must not be NULL": KEY_NEEDED,
    "collection_tasks.source_id > data_sources.id CASCADE": "often a name; a link stands beside it",
    "collection_tasks: no legacy column feeds id": NEW_KEY,
    "system_metrics.id must not be NULL": KEY_NEEDED,
    "duplicate_groups.group_id must not be NULL": KEY_NEEDED,
    "duplicate_group_members: no legacy column feeds id": "the legacy key has two columns",
}


def test_mapping_knows_each_table():
    assert {*SYSTEM.resolved, *SYSTEM.left_out} == set(FACTS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FACTS)
def test_facts_have_a_counterpart_or_a_reason(name):
    reasons = {problem for problem in REASONS if re.split(r"[.: ]", problem)[0] == name}
    assert unmet(FACTS[name], SYSTEM.resolved[name], SYSTEM.resolved) == reasons


def test_host_local_columns():
    """The web app alone wrote last_success_at; the times of tasks are the host's in the form with a T."""
    found = {
        f"{table.source}.{column.source}": column.local
        for table in SYSTEM.resolved.values()
        for column in table.columns
        if column.local
    }
    assert found == {
        "data_sources.last_success_at": "all",
        "collection_tasks.created_at": "t",
        "collection_tasks.started_at": "t",
        "collection_tasks.completed_at": "t",
    }


def test_sources_are_found_by_name_then_by_key():
    links = {table.source: table.declared.links for table in SYSTEM.resolved.values() if table.links}
    assert links.keys() == {"raw_documents", "collection_tasks"}
    for link in (found["source"] for found in links.values()):
        assert (link.source, link.by) == ("source_id", ("name", "legacy_id"))


def test_keyless_tasks_are_told_by_their_rowid():
    assert {t.source for t in SYSTEM.resolved.values() if t.declared.null_key} == {"collection_tasks"}
