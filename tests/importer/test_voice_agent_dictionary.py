"""Every fact known of Voice Agent's tables, in both shapes, has a counterpart, or a reason why not.

No table has a check: status and role are free text.
"""

import re

import pytest

from apps.importer.systems.voice_agent import SYSTEM
from tests.importer.dictionary import parse, unmet

CONVERSATIONS = """
table sessions
    session_id string key max=255
    user_id uuid null > users.user_id CASCADE
    created_at datetime default=now
    last_activity datetime default=now
    status enum max=20
    context_summary text null
    meta_data json
    index last_activity
    index session_id
    index status last_activity
    index user_id
    index user_id created_at
table messages
    message_id uuid key
    session_id string max=255 > sessions.session_id CASCADE
    timestamp datetime default=now
    role enum max=20
    content text
    meta_data json
    created_at datetime default=now
    index role timestamp
    index session_id
    index session_id timestamp
    index timestamp
table tool_calls
    call_id uuid key
    session_id string max=255 > sessions.session_id CASCADE
    message_id uuid null > messages.message_id CASCADE
    tool_name string max=255
    parameters json
    result json
    execution_time_ms integer null
    timestamp datetime default=now
    webhook_url string null max=500
    response_status integer null
    response_time_ms integer null
    index message_id
    index session_id
    index session_id timestamp
    index timestamp
    index tool_name
    index tool_name timestamp
"""

UUID_SHAPE = parse(f"""
table users
    user_id uuid key
    id uuid
    username string max=255
    email string max=255
    hashed_password string max=255
    full_name string null max=255
    is_active boolean
    created_at datetime default=now
    last_active datetime default=now
    meta_data json
    unique id
    unique email
    unique username
{CONVERSATIONS}
table rag_corpora
    corpus_id uuid key
    user_id uuid > users.user_id CASCADE
    name string max=255
    description text null
    collection_name string max=255
    meta_data json
    created_at datetime default=now
    updated_at datetime default=now
    index collection_name
    index user_id
    unique user_id collection_name
table rag_documents
    document_id uuid key
    corpus_id uuid > rag_corpora.corpus_id CASCADE
    user_id uuid > users.user_id CASCADE
    source_path string null max=1024
    source_url string null max=1024
    display_name string max=255
    checksum string null max=128
    size_bytes integer null
    mime_type string null max=255
    status enum max=32
    ingestion_id uuid null
    meta_data json
    created_at datetime default=now
    updated_at datetime default=now
    index corpus_id
    index display_name
    index user_id
    index user_id corpus_id
table rag_chunks
    chunk_id uuid key
    document_id uuid > rag_documents.document_id CASCADE
    corpus_id uuid > rag_corpora.corpus_id CASCADE
    user_id uuid > users.user_id CASCADE
    point_id string max=255
    chunk_index integer
    text_preview text null
    meta_data json
    created_at datetime default=now
    index corpus_id
    index document_id
    index point_id
    index user_id
    index user_id point_id
table langgraph_checkpoints
    thread_id string key max=255
    checkpoint_id string key max=255
    checkpoint_data blob
    metadata json null
    created_at datetime default=now()
    index created_at
    index thread_id
""")

INTEGER_SHAPE = parse(f"""
table users
    id uuid key
    username string max=255
    created_at datetime default=now
    last_active datetime default=now
    meta_data json
    user_id uuid
    email string max=255
    hashed_password string max=255
    full_name string null max=255
    is_active boolean default=true
    unique email
    unique user_id
    unique username
    index email
    index user_id
{CONVERSATIONS}
table rag_corpora
    corpus_id integer key
    user_id uuid > users.user_id CASCADE
    corpus_name string max=255
    collection_name string max=255
    description text null
    created_at datetime default=now
    updated_at datetime default=now
    unique collection_name
    unique user_id corpus_name
    index collection_name
    index corpus_name
    index user_id
table rag_documents
    doc_id integer key
    corpus_id integer > rag_corpora.corpus_id CASCADE
    filename string max=512
    file_hash string null max=64
    file_size integer null
    mime_type string null max=128
    metadata json null
    uploaded_at datetime default=now
    index corpus_id
    index file_hash
    index filename
table rag_chunks
    chunk_id integer key
    doc_id integer > rag_documents.doc_id CASCADE
    qdrant_point_id string max=255
    chunk_index integer
    text_preview text null
    char_count integer null
    metadata json null
    created_at datetime default=now
    unique qdrant_point_id
    index chunk_index
    index doc_id
    index qdrant_point_id
""")

ONE_SHAPE = "the other shape lacks the column"
WIDER = "the other shape allows more"
OTHER_KEY = "made from the number that stands in legacy_id"
ONE_FILE = "holds within one file; the other shape has rows that are alike in it"

UUID_REASONS = {
    "users.is_active has default true, not None": "the other shape's default",
    "rag_corpora.meta_data may be NULL": ONE_SHAPE,
    "rag_corpora: no legacy column feeds legacy_id": ONE_SHAPE,
    "rag_documents.user_id may be NULL": ONE_SHAPE,
    "rag_documents.display_name holds 512 characters, not 255": WIDER,
    "rag_documents.status may be NULL": ONE_SHAPE,
    "rag_documents.meta_data may be NULL": "the other shape allows it",
    "rag_documents.updated_at may be NULL": ONE_SHAPE,
    "rag_documents.updated_at has default None, not now": "the other shape would get the import's time",
    "rag_documents: no legacy column feeds legacy_id": ONE_SHAPE,
    "rag_chunks.corpus_id may be NULL": ONE_SHAPE,
    "rag_chunks.user_id may be NULL": ONE_SHAPE,
    "rag_chunks.meta_data may be NULL": "the other shape allows it",
    "rag_chunks: no legacy column feeds char_count": ONE_SHAPE,
    "rag_chunks: no legacy column feeds legacy_id": ONE_SHAPE,
    "langgraph_checkpoints.created_at has default None, not now()": "a quoted word, not a time",
    "langgraph_checkpoints index (thread_id)": "the key's own index leads with it",
    "langgraph_checkpoints: no legacy column feeds id": "the legacy key has two columns",
}

INTEGER_REASONS = {
    "users key (id)": "all references mean user_id, which is unique as well",
    "rag_documents.corpus_id is uuid, not integer": OTHER_KEY,
    "rag_chunks.doc_id is uuid, not integer": OTHER_KEY,
    "rag_corpora unique (collection_name)": ONE_FILE,
    "rag_corpora unique (user_id, corpus_name)": ONE_FILE,
    "rag_corpora: no legacy column feeds meta_data": ONE_SHAPE,
    "rag_documents.file_hash holds 128 characters, not 64": WIDER,
    "rag_documents.mime_type holds 255 characters, not 128": WIDER,
    "rag_documents: no legacy column feeds ingestion_id": ONE_SHAPE,
    "rag_documents: no legacy column feeds source_path": ONE_SHAPE,
    "rag_documents: no legacy column feeds source_url": ONE_SHAPE,
    "rag_documents: no legacy column feeds status": ONE_SHAPE,
    "rag_documents: no legacy column feeds updated_at": ONE_SHAPE,
    "rag_documents: no legacy column feeds user": ONE_SHAPE,
    "rag_chunks unique (qdrant_point_id)": ONE_FILE,
    "rag_chunks: no legacy column feeds corpus": ONE_SHAPE,
    "rag_chunks: no legacy column feeds user": ONE_SHAPE,
}

SHAPES = {None: (UUID_SHAPE, UUID_REASONS), "seed_migration_002": (INTEGER_SHAPE, INTEGER_REASONS)}
VARIANTS = {None: None} | {variant.name: variant for variant in SYSTEM.variants}
CASES = [(shape, name) for shape, (facts, _) in SHAPES.items() for name in facts]


def test_every_shape_is_a_variant():
    assert VARIANTS.keys() == SHAPES.keys()


def test_mapping_knows_each_table():
    assert {*SYSTEM.resolved, *SYSTEM.left_out} == {*UUID_SHAPE, "alembic_version"}


@pytest.mark.django_db
@pytest.mark.parametrize(("shape", "name"), CASES)
def test_facts_have_a_counterpart_or_a_reason(shape, name):
    facts, listed = SHAPES[shape]
    tables = SYSTEM.of_variant(VARIANTS[shape])
    reasons = {problem for problem in listed if re.split(r"[.: ]", problem)[0] == name}
    assert unmet(facts[name], tables[name], tables) == reasons


def test_columns_tell_the_shapes_apart():
    has = VARIANTS["seed_migration_002"].has
    for table, columns in has.items():
        assert columns <= INTEGER_SHAPE[table].columns.keys()
        assert not columns & UUID_SHAPE[table].columns.keys()
