"""Voice Agent: documents for retrieval, in the models' shape (uuid keys) and the migrations' (integers)."""

from apps.samples import times
from apps.samples.text import ODD_TEXTS, escaped
from apps.samples.voice_agent.tables import user
from apps.samples.world import Row, World, pick

DOCUMENTS = (
    ("handbook", "pdf"),
    ("员工手册", "docx"),
    ("meeting notes", "md"),
    ("报销制度", "pdf"),
    ("recipes", "txt"),
)
PASSAGES = (
    "第 3 章 请假：提前两天在系统里提交，主管同意后生效。",
    "Chapter 4, travel: book by rail where the journey takes less than five hours.",
    "报销需附发票原件，三十日内有效。",
    "Notes of the weekly meeting: release on Thursday, retro on Friday 🎯",
    "把面团静置四十分钟，表面盖上湿布。",
)


def corpus_of(world: World, document: int) -> int:
    return document % world.count("rag_corpora")


def document_of(world: World, chunk: int) -> int:
    return chunk % world.count("rag_documents")


def preview(number: int) -> str:
    """The first 200 characters of a passage."""
    if number % 29 == 17:
        return pick(ODD_TEXTS, number // 29)
    return "" if number % 37 == 36 else f"{pick(PASSAGES, number)} ({number})"


def collection(world: World, corpus: int) -> str:
    return "voice_docs" if corpus % 3 else f"voice_docs_{world.uuid('users', corpus)}"


def rag_corpora(world: World, number: int) -> Row:
    moment = times.seconds(world.when("rag_corpora", number))
    return {
        "corpus_id": world.plain_uuid("rag_corpora", number),
        "user_id": user(world, number),
        "name": pick(("default", "工作资料", "Kitchen"), number),
        "description": "上传的文件" if number % 2 else None,
        "collection_name": collection(world, number),
        "meta_data": escaped({"collection": collection(world, number)}),
        "created_at": moment,
        "updated_at": moment,
    }


def rag_documents(world: World, number: int) -> Row:
    corpus = corpus_of(world, number)
    stem, suffix = pick(DOCUMENTS, number)
    moment = times.seconds(world.when("rag_documents", number))
    return {
        "document_id": world.plain_uuid("rag_documents", number),
        "corpus_id": world.plain_uuid("rag_corpora", corpus),
        "user_id": user(world, corpus),
        "source_path": f"docs/uploads/{world.hex('uploads', number)}.{suffix}",
        "source_url": None,
        "display_name": f"{stem} {number}.{suffix}",
        "checksum": None,
        "size_bytes": 900 + number * 37 % 90_000,
        "mime_type": suffix,
        "status": "ACTIVE",
        "ingestion_id": None,
        "meta_data": escaped(
            {
                "document_id": world.uuid("vectors", number),
                "corpus_id": world.uuid("rag_corpora", corpus),
                "collection": collection(world, corpus),
            }
        ),
        "created_at": moment,
        "updated_at": moment,
    }


def rag_chunks(world: World, number: int) -> Row:
    document = document_of(world, number)
    corpus = corpus_of(world, document)
    index = number // world.count("rag_documents")
    payload = {
        "owner_id": world.uuid("users", corpus % world.count("users")),
        "document_id": world.uuid("vectors", document),
        "chunk_index": index,
        "source_name": pick(DOCUMENTS, document)[0],
    }
    return {
        "chunk_id": world.plain_uuid("rag_chunks", number),
        "document_id": world.plain_uuid("rag_documents", document),
        "corpus_id": world.plain_uuid("rag_corpora", corpus),
        "user_id": user(world, corpus),
        "point_id": world.uuid("points", number),
        "chunk_index": index,
        "text_preview": preview(number),
        "meta_data": escaped(payload),
        "created_at": times.seconds(world.when("rag_chunks", number)),
    }


def migrated_corpora(world: World, number: int) -> Row:
    moment = times.seconds(world.when("rag_corpora", number))
    return {
        "corpus_id": number + 1,
        "user_id": user(world, number),
        "corpus_name": pick(("default", "工作资料", "Kitchen"), number),
        "collection_name": f"voice_docs_{world.uuid('users', number)}",
        "description": "上传的文件" if number % 2 else None,
        "created_at": moment,
        "updated_at": moment,
    }


def migrated_documents(world: World, number: int) -> Row:
    stem, suffix = pick(DOCUMENTS, number)
    return {
        "doc_id": number + 1,
        "corpus_id": corpus_of(world, number) + 1,
        "filename": f"{stem} {number}.{suffix}",
        "file_hash": world.sha("rag_documents", number) if number % 3 else None,
        "file_size": 900 + number * 37 % 90_000,
        "mime_type": f"application/{suffix}",
        "metadata": pick((escaped({"标签": "制度"}), "null", None), number),
        "uploaded_at": times.seconds(world.when("rag_documents", number)),
    }


def migrated_chunks(world: World, number: int) -> Row:
    text = preview(number)
    return {
        "chunk_id": number + 1,
        "doc_id": document_of(world, number) + 1,
        "qdrant_point_id": world.uuid("points", number),
        "chunk_index": number // world.count("rag_documents"),
        "text_preview": text,
        "char_count": len(text) * 4 if number % 5 else None,
        "metadata": escaped({"page": number % 40}) if number % 2 else "null",
        "created_at": times.seconds(world.when("rag_chunks", number)),
    }
