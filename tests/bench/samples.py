"""The legacy files of the workloads, as descriptions for the sample writer."""

from __future__ import annotations

from collections.abc import Callable

from apps.samples import agentos, atlas, sparkle
from apps.samples.agentos.variants import UP_TO_30
from apps.samples.embedding import Vector, as_floats, as_text, embed
from apps.samples.sparkle.common import node
from apps.samples.sparkle.knowledge import WIDTH
from apps.samples.world import Count, Row, World, every, fixed
from apps.samples.writer import Rows, Sample, Script, Table

Adapt = Callable[[World, str, int, Row], Row]

ATLAS_ROWS = {"data_sources": 12, "raw_documents": 480, "collection_tasks": 72, "system_metrics": 24}
"""588 rows in four tables: the size of a file as people have it."""
LONG_SESSION = 80
"""Messages of the one conversation that fills more than a page; it lies in the middle of the file."""
BAD_EVERY, BAD_AT = 100, 50
"""One row in a hundred is bad."""
BAD = (
    {"created_at": "2025-13-40 08:00:00.000000"},
    {"role": "NARRATOR"},
    {"content": "cut\0off"},
    {"task_id": "00000000-0000-4000-8000-000000000000"},
    {"actions": '{"a": 1, "a": 2}'},
)
SMALLEST_USERS, MOST_USERS, TASKS_EACH = 12, 1000, 5


def users(rows: int) -> int:
    """How many users so many messages have."""
    return max(SMALLEST_USERS, min(MOST_USERS, rows // 40))


def tables(known: tuple[Table, ...], **counts: Count) -> tuple[Table, ...]:
    """The known tables, some with another number of rows."""
    return tuple(Table(table.name, table.row, counts.get(table.name, table.count)) for table in known)


def sparkle_file(name: str, filled: tuple[str, ...], adapt: Adapt, **counts: Count) -> Sample:
    """A file of Sparkle in which only some tables have rows."""
    steps = (Script("sparkle.sql"), Rows(filled))
    return Sample("sparkle", "bench", f"{name}.db", tables(sparkle.TABLES, **counts), steps, adapt=adapt)


def chat(name: str, adapt: Adapt) -> Sample:
    """Users, their tasks, and messages."""
    return sparkle_file(
        name,
        ("users", "tasks", "chat_messages"),
        adapt,
        users=users,
        tasks=lambda rows: TASKS_EACH * users(rows),
    )


def clean_message(world: World, table: str, number: int, row: Row) -> Row:
    """Tasks by themselves; one conversation is long."""
    if table == "tasks":
        return row | {"plan_id": None, "knowledge_node_id": None}
    if table == "chat_messages" and 0 <= number - world.rows // 2 < LONG_SESSION:
        return row | {"session_id": world.uuid("chat_sessions", -1)}
    return row


def bad_message(world: World, table: str, number: int, row: Row) -> Row:
    """As ``clean_message``, with the bad rows, of each kind as many."""
    row = clean_message(world, table, number, row)
    if table == "chat_messages" and number % BAD_EVERY == BAD_AT:
        return row | BAD[number // BAD_EVERY % len(BAD)]
    return row


def nodes(name: str, stored: Callable[[Vector], str | bytes], filled: tuple[str, ...]) -> Sample:
    """Knowledge nodes, each with its embedding."""

    def adapt(world: World, table: str, number: int, row: Row) -> Row:
        if table != "knowledge_nodes":
            return row
        parent = node(world, number % 48) if number >= 48 else None
        return row | {"parent_id": parent, "embedding": stored(embedding(number))}

    return sparkle_file(name, filled, adapt, knowledge_nodes=every)


def embedding(number: int) -> Vector:
    """Embedding of the node of a number."""
    return embed(WIDTH, number % 48 // 6, number % 48, number)


def audits() -> Sample:
    """Tasks and the audit trail."""

    def adapt(world: World, table: str, number: int, row: Row) -> Row:
        return row | {"session_id": None} if table == "tasks" else row

    known = (*agentos.REGISTRY, *agentos.TASKS, agentos.AUDITS, *agentos.GOVERNANCE)
    steps = (*UP_TO_30, Rows(("tasks", "task_audits")))
    counts: dict[str, Count] = {"tasks": lambda rows: max(26, min(10_000, rows // 10))}
    return Sample("agentos", "bench", "audits.sqlite", tables(known, **counts), steps, adapt=adapt)


SAMPLES: dict[str, Sample] = {
    "chat": chat("chat", clean_message),
    "bad": chat("bad", bad_message),
    "audits": audits(),
    "vectors": nodes("vectors", as_text, ("subjects", "knowledge_nodes")),
    "blobs": nodes("blobs", as_floats, ("subjects", "knowledge_nodes")),
    "atlas": Sample(
        "atlas",
        "bench",
        "atlas.db",
        tables(atlas.TABLES, **{name: fixed(count) for name, count in ATLAS_ROWS.items()}),
        (Script("atlas.sql"), Rows(tuple(ATLAS_ROWS))),
    ),
}
