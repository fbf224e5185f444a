"""Sparkle, the learning app: tables with their sizes, planted faults, and both origins of its files."""

from apps.samples.sparkle import community, knowledge, learners, planning, practice, tutoring
from apps.samples.sparkle.common import user
from apps.samples.world import Row, World, every, fixed, per
from apps.samples.writer import Fault, Raw, Rows, Sample, Script, Table

USERS = per(40, 12)

TABLES = (
    Table("users", learners.users, USERS),
    Table("subjects", knowledge.subjects, fixed(8)),
    Table("plans", planning.plans, per(60, 10)),
    Table("tasks", planning.tasks, per(10, 30)),
    Table("knowledge_nodes", knowledge.knowledge_nodes, per(200, 60)),
    Table("node_relations", knowledge.node_relations, per(100, 80)),
    Table("user_node_status", knowledge.user_node_status, per(20, 40)),
    Table("node_expansion_queue", knowledge.node_expansion_queue, per(200, 8)),
    Table("chat_messages", tutoring.chat_messages, every),
    Table("study_records", knowledge.study_records, per(8, 40)),
    Table("cognitive_fragments", knowledge.cognitive_fragments, per(400, 20)),
    Table("behavior_patterns", knowledge.behavior_patterns, per(200, 8)),
    Table("curiosity_capsules", knowledge.curiosity_capsules, per(100, 10)),
    Table("error_records", practice.error_records, per(40, 12)),
    Table("focus_sessions", planning.focus_sessions, per(15, 20)),
    Table("token_usage", tutoring.token_usage, per(4, 20)),
    Table("agent_execution_stats", tutoring.agent_execution_stats, per(20, 12)),
    Table("dictionary_entries", practice.dictionary_entries, per(200, 30)),
    Table("word_books", practice.word_books, per(50, 24)),
    Table("user_daily_metrics", learners.user_daily_metrics, per(20, 24)),
    Table("notifications", learners.notifications, per(20, 12)),
    Table("push_preferences", learners.push_preferences, USERS),
    Table("push_histories", learners.push_histories, per(30, 12)),
    Table("jobs", learners.jobs, per(100, 10)),
    Table("idempotency_keys", learners.idempotency_keys, per(200, 6)),
    Table("friendships", community.friendships, per(50, 10)),
    Table("groups", community.groups, per(400, 4)),
    Table("group_members", community.group_members, per(40, 14)),
    Table("group_messages", community.group_messages, per(5, 40)),
    Table("group_tasks", community.group_tasks, per(200, 8)),
    Table("group_task_claims", community.group_task_claims, per(100, 16)),
    Table("private_messages", community.private_messages, per(8, 24)),
    Table("shared_resources", community.shared_resources, per(200, 9)),
)


def _bad_task(world: World) -> str:
    return world.uuid("tasks", world.count("tasks"))


def _bad_node(world: World) -> str:
    return world.uuid("knowledge_nodes", world.count("knowledge_nodes"))


FAULTS = (
    Fault("users", "duplicate_key", {"id": lambda world: user(world, 0).upper(), "full_name": "双胞胎"}),
    Fault("tasks", "missing_parent", {"user_id": lambda world: world.uuid("nobody", 0)}),
    Fault("tasks", "enum_unknown", {"status": "bogus"}),
    Fault("chat_messages", "parent_quarantined", {"task_id": _bad_task}),
    Fault("chat_messages", "text_encoding", {"content": Raw("GBK: 你好".encode("gbk"))}),
    Fault("knowledge_nodes", "vector_dimension", {"embedding": "[1.0,2.0]", "parent_id": None}),
    Fault("knowledge_nodes", "parent_quarantined", {"parent_id": _bad_node}),
    Fault("group_messages", "text_nul", {"content": "cut\0off", "reply_to_id": None}),
    Fault("study_records", "number_invalid", {"study_minutes": "二十"}),
    Fault("focus_sessions", "datetime_invalid", {"start_time": "2025-13-40 08:00:00.000000"}),
    Fault("behavior_patterns", "json_invalid", {"evidence_ids": '["f1", NaN]'}),
    Fault("notifications", "json_duplicate_key", {"data": '{"task_id": 1, "task_id": 2}'}),
)

#: Words that the old chain's column defaults left behind where a row was inserted without them.
DEFAULT_WORDS: dict[str, Row] = {
    "groups": {"is_public": "true", "join_requires_approval": "false"},
    "group_members": {"role": "member", "is_muted": "false", "notifications_enabled": "true"},
    "group_task_claims": {"is_completed": "false", "completed_at": None},
    "group_messages": {"message_type": "text"},
    "friendships": {"status": "pending"},
}


def _with_default_words(world: World, table: str, number: int, row: Row) -> Row:
    return row | DEFAULT_WORDS[table] if table in DEFAULT_WORDS and number % 3 == 1 else row


def _alembic_version(world: World, number: int) -> Row:
    return {"version_num": "8453301353e5"}


NAMES = tuple(table.name for table in TABLES)
NEWER = ("private_messages", "token_usage", "agent_execution_stats")

SAMPLES = (
    Sample(
        system="sparkle",
        variant="standard",
        filename="sparkle.db",
        tables=TABLES,
        steps=(Script("sparkle.sql"), Rows(NAMES)),
        faults=FAULTS,
    ),
    Sample(
        system="sparkle",
        variant="old_chain",
        filename="sparkle_old_chain.db",
        tables=(*TABLES, Table("alembic_version", _alembic_version, fixed(1))),
        steps=(
            Script("sparkle_old_chain.sql"),
            Rows(("alembic_version", *(name for name in NAMES if name not in NEWER))),
        ),
        faults=FAULTS,
        tag="old",
        adapt=_with_default_words,
    ),
)
