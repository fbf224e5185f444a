"""Atlas, the document collector: seven tables, all of one shape.

Two kinds of writers share a file. The repository and the collector write UTC with a blank between date and
time; the web app writes the host's own time with a T. Lists of words are JSON text, or text with commas.
"""

from apps.collection.models import (
    CollectionTask,
    DataSource,
    DuplicateGroup,
    DuplicateGroupMember,
    ProcessedDocument,
    RawDocument,
    SystemMetrics,
)
from apps.importer import convert
from apps.importer.mapping import LegacySystem, Link, Table

WORDS = convert.string_array(commas=True)
SOURCE = {"source": Link("source_id", by=("name", "legacy_id"))}

SYSTEM = LegacySystem(
    name="atlas",
    title="Atlas",
    tables=(
        Table(
            "data_sources",
            DataSource,
            columns={"legacy_id": "id"},
            convert={"tags": WORDS},
            key=("id",),
            local={"last_success_at"},
        ),
        Table("raw_documents", RawDocument, links=SOURCE),
        Table("processed_documents", ProcessedDocument, convert={"keywords": WORDS, "categories": WORDS}),
        Table(
            "collection_tasks",
            CollectionTask,
            columns={"legacy_id": "id"},
            key=("id",),
            null_key=True,
            local_t={"created_at", "started_at", "completed_at"},
            links=SOURCE,
        ),
        Table("system_metrics", SystemMetrics),
        Table("duplicate_groups", DuplicateGroup),
        Table("duplicate_group_members", DuplicateGroupMember, key=("group_id", "document_id")),
    ),
)
