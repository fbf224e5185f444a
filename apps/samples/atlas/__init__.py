"""Atlas, the document collector: tables with their sizes and planted faults."""

from apps.samples.atlas import tables
from apps.samples.world import World, every, fixed, per
from apps.samples.writer import Fault, Raw, Rows, Sample, Script, Table

TABLES = (
    Table("data_sources", tables.data_sources, fixed(12)),
    Table("raw_documents", tables.raw_documents, every),
    Table("processed_documents", tables.processed_documents, per(2, 30)),
    Table("collection_tasks", tables.collection_tasks, per(3, 40)),
    Table("system_metrics", tables.system_metrics, per(10, 24)),
    Table("duplicate_groups", tables.duplicate_groups, per(20, 6)),
    Table("duplicate_group_members", tables.duplicate_group_members, lambda rows: 2 * per(20, 6)(rows)),
)


def _twin(world: World) -> str:
    return world.uuid("raw_documents", 0).upper()


def _lost_document(world: World) -> str:
    return world.uuid("processed_documents", world.count("processed_documents"))


FAULTS = (
    Fault("data_sources", "boolean_invalid", {"enabled": "enabled"}),
    Fault("raw_documents", "duplicate_key", {"id": _twin}),
    Fault("raw_documents", "uuid_invalid", {"id": "doc_0"}),
    Fault("raw_documents", "text_encoding", {"raw_content": Raw("Latin-1: café".encode("latin-1"))}),
    Fault("raw_documents", "text_nul", {"title": "cut\0off"}),
    Fault("raw_documents", "datetime_invalid", {"published_at": "Fri, 19 Dec 2025 10:00:00 GMT"}),
    Fault("raw_documents", "json_invalid", {"raw_metadata": "{'title': 'a Python repr'}"}),
    Fault(
        "processed_documents", "missing_parent", {"raw_document_id": lambda world: world.uuid("nowhere", 0)}
    ),
    Fault("processed_documents", "array_invalid", {"keywords": '["a", 1]'}),
    Fault("processed_documents", "number_invalid", {"quality_score": "high"}),
    Fault("system_metrics", "datetime_ambiguous", {"timestamp": 20250101}),
    Fault("duplicate_group_members", "parent_quarantined", {"document_id": _lost_document}),
)

SAMPLES = (
    Sample(
        system="atlas",
        variant="standard",
        filename="atlas.db",
        tables=TABLES,
        steps=(Script("atlas.sql"), Rows(tuple(table.name for table in TABLES))),
        faults=FAULTS,
    ),
)
