"""What stands in the sample files: each system's own forms, texts that read, faults where they were planted."""

import ast
import json
import re
import struct
from collections import Counter
from datetime import datetime

import pytest

from apps.samples.catalogue import SAMPLES
from apps.samples.embedding import cosine
from apps.samples.text import ODD_TEXTS
from apps.samples.writer import Sample
from tests.samples.conftest import Open
from tests.samples.reading import dangling, rows, tables

ALL = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.system}-{one.variant}")
HAN = re.compile("[\u4e00-\u9fff]")
EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
LONE = re.compile("[\udc80-\udcff]")
ULID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")

#: Declared references that are none in fact.
NO_REFERENCE = {
    ("collection_tasks", "source_id"),
    ("file_locks", "locked_by_run"),
    ("content_lineage", "content_id"),
}

SHAPES = {
    "blank": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "aware": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00",
    "naive": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?",
    "doubled": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00Z",
}


def shape_of(stamp: object) -> str:
    if isinstance(stamp, int):
        return "epoch"
    return next(name for name, form in SHAPES.items() if re.fullmatch(form, str(stamp)))


@ALL
def test_a_clean_file_has_no_lost_parents_and_no_bad_text(db: Open, one: Sample) -> None:
    connection = db(one.system, one.variant, clean=True)

    assert set(dangling(connection)) <= NO_REFERENCE
    for table in tables(connection):
        texts = [v for row in rows(connection, table) for v in row.values() if isinstance(v, str)]
        assert not [text for text in texts if "\0" in text or LONE.search(text)], table


@ALL
def test_lost_parents_are_those_planted(db: Open, one: Sample) -> None:
    found: Counter[str] = Counter()
    for (table, column), count in dangling(db(one.system, one.variant)).items():
        found[table] += count * ((table, column) not in NO_REFERENCE)
    planted = {table: count for (table, reason), count in one.planted.items() if reason == "missing_parent"}

    assert +found == planted


@ALL
def test_bad_bytes_and_nul_are_those_planted(db: Open, one: Sample) -> None:
    connection = db(one.system, one.variant)
    found: Counter[tuple[str, str]] = Counter()
    for table in tables(connection):
        for row in rows(connection, table):
            text = "".join(value for value in row.values() if isinstance(value, str))
            found[table, "text_encoding"] += bool(LONE.search(text))
            found[table, "text_nul"] += "\0" in text

    assert +found == {k: n for k, n in one.planted.items() if k[1] in ("text_encoding", "text_nul")}


@pytest.mark.parametrize(
    ("system", "table", "column"),
    [
        ("sparkle", "chat_messages", "content"),
        ("voice_agent", "messages", "content"),
        ("agentos", "chat_messages", "content"),
        ("atlas", "raw_documents", "raw_content"),
    ],
)
def test_texts_are_chinese_and_english_with_emoji(db: Open, system: str, table: str, column: str) -> None:
    texts = [row[column] for row in rows(db(system), table)]

    assert any(HAN.search(text) for text in texts)
    assert any(text.isascii() and " " in text for text in texts)
    assert any(EMOJI.search(text) for text in texts)
    assert set(ODD_TEXTS) & set(texts)


def test_a_conversation_reads_as_one(db: Open) -> None:
    messages = rows(db("sparkle", clean=True), "chat_messages")
    first = [m for m in messages if m["session_id"] == messages[0]["session_id"]]

    assert [m["role"] for m in first] == ["USER", "ASSISTANT"] * (len(first) // 2)
    assert {m["user_id"] for m in first} == {first[0]["user_id"]}
    assert [m["created_at"] for m in first] == sorted(m["created_at"] for m in first)
    assert all("函数" in m["content"] for m in first if "什么是" in m["content"])


def test_relations_lead_from_concept_to_concept(db: Open) -> None:
    connection = db("sparkle", clean=True)
    names = {node["id"]: node["name"] for node in rows(connection, "knowledge_nodes")}
    edges = {
        (names[r["source_node_id"]], names[r["target_node_id"]]) for r in rows(connection, "node_relations")
    }

    assert {("极限", "导数"), ("导数", "速度"), ("栈", "队列"), ("波", "节奏")} <= edges
    assert all(source != target for source, target in edges)


@pytest.mark.parametrize(
    ("system", "table", "key", "parent"),
    [
        ("sparkle", "knowledge_nodes", "id", "parent_id"),
        ("sparkle", "group_messages", "id", "reply_to_id"),
        ("agentos", "policy_lineage", "policy_id", "parent_policy_id"),
    ],
)
def test_some_parents_stand_after_their_children(
    db: Open, system: str, table: str, key: str, parent: str
) -> None:
    found = rows(db(system, clean=True), table)
    places = {row[key]: place for place, row in enumerate(found)}
    children = [(place, places[row[parent]]) for place, row in enumerate(found) if row[parent]]

    assert any(up > place for place, up in children)
    assert any(up < place for place, up in children)


def test_sparkle_embeddings_have_neighbours_and_gaps(db: Open) -> None:
    nodes = rows(db("sparkle", clean=True), "knowledge_nodes")
    vectors = {n["name"]: json.loads(n["embedding"]) for n in nodes if n["embedding"]}

    assert {len(vector) for vector in vectors.values()} == {1536}
    assert any(n["embedding"] is None for n in nodes)
    assert not any(" " in n["embedding"] for n in nodes if n["embedding"])
    assert cosine(vectors["极限"], vectors["导数"]) > 0.5 > cosine(vectors["极限"], vectors["冷战"])
    assert sum(x * x for x in vectors["极限"]) == pytest.approx(1, abs=1e-6)


def test_agentos_embeddings_are_floats_of_their_own_width(db: Open) -> None:
    found = rows(db("agentos", clean=True), "kb_embeddings")

    assert {e["dims"] for e in found} == {384, 768}
    for one in found:
        vector = struct.unpack(f"<{one['dims']}f", one["vector"])
        assert sum(x * x for x in vector) == pytest.approx(1, abs=1e-5)


def test_json_is_escaped_or_raw_as_each_writer_does(db: Open) -> None:
    sparkle = [n["keywords"] for n in rows(db("sparkle"), "knowledge_nodes")]
    atlas = [d["raw_metadata"] for d in rows(db("atlas", clean=True), "raw_documents")]
    expansion = [e["expansion_context"] for e in rows(db("sparkle"), "node_expansion_queue")]
    twice = [e["expanded_nodes"] for e in rows(db("sparkle"), "node_expansion_queue") if e["expanded_nodes"]]

    assert all(text.isascii() and "\\u" in text for text in sparkle)
    assert any(HAN.search(text) for text in atlas)
    assert any("\\u" in text for text in atlas)
    assert all(HAN.search(text) for text in expansion)
    assert all(isinstance(json.loads(json.loads(text)), list) for text in twice)


def test_sparkle_stamps_have_six_digits_but_those_of_the_database(db: Open) -> None:
    six = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
    connection = db("sparkle")

    assert all(six.fullmatch(m["created_at"]) for m in rows(connection, "chat_messages"))
    assert all(shape_of(k["created_at"]) == "blank" for k in rows(connection, "idempotency_keys"))


def test_agentos_stamps_have_six_shapes(db: Open) -> None:
    connection = db("agentos", clean=True)

    assert {shape_of(a["created_at"]) for a in rows(connection, "task_audits")} == {
        "aware",
        "naive",
        "blank",
        "epoch",
    }
    assert {shape_of(t["created_at"]) for t in rows(connection, "tasks")} == {"aware", "blank", "epoch"}
    assert {shape_of(c["created_at"]) for c in rows(connection, "content_items")} == {"doubled"}
    assert {shape_of(p["created_at"]) for p in rows(connection, "auth_profiles")} == {"naive"}


def test_atlas_has_two_clocks_in_one_file(db: Open) -> None:
    tasks = rows(db("atlas", clean=True), "collection_tasks")
    documents = rows(db("atlas", clean=True), "raw_documents")
    collected = json.loads(next(d for d in documents if d["source_id"] == "unknown")["raw_metadata"])
    ahead = [
        datetime.fromisoformat(json.loads(d["raw_metadata"])["collected_at"])
        - datetime.fromisoformat(d["collected_at"])
        for d in documents
        if "collected_at" in d["raw_metadata"]
    ]

    assert all(("T" in t["created_at"]) == (t["id"] is None) for t in tasks)
    assert {t["id"] is None for t in tasks} == {True, False}
    assert collected["source_config"] == {}
    assert {gap.total_seconds() for gap in ahead} == {8 * 3600}


def test_atlas_names_its_sources_in_three_ways(db: Open) -> None:
    connection = db("atlas", clean=True)
    sources = rows(connection, "data_sources")
    named = {d["source_id"] for d in rows(connection, "raw_documents")}

    assert "unknown" in named
    assert named & {s["id"] for s in sources}
    assert named & ({s["name"] for s in sources} - {s["id"] for s in sources})
    assert any(s["tags"] and not s["tags"].startswith("[") for s in sources)


def test_old_chain_words_stand_in_columns_of_other_types(db: Open) -> None:
    connection = db("sparkle", "old_chain", clean=True)

    assert {g["is_public"] for g in rows(connection, "groups")} >= {"true", 1}
    assert {m["role"] for m in rows(connection, "group_members")} >= {"member", "MEMBER"}
    assert {f["status"] for f in rows(connection, "friendships")} >= {"pending", "ACCEPTED"}
    assert rows(connection, "alembic_version") == [{"version_num": "8453301353e5"}]


def test_some_rows_are_deleted_softly(db: Open) -> None:
    connection = db("sparkle", clean=True)

    for table in ("friendships", "group_members", "private_messages", "chat_messages"):
        assert {row["deleted_at"] is None for row in rows(connection, table)} == {True, False}, table


def test_ids_are_spelled_as_each_system_spells_them(db: Open) -> None:
    sparkle = [u["id"] for u in rows(db("sparkle", clean=True), "users")]
    voice = [u["user_id"] for u in rows(db("voice_agent", clean=True), "users")]
    tasks = {t["task_id"] for t in rows(db("agentos", clean=True), "tasks")}

    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key) for key in sparkle)
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in voice)
    assert "ORPHAN" in tasks
    assert all(ULID.fullmatch(key) for key in tasks - {"ORPHAN"})


def test_tags_of_the_knowledge_base_are_python_lists(db: Open) -> None:
    tags = [s["tags"] for s in rows(db("agentos"), "kb_sources")]

    assert all(isinstance(ast.literal_eval(text), list) for text in tags)
    assert any("'" in text for text in tags)
    assert any('"' in text for text in tags)


def test_shifted_audits_stand_before_straight_ones(db: Open) -> None:
    audits = rows(db("agentos", "shifted_audits", clean=True), "task_audits")
    shifted = [a["repo_id"] in ("info", "warn", "error") and a["event_type"].startswith("{") for a in audits]
    half = len(audits) // 2

    assert all(shifted[:half])
    assert not any(shifted[half:])
    assert {a["level"] for a in audits[half:]} <= {"info", "warn", "error"}


def test_a_file_stuck_at_23_keeps_its_audits_in_the_backup(db: Open) -> None:
    connection = db("agentos", "stuck_v23", clean=True)
    backup = rows(connection, "task_audits_backup")

    assert not rows(connection, "task_audits")
    assert len(backup) == 120
    assert sum(a["payload"] is None for a in backup) == 1


@pytest.mark.parametrize(
    ("variant", "last"), [("standard", 30), ("stuck_v05", 5), ("stuck_v24", 24), ("hand_v32", 32)]
)
def test_the_versions_end_where_migration_did(db: Open, variant: str, last: int) -> None:
    versions = [v["version"] for v in rows(db("agentos", variant), "schema_version")]

    assert versions == [f"0.{number}.0" for number in range(1, last + 1)]


def test_a_hand_upgrade_binds_every_task(db: Open) -> None:
    connection = db("agentos", "hand_v32", clean=True)
    tasks = rows(connection, "tasks")
    counters = {c["task_id"]: c["next_seq"] for c in rows(connection, "task_event_seq_counters")}
    events = Counter(e["task_id"] for e in rows(connection, "task_events"))

    assert {t["project_id"] for t in tasks} == {"proj_default"}
    assert {b["task_id"] for b in rows(connection, "task_bindings")} == {t["task_id"] for t in tasks}
    assert counters == {task: count + 1 for task, count in events.items()}


def test_nothing_looks_like_a_real_secret_or_address(db: Open) -> None:
    users = [*rows(db("sparkle"), "users"), *rows(db("voice_agent"), "users")]
    address = re.compile(r"https?://([^/\"\s]+)")
    hosts = {
        host
        for system in ("sparkle", "atlas", "agentos", "voice_agent")
        for table in tables(db(system))
        for row in rows(db(system), table)
        for value in row.values()
        if isinstance(value, str)
        for host in address.findall(value)
    }

    assert all("NotARealHash" in user["hashed_password"] for user in users)
    assert all(user["email"].endswith("example.com") for user in users)
    assert hosts
    assert all(host.endswith("example.com") for host in hosts)
