"""The engine by its promises: every row in one class, whatever the order, and the same on a second run."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.collection.models import CollectionTask, DataSource, RawDocument
from apps.corpora.models import Chunk, Corpus, Document
from apps.importer.models import ImportedRow, ImportRun, Provenance, QuarantinedRow, RunTable, WaitingRow
from apps.importer.pipeline import Result, UsageError, run_import
from apps.importer.runs import Options
from apps.knowledge.models import KnowledgeNode, Subject, UserNodeStatus
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import NOW, message, node, uid, user, write

pytestmark = pytest.mark.django_db


class Quiet:
    """A listener that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def start(self, label: str, rows: int, done: int) -> None: ...

    def advance(self, rows: int) -> None: ...

    def stop(self) -> None: ...


def load(path: Path, listener: Any = None, **options: Any) -> Result:
    return run_import([str(path)], Options(**options), listener or Quiet())


def table(result: Result, name: str) -> dict[str, Any]:
    return next(t for s in result.report["sources"] for t in s["tables"] if t["source_table"] == name)


def counts(result: Result, name: str) -> tuple[int, int, int, int, int]:
    found = table(result, name)
    return tuple(found[n] for n in ("imported", "updated", "unchanged", "quarantined", "skipped"))  # type: ignore[return-value]


def change(path: Path, sql: str, *values: Any) -> None:
    with sqlite3.connect(path) as file:
        file.execute(sql, values)
    file.close()


def shared_state() -> dict[str, list[Any]]:
    """What an import leaves: the rows of the domain, their origin, the quarantine."""
    with connection.cursor() as cursor:
        state = {}
        for name in ("users", "knowledge_nodes", "chat_messages", "subjects", "user_node_status"):
            cursor.execute(f"SELECT t::text FROM {name} t ORDER BY 1")
            state[name] = cursor.fetchall()
    state["provenance"] = list(Provenance.objects.order_by("identity").values_list("identity", "digest"))
    state["quarantine"] = list(
        QuarantinedRow.objects.order_by("place").values_list("source_table", "place", "reason")
    )
    return state


BAD_USER = user(3, username=sqlite3.Binary(b"\x00"))


@pytest.fixture
def sparkle(tmp_path: Path) -> Path:
    return write(
        tmp_path / "sparkle.db",
        "sparkle",
        {
            "users": [user(1), user(2), BAD_USER],
            "knowledge_nodes": [
                node(1, parent=5),
                node(2, parent=1),
                node(5),
                node(6, parent=99),
                node(7, parent=6),
            ],
            "chat_messages": [
                message(1, 1),
                message(2, 3),
                message(3, 9),
                message(1, 2, id=uid(1, 2).upper()),
            ],
        },
    )


def test_each_row_ends_in_one_class_with_its_reason(sparkle: Path) -> None:
    result = load(sparkle)
    assert counts(result, "users") == (2, 0, 0, 1, 0)
    assert counts(result, "knowledge_nodes") == (3, 0, 0, 2, 0)
    assert counts(result, "chat_messages") == (1, 0, 0, 3, 0)
    reasons = dict(
        QuarantinedRow.objects.values_list("source_rowid", "reason").filter(source_table="chat_messages")
    )
    assert reasons == {2: "parent_quarantined", 3: "missing_parent", 4: "duplicate_key"}
    nodes = dict(
        QuarantinedRow.objects.values_list("source_rowid", "reason").filter(source_table="knowledge_nodes")
    )
    assert nodes == {4: "missing_parent", 5: "parent_quarantined"}
    assert not WaitingRow.objects.exists()


def test_quarantine_keeps_the_raw_row(sparkle: Path) -> None:
    load(sparkle)
    entry = QuarantinedRow.objects.get(source_table="users")
    assert (entry.reason, entry.column_name, entry.status) == ("type_mismatch", "username", "open")
    assert entry.raw["username"] == {"b": "AA=="}
    assert entry.raw["flame_level"] == {"i": "1"}
    assert entry.raw["nickname"] is None
    assert entry.source_key == {"id": {"t": uid(3)}}


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_the_batch_changes_nothing(sparkle: Path, batch: int) -> None:
    load(sparkle, batch=batch)
    reference = {
        "users": [uid(1), uid(2)],
        "nodes": {uid(1, 1): uid(5, 1), uid(2, 1): uid(1, 1), uid(5, 1): None},
        "messages": [uid(1, 2)],
    }
    assert sorted(map(str, User.objects.values_list("pk", flat=True))) == reference["users"]
    parents = {str(k): v and str(v) for k, v in KnowledgeNode.objects.values_list("pk", "parent_id")}
    assert parents == reference["nodes"]
    assert list(map(str, ChatMessage.objects.values_list("pk", flat=True))) == reference["messages"]
    assert QuarantinedRow.objects.count() == 6


@pytest.mark.parametrize("batch", [1, 4, 1000])
@pytest.mark.parametrize("order", ["circle", "reversed", "orphans"])
def test_self_references_in_any_order(tmp_path: Path, batch: int, order: str) -> None:
    rows = {
        "circle": [
            node(1, parent=3),
            node(2, parent=1),
            node(3, parent=2),
            node(4, parent=4),
            node(5, parent=1),
        ],
        "reversed": [node(n, parent=n - 1 if n > 1 else None) for n in range(9, 0, -1)],
        "orphans": [node(3, parent=2), node(2, parent=1), node(1, parent=77), node(4)],
    }[order]
    result = load(
        write(tmp_path / "sparkle.db", "sparkle", {"users": [], "knowledge_nodes": rows}), batch=batch
    )
    imported = {"circle": 5, "reversed": 9, "orphans": 1}[order]
    assert counts(result, "knowledge_nodes") == (imported, 0, 0, len(rows) - imported, 0)
    if order == "orphans":
        assert table(result, "knowledge_nodes")["reasons"] == {"missing_parent": 1, "parent_quarantined": 2}


def test_second_run_writes_nothing(sparkle: Path) -> None:
    load(sparkle)
    before = shared_state()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xmin::text::bigint) FROM users")
        tuples = cursor.fetchall()
    result = load(sparkle)
    assert result.report["totals"]["unchanged"] == 6
    assert result.report["totals"]["quarantined"] == 6
    assert result.report["totals"]["imported"] == result.report["totals"]["updated"] == 0
    assert shared_state() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xmin::text::bigint) FROM users")
        assert cursor.fetchall() == tuples


def test_a_changed_row_is_updated_and_an_edit_stays(sparkle: Path) -> None:
    load(sparkle)
    User.objects.filter(pk=uid(2)).update(nickname="edited here")
    change(sparkle, "UPDATE users SET nickname = 'new' WHERE rowid <= 2")
    result = load(sparkle)
    assert counts(result, "users") == (0, 1, 0, 2, 0)
    assert User.objects.get(pk=uid(1)).nickname == "new"
    assert User.objects.get(pk=uid(2)).nickname == "edited here"
    assert QuarantinedRow.objects.filter(reason="target_edited", source_rowid=2, status="open").count() == 1
    assert counts(load(sparkle), "users") == (0, 0, 1, 2, 0)


def test_a_repaired_parent_brings_its_children(sparkle: Path) -> None:
    load(sparkle)
    change(sparkle, "UPDATE users SET username = 'user3' WHERE rowid = 3")
    result = load(sparkle)
    assert counts(result, "users") == (1, 0, 2, 0, 0)
    assert counts(result, "chat_messages") == (1, 0, 1, 2, 0)
    closed = QuarantinedRow.objects.filter(status="resolved")
    assert {(entry.source_table, entry.source_rowid) for entry in closed} == {
        ("users", 3),
        ("chat_messages", 2),
    }
    assert {str(entry.resolved_run_id) for entry in closed} == {result.report["run_id"]}


def test_a_new_twin_never_takes_the_place_of_the_first(sparkle: Path) -> None:
    load(sparkle)
    change(sparkle, "INSERT INTO users SELECT * FROM users WHERE rowid = 1")
    result = load(sparkle)
    assert counts(result, "users") == (0, 0, 2, 2, 0)
    assert table(result, "users")["reasons"] == {"duplicate_key": 1, "type_mismatch": 1}


@pytest.mark.parametrize("batch", [1, 1000])
def test_two_spellings_of_a_key_in_a_table_without_rowids(tmp_path: Path, batch: int) -> None:
    path = tmp_path / "sparkle.db"
    row = user(10, id="aaaaaaaa-0000-4000-8000-000000000010", nickname=None)
    upper = {**user(11, nickname=None), "id": str(row["id"]).upper()}
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE TABLE users ({', '.join(row)}, PRIMARY KEY (id)) WITHOUT ROWID")
        for one in (row, upper):
            file.execute(f"INSERT INTO users VALUES ({', '.join('?' * len(one))})", list(one.values()))
    file.close()
    assert counts(load(path, batch=batch), "users") == (1, 0, 0, 1, 0)
    # in the order of the key the upper case comes first
    assert User.objects.get().username == "user11"
    change(path, "UPDATE users SET nickname = 'x'")
    assert counts(load(path, batch=batch), "users") == (0, 1, 0, 1, 0)
    assert (User.objects.get().username, User.objects.get().nickname) == ("user11", "x")
    change(path, "DELETE FROM users WHERE id < 'a'")
    assert counts(load(path, batch=batch), "users") == (0, 1, 0, 0, 0)
    assert User.objects.get().username == "user10"
    change(path, "UPDATE users SET nickname = 'y'")
    assert counts(load(path, batch=batch), "users") == (0, 1, 0, 0, 0)


def test_vacuumed_file_is_still_the_same_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(n) for n in range(1, 6)]})
    load(path)
    change(path, "DELETE FROM users WHERE rowid = 1")
    change(path, "UPDATE users SET rowid = rowid - 1")
    assert counts(load(path), "users") == (0, 0, 4, 0, 0)
    assert User.objects.count() == 5


def test_unique_sets_other_than_the_key(tmp_path: Path) -> None:
    rows = [user(1), user(2, email="user1@example.com"), user(3, google_id=None), user(4, google_id=None)]
    result = load(write(tmp_path / "sparkle.db", "sparkle", {"users": rows}), batch=2)
    assert counts(result, "users") == (3, 0, 0, 1, 0)
    assert QuarantinedRow.objects.get().column_name == "email"


def test_dry_run_reports_the_same_and_leaves_nothing(sparkle: Path) -> None:
    dry = load(sparkle, dry_run=True)
    assert not User.objects.exists()
    assert not ImportRun.objects.exists()
    assert not QuarantinedRow.objects.exists()
    real = load(sparkle)
    for name in ("users", "knowledge_nodes", "chat_messages"):
        assert {**table(dry, name), "seconds": 0} == {**table(real, name), "seconds": 0}


class Interrupted(Quiet):
    """Ends the import, as Ctrl-C would, after so many batches."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def advance(self, rows: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", range(0, 12))
def test_an_interrupted_run_goes_on_to_the_same_end(sparkle: Path, tmp_path: Path, after: int) -> None:
    try:
        load(sparkle, Interrupted(after), batch=1)
    except KeyboardInterrupt:
        assert ImportRun.objects.get().status == "interrupted"
    result = load(sparkle, batch=1)
    assert result.report["totals"]["source_rows"] == 12
    assert result.report["totals"]["quarantined"] == 6
    assert result.report["totals"]["imported"] + result.report["totals"]["unchanged"] == 6
    assert QuarantinedRow.objects.count() == 6
    assert (User.objects.count(), KnowledgeNode.objects.count(), ChatMessage.objects.count()) == (2, 3, 1)
    if after < 11:
        assert ImportRun.objects.get().resumed == 1


def test_a_changed_file_is_not_resumed_in_the_middle(sparkle: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(sparkle, Interrupted(2), batch=1)
    change(sparkle, "UPDATE users SET nickname = 'later'")
    listener = Quiet()
    load(sparkle, listener, batch=1)
    assert any("file has changed" in line for line in listener.said)
    assert set(User.objects.values_list("nickname", flat=True)) == {"later"}


def test_a_folder_that_changed_is_resumed_file_by_file(tmp_path: Path) -> None:
    write(tmp_path / "b.db", "sparkle", {"users": [user(1)]})
    write(tmp_path / "d.db", "sparkle", {"users": [user(n) for n in range(2, 6)]})
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path, Interrupted(3), batch=1)
    write(tmp_path / "a.db", "sparkle", {"users": [user(9)]})
    (tmp_path / "b.db").unlink()
    result = load(tmp_path, batch=1)
    names = {s["source_name"]: (s["status"], s["totals"]["imported"]) for s in result.report["sources"]}
    assert names == {"b.db": ("done", 1), "d.db": ("done", 4), "a.db": ("done", 1)}
    assert User.objects.count() == 6


def test_limit_and_table_count_what_is_left_out(sparkle: Path) -> None:
    result = load(sparkle, tables=("users",), limit=1)
    assert counts(result, "users") == (1, 0, 0, 0, 2)
    assert table(result, "chat_messages")["skip_reason"] == "not_selected"
    assert counts(result, "chat_messages") == (0, 0, 0, 0, 4)


def test_too_many_in_quarantine_stop_the_run(sparkle: Path) -> None:
    result = load(sparkle, batch=1, max_quarantine=0)
    assert result.stopped
    assert ImportRun.objects.get().status == "stopped"
    again = load(sparkle, batch=1)
    assert not again.stopped
    assert again.report["totals"]["source_rows"] == 12


def test_unmapped_columns_are_kept_beside_the_row(tmp_path: Path) -> None:
    rows = [user(1, colour="red", blob=b"\xff"), user(2)]
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": rows}, extra={"users": ["colour", "blob"]})
    result = load(path)
    assert result.report["sources"][0]["unmapped_columns"] == [
        {"table": "users", "column": "blob", "non_null": 1},
        {"table": "users", "column": "colour", "non_null": 1},
    ]
    assert ImportedRow.objects.get(target_pk=uid(1)).extras == {"colour": {"t": "red"}, "blob": {"b": "/w=="}}


def test_a_table_without_its_key_column(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)], "knowledge_nodes": [node(1)]})
    change(path, "ALTER TABLE users DROP COLUMN id")
    assert table(load(path), "users")["reasons"] == {"column_missing": 1}


def test_a_file_is_taken_for_what_it_is_most_like(tmp_path: Path) -> None:
    path = write(tmp_path / "users.db", "sparkle", {"users": [user(1)]})
    for column in (
        "nickname",
        "avatar_url",
        "pending_avatar_url",
        "weather_preferences",
        "google_id",
        "apple_id",
    ):
        change(path, f"ALTER TABLE users DROP COLUMN {column}")
    assert load(path).report["sources"][0]["system"] == "sparkle"


def test_missing_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)]})
    change(path, "ALTER TABLE users DROP COLUMN nickname")
    change(path, "ALTER TABLE users DROP COLUMN email")
    result = load(path)
    assert table(result, "users")["reasons"] == {"column_missing": 1}


def test_composite_key_and_view_of_origin(tmp_path: Path) -> None:
    status = {
        "user_id": uid(1), "node_id": uid(1, 1), "mastery_score": 1.5, "total_minutes": 0,
        "total_study_minutes": 0, "is_unlocked": 1, "last_interacted_at": NOW, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    rows = {"users": [user(1)], "knowledge_nodes": [node(1)], "user_node_status": [status, status]}
    result = load(write(tmp_path / "sparkle.db", "sparkle", rows))
    assert counts(result, "user_node_status") == (1, 0, 0, 1, 0)
    stored = UserNodeStatus.objects.get()
    origin = ImportedRow.objects.get(source_table="user_node_status")
    assert origin.source_key == {"user_id": uid(1), "node_id": uid(1, 1)}
    assert (origin.target_table, origin.target_pk, origin.outcome) == (
        "user_node_status",
        str(stored.pk),
        "imported",
    )


def test_integer_keys_of_two_sources_are_two_rows(tmp_path: Path) -> None:
    subject = {"id": 1, "name": "数学", "sector_code": "TECH", "created_at": NOW, "updated_at": NOW}
    first = write(
        tmp_path / "a.db", "sparkle", {"subjects": [subject], "knowledge_nodes": [node(1, subject_id=1)]}
    )
    second = write(
        tmp_path / "b.db",
        "sparkle",
        {"subjects": [{**subject, "name": "物理"}], "knowledge_nodes": [node(2, subject_id=1)]},
    )
    load(first)
    load(second)
    names = {n.pk: n.subject.name for n in KnowledgeNode.objects.select_related("subject")}
    assert {str(pk): name for pk, name in names.items()} == {uid(1, 1): "数学", uid(2, 1): "物理"}
    assert counts(load(second), "subjects") == (0, 0, 1, 0, 0)
    assert Subject.objects.count() == 2


def test_a_name_that_is_unique_within_each_source(tmp_path: Path) -> None:
    subject = {"name": "Physics", "sector_code": "TECH", "created_at": NOW, "updated_at": NOW}
    rows = {"subjects": [{**subject, "id": 1}, {**subject, "id": 2}]}
    for name in ("a.db", "b.db", "a.db"):
        if not (path := tmp_path / name).exists():
            write(path, "sparkle", rows)
        result = load(path)
    assert counts(result, "subjects") == (0, 0, 1, 1, 0)
    assert sorted(Subject.objects.values_list("pk", flat=True)) == [1, 1_000_000_000_001]


def test_the_same_text_key_from_two_sources(tmp_path: Path) -> None:
    load(write(tmp_path / "a.db", "sparkle", {"users": [user(1), user(2)]}))
    second = write(tmp_path / "b.db", "sparkle", {"users": [user(1), user(2, nickname="other")]})
    for _ in range(2):
        result = load(second)
        assert counts(result, "users") == (0, 0, 1, 1, 0)
        assert table(result, "users")["reasons"] == {"duplicate_key": 1}
    change(second, "UPDATE users SET nickname = 'theirs' WHERE rowid = 1")
    assert table(load(second), "users")["reasons"] == {"duplicate_key": 2}
    assert set(User.objects.values_list("nickname", flat=True)) == {None}


def test_a_sequence_is_past_the_imported_keys(tmp_path: Path) -> None:
    rows = [{"id": 7, "name": "Physics", "sector_code": "TECH", "created_at": NOW, "updated_at": NOW}]
    load(write(tmp_path / "sparkle.db", "sparkle", {"subjects": rows}))
    assert Subject.objects.create(name="later", sector_code="VOID").pk > 7  # a rollback does not set it back


def test_atlas_links_and_rows_without_key(tmp_path: Path) -> None:
    source = {
        "id": "rss_1",
        "name": "示例源",
        "source_type": "rss_feed",
        "created_at": NOW,
        "updated_at": NOW,
    }
    document = {
        "source_type": "rss_feed", "document_type": "rss", "raw_content": "", "collected_at": NOW, "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    task = {"id": None, "source_id": "示例源", "created_at": "2025-11-03T08:00:00"}
    rows = {
        "data_sources": [source, {**source, "id": "twin"}, {**source, "id": "solo", "name": "solo"}],
        "raw_documents": [
            {**document, "id": uid(1), "source_id": "unknown"},
            {**document, "id": uid(2), "source_id": "solo"},
            {**document, "id": uid(3), "source_id": "rss_1"},
            {**document, "id": uid(4), "source_id": "示例源"},
        ],
        "collection_tasks": [task, task],
    }
    result = load(write(tmp_path / "atlas.db", "atlas", rows), zone="Asia/Shanghai")
    assert result.report["totals"]["imported"] == 9
    links = {str(d.pk): d.source and d.source.legacy_id for d in RawDocument.objects.select_related("source")}
    assert links == {uid(1): None, uid(2): "solo", uid(3): "rss_1", uid(4): None}
    assert DataSource.objects.count() == 3
    assert {t.created_at.isoformat() for t in CollectionTask.objects.all()} == {"2025-11-03T00:00:00+00:00"}
    assert load(tmp_path / "atlas.db", zone="Asia/Shanghai").report["totals"]["unchanged"] == 9


def test_integer_shape_of_the_rag_tables(tmp_path: Path) -> None:
    person = {
        "user_id": uid(1), "id": uid(1), "username": "a", "email": "a@example.com", "hashed_password": "x",
        "is_active": 1, "created_at": NOW, "last_active": NOW, "meta_data": "{}",
    }  # fmt: skip
    corpus = {
        "corpus_id": 1,
        "user_id": uid(1),
        "corpus_name": "c",
        "collection_name": "docs",
        "created_at": NOW,
        "updated_at": NOW,
    }
    rows = {
        "users": [person],
        "rag_corpora": [corpus],
        "rag_documents": [{"doc_id": 1, "corpus_id": 1, "filename": "f.pdf", "uploaded_at": NOW}],
        "rag_chunks": [
            {"chunk_id": n, "doc_id": d, "qdrant_point_id": f"p{n}", "chunk_index": n, "created_at": NOW}
            for n, d in ((1, 1), (2, 5))
        ],
    }
    result = load(write(tmp_path / "voice.db", "voice_agent", rows, "seed_migration_002"))
    assert result.report["sources"][0]["variant"] == "seed_migration_002"
    assert counts(result, "rag_chunks") == (1, 0, 0, 1, 0)
    assert Chunk.objects.get().document == Document.objects.get(corpus=Corpus.objects.get(legacy_id=1))
    assert ImportedRow.objects.get(source_table="rag_chunks").source_key == {"chunk_id": "1"}


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    first = write(tmp_path / "a" / "x.db", "sparkle", {"users": []})
    second = write(tmp_path / "b" / "x.db", "sparkle", {"users": []})
    with pytest.raises(UsageError, match="same name"):
        run_import([str(first), str(second)], Options(), Quiet())


def test_every_count_is_in_the_book(sparkle: Path) -> None:
    load(sparkle)
    assert set(RunTable.objects.values_list("stage", flat=True)) == {"done"}
    assert sum(RunTable.objects.values_list("source_rows", flat=True)) == 12
