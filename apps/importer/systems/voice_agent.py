"""Voice Agent, the assistant with RAG: conversations in one shape, corpora in two.

The application's own files have UUID keys everywhere. Files brought up by the old migrations have integer
keys and other column names in the three corpora tables; which of the two it is, only the columns tell.
"""

from apps.conversations.models import Checkpoint, Message, Session, ToolCall, User
from apps.corpora.models import Chunk, Corpus, Document
from apps.importer.mapping import LegacySystem, SourceKey, Table, Variant

CORPUS_KEY = SourceKey("rag_corpora")
DOCUMENT_KEY = SourceKey("rag_documents")
CHUNK_KEY = SourceKey("rag_chunks")

INTEGER_KEYS = (
    Table(
        "rag_corpora",
        Corpus,
        columns={"legacy_id": "corpus_id", "name": "corpus_name"},
        convert={"corpus_id": CORPUS_KEY},
        key=("corpus_id",),
        ignore={"meta_data"},
    ),
    Table(
        "rag_documents",
        Document,
        columns={
            "document_id": "doc_id",
            "legacy_id": "doc_id",
            "display_name": "filename",
            "checksum": "file_hash",
            "size_bytes": "file_size",
            "meta_data": "metadata",
            "created_at": "uploaded_at",
        },
        convert={"document_id": DOCUMENT_KEY, "corpus": CORPUS_KEY},
        key=("doc_id",),
        ignore={"user", "source_path", "source_url", "status", "ingestion_id", "updated_at"},
    ),
    Table(
        "rag_chunks",
        Chunk,
        columns={
            "legacy_id": "chunk_id",
            "document": "doc_id",
            "point_id": "qdrant_point_id",
            "meta_data": "metadata",
        },
        convert={"chunk_id": CHUNK_KEY, "document": DOCUMENT_KEY},
        key=("chunk_id",),
        ignore={"corpus", "user"},
    ),
)

SYSTEM = LegacySystem(
    name="voice_agent",
    title="Voice Agent",
    tables=(
        Table("users", User, key=("user_id",)),
        Table("sessions", Session),
        Table("messages", Message),
        Table("tool_calls", ToolCall),
        Table("rag_corpora", Corpus, ignore={"legacy_id"}),
        Table("rag_documents", Document, ignore={"legacy_id"}),
        Table("rag_chunks", Chunk, ignore={"legacy_id", "char_count"}),
        Table("langgraph_checkpoints", Checkpoint, key=("thread_id", "checkpoint_id")),
    ),
    left_out={"alembic_version": "bookkeeping of the old migration tool"},
    variants=(Variant("seed_migration_002", has={"rag_corpora": {"corpus_name"}}, tables=INTEGER_KEYS),),
)
