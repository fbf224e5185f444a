"""Voice Agent, the speaking assistant: tables, planted faults, and the two shapes of its document tables."""

from dataclasses import replace

from apps.samples.text import sessions
from apps.samples.voice_agent import corpora, tables
from apps.samples.world import Row, World, every, fixed, per
from apps.samples.writer import Fault, Raw, Rows, Sample, Script, Table

TALK = (
    Table("users", tables.users, per(60, 10)),
    Table("sessions", tables.voice_sessions, lambda rows: sessions(rows) + 2),
    Table("messages", tables.messages, every),
    Table("tool_calls", tables.tool_calls, per(5, 16)),
)
CHECKPOINTS = Table("langgraph_checkpoints", tables.langgraph_checkpoints, per(10, 12))
DOCUMENTS = (
    Table("rag_corpora", corpora.rag_corpora, per(60, 8)),
    Table("rag_documents", corpora.rag_documents, per(40, 12)),
    Table("rag_chunks", corpora.rag_chunks, per(4, 40)),
)
MIGRATED_ROWS = (corpora.migrated_corpora, corpora.migrated_documents, corpora.migrated_chunks)
MIGRATED = tuple(replace(table, row=row) for table, row in zip(DOCUMENTS, MIGRATED_ROWS, strict=True))


def _version(world: World, number: int) -> Row:
    return {"version_num": "002_add_rag_tables"}


def _lost_message(world: World) -> str:
    return world.plain_uuid("messages", world.count("messages"))


def _lost_document(world: World) -> str:
    return world.plain_uuid("rag_documents", world.count("rag_documents"))


TALK_FAULTS = (
    Fault("users", "duplicate_key", {"user_id": lambda world: world.plain_uuid("users", 0).upper()}),
    Fault("users", "boolean_invalid", {"is_active": 2}),
    Fault("sessions", "text_nul", {"session_id": "conv_faulty000001", "context_summary": "cut\0off"}),
    Fault("messages", "missing_parent", {"session_id": "conv_deleted00000"}),
    Fault("messages", "text_encoding", {"content": Raw("Shift_JIS: こんにちは".encode("shift_jis"))}),
    Fault("messages", "json_duplicate_key", {"meta_data": '{"lang": "zh", "lang": "en"}'}),
    Fault("tool_calls", "parent_quarantined", {"message_id": _lost_message}),
    Fault("tool_calls", "json_invalid", {"result": '{"success": true, "data": NaN}'}),
)
MODEL_FAULTS = (
    Fault("rag_documents", "number_invalid", {"size_bytes": "unknown"}),
    Fault("rag_chunks", "parent_quarantined", {"document_id": _lost_document}),
    Fault("langgraph_checkpoints", "datetime_invalid", {"created_at": "now()"}),
    Fault("langgraph_checkpoints", "type_mismatch", {"checkpoint_data": "text, no pickle"}),
)
MIGRATED_FAULTS = (
    Fault("rag_documents", "number_invalid", {"file_size": "unknown"}),
    Fault("rag_chunks", "parent_quarantined", {"doc_id": lambda world: world.count("rag_documents") + 1}),
)


def _names(tables: tuple[Table, ...]) -> tuple[str, ...]:
    return tuple(table.name for table in tables)


STANDARD = (*TALK, *DOCUMENTS, CHECKPOINTS)
SEED = (*TALK, *MIGRATED, Table("alembic_version", _version, fixed(1)))

SAMPLES = (
    Sample(
        system="voice_agent",
        variant="standard",
        filename="voice_agent.db",
        tables=STANDARD,
        steps=(Script("voice_agent.sql"), Rows(_names(STANDARD))),
        faults=(*TALK_FAULTS, *MODEL_FAULTS),
    ),
    Sample(
        system="voice_agent",
        variant="seed_migration_002",
        filename="voice_agent_seed_migration_002.db",
        tables=SEED,
        steps=(Script("voice_agent_migrated.sql"), Rows(_names(SEED))),
        faults=(*TALK_FAULTS, *MIGRATED_FAULTS),
        tag="m2",
    ),
)
