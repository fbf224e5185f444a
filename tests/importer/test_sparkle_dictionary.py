"""Every fact known of Sparkle's forty tables has a counterpart, or a reason why not.

``sparkle/`` beside this module has the facts, a file for each app; ``soft`` there stands for the columns that
tables with soft deletion share. Twin indexes are named once.
"""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from apps.importer.systems.sparkle import LATER_USER_COLUMNS, SYSTEM
from apps.tutoring.models import AgentStatsSummary
from tests.importer.dictionary import parse, unmet

APPS = ("learners", "knowledge", "planning", "tutoring", "practice", "community", "events")

SOFT = """
    id uuid key
    created_at datetime
    updated_at datetime
    deleted_at datetime null
    index deleted_at
"""

FACTS = parse(
    "\n".join((Path(__file__).parent / "sparkle" / f"{app}.txt").read_text() for app in APPS).replace(
        "    soft\n", SOFT
    )
)

SHARES = "CHECKIN FRAGMENT_SHARE ACHIEVEMENT PLAN_SHARE PROGRESS SYSTEM TASK_SHARE TEXT"
CLOSED = {
    "users.avatar_status": "APPROVED PENDING REJECTED",
    "users.status": "INVISIBLE OFFLINE ONLINE",
    "plans.type": "GROWTH SPRINT",
    "tasks.type": "ERROR_FIX LEARNING PLANNING REFLECTION SOCIAL TRAINING",
    "tasks.status": "ABANDONED COMPLETED IN_PROGRESS PENDING",
    "focus_sessions.focus_type": "POMODORO STOPWATCH",
    "focus_sessions.status": "COMPLETED INTERRUPTED",
    "chat_messages.role": "ASSISTANT SYSTEM USER",
    "friendships.status": "ACCEPTED BLOCKED PENDING",
    "groups.type": "OFFICIAL SPRINT SQUAD",
    "group_members.role": "ADMIN MEMBER OWNER",
    "group_messages.message_type": SHARES,
    "private_messages.message_type": SHARES,
    "posts.visibility": "friends_only private public",
}
"""Columns of a native enum type or with a check, in the legacy system's PostgreSQL, and their members."""

NO_ENUM = "facts take an enum for a list that nothing enforces, which is true of the SQLite file only"
COMPUTED = "PostgreSQL makes the key where the writer names none, as it did for the legacy system"
OLD_CHAIN = "files of the old migration chain lack the column, so PostgreSQL has the app's own default"
SURROGATE = "the legacy key has two columns, which Django's admin cannot show; it is a unique set here"

REASONS = {
    "subjects unique (name)": "unique within each source, which the importer keeps",
    **{f"{column} is enum, not enum": NO_ENUM for column in CLOSED if column != "posts.visibility"},
    "posts.visibility is enum, not string": "a check of the legacy system's PostgreSQL lists its values",
    "posts.id has default now, not None": COMPUTED,
    "event_outbox.id has default now, not None": COMPUTED,
    "event_store.id has default now, not None": COMPUTED,
    "projection_snapshots.id has default now, not None": COMPUTED,
    "users.avatar_status has default approved, not None": OLD_CHAIN,
    "users.is_superuser has default false, not None": OLD_CHAIN,
    "users.status has default offline, not None": OLD_CHAIN,
    "projection_metadata.status has default active, not 'active'": "the legacy default was quoted twice",
    "user_node_status: no legacy column feeds id": SURROGATE,
    "post_likes: no legacy column feeds id": SURROGATE,
}

LEFT_OUT = {"alembic_version", "agent_stats_summary"}

COSINE = "hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='128')"
"""Built with twice the legacy care (64), see ``apps.core.fields``."""
INDEXES = {
    "idx_knowledge_nodes_embedding_hnsw": COSINE,
    "idx_cognitive_fragments_embedding_hnsw": COSINE,
    "idx_chat_messages_session_created": "btree (session_id, created_at DESC)",
    "idx_posts_visibility_created": (
        "btree (visibility, created_at DESC) WHERE ((visibility)::text = 'public'::text)"
    ),
    "idx_outbox_unpublished": "btree (created_at) WHERE (published_at IS NULL)",
    "idx_outbox_aggregate": "btree (aggregate_type, aggregate_id, sequence_number)",
    "unique_event": "btree (aggregate_type, aggregate_id, sequence_number)",
    "idx_event_store_type": "btree (event_type, created_at)",
    "idx_processed_events_group": "btree (consumer_group, processed_at)",
    "unique_snapshot": "btree (projection_name, aggregate_id)",
    "idx_snapshots_projection": "btree (projection_name, created_at)",
    "idx_jobs_status_timeout": "btree (status, timeout_at) WHERE ((status)::text = 'running'::text)",
    "ix_agent_stats_user_agent_type": "btree (user_id, agent_type)",
    "agent_stats_summary_user_id_agent_type_idx": "btree (user_id, agent_type)",
    "idx_focus_user_time": "btree (user_id, start_time)",
    "idx_message_group_time": "btree (group_id, created_at)",
    "idx_private_message_conversation": "btree (sender_id, receiver_id, created_at)",
    "idx_private_message_receiver_unread": "btree (receiver_id, is_read)",
    "idx_wordbook_review": "btree (user_id, next_review_at)",
    "idx_error_subject_topic": "btree (subject, topic)",
    "ix_user_node_status_next_review_at": "btree (next_review_at)",
    "uq_friendship": "btree (user_id, friend_id)",
    "uq_group_member": "btree (group_id, user_id)",
    "uq_task_claim": "btree (group_task_id, user_id)",
    "uq_user_daily_metric": "btree (user_id, date)",
    "uq_user_word": "btree (user_id, word)",
}
"""The indexes that made the legacy PostgreSQL fast, under their own names."""

TYPES = {
    "uuid": "uuid",
    "string": "varchar",
    "enum": "varchar",
    "text": "text",
    "datetime": "timestamptz",
    "date": "date",
    "boolean": "bool",
    "real": "float8",
    "json": "jsonb",
    "vector(1536)": "vector(1536)",
    "integer": "int4",
}
WIDE = {
    "subjects.id": "the sources' integer keys are kept apart by great offsets",
    "knowledge_nodes.subject_id": "refers to such a key",
    "error_records.subject_id": "refers to such a key",
    "agent_execution_stats.id": "the sources' integer keys are kept apart by great offsets",
    "event_outbox.sequence_number": "bigint in the legacy system's PostgreSQL, too",
    "event_store.sequence_number": "bigint in the legacy system's PostgreSQL, too",
}


def test_every_table_has_a_model_or_is_left_out_by_name():
    assert set(SYSTEM.resolved) == set(FACTS)
    assert set(SYSTEM.left_out) == LEFT_OUT


def test_every_model_has_a_table():
    models = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert models == {table.model for table in SYSTEM.resolved.values()} | {AgentStatsSummary}


@pytest.mark.django_db
def test_every_fact_has_a_counterpart_or_a_reason():
    tables = SYSTEM.resolved
    assert {problem for name in FACTS for problem in unmet(FACTS[name], tables[name], tables)} == set(REASONS)


@pytest.mark.django_db
def test_columns_have_the_types_of_the_legacy_postgresql():
    found = _column_types()
    for table in SYSTEM.resolved.values():
        for column in table.columns:
            fact = FACTS[table.source].columns[column.source]
            place = f"{table.source}.{column.source}"
            expected = "int8" if place in WIDE else TYPES[fact.logical]
            assert found[table.target, column.name] == expected, place


def _column_types() -> dict[tuple[str, str], str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attname, CASE typname WHEN 'vector' THEN"
            " format_type(atttypid, atttypmod) ELSE typname END"
            " FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attnum > 0"
        )
        return {(table, column): type_ for table, column, type_ in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "members"), CLOSED.items())
def test_postgresql_checks_closed_lists(place: str, members: str):
    table, column = place.split(".")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND convalidated",
            [f"{table}_{column}_check"],
        )
        (definition,) = cursor.fetchone()
    assert sorted(re.findall(r"'(\w+)'", definition)) == sorted(members.split())


@pytest.mark.django_db
def test_postgresql_has_the_named_indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes")
        found = {name: definition.partition(" USING ")[2] for name, definition in cursor.fetchall()}
    assert {name: found.get(name) for name in INDEXES} == INDEXES


def test_postgresql_fills_what_files_of_the_old_chain_lack():
    filled = {column.source for column in SYSTEM.resolved["users"].columns if column.has_default}
    assert filled >= LATER_USER_COLUMNS
    assert set(FACTS["users"].columns) >= LATER_USER_COLUMNS
