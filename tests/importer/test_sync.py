"""Rows gone from a source, deleted when asked: not the edited, not the referenced, never many by surprise."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.collection.models import CollectionTask
from apps.importer import removal, repairs, sync, undo
from apps.importer.models import ArchivedRow, FormerRow, ImportRun, Provenance, QuarantinedRow, RunTable
from apps.importer.pipeline import Result
from apps.importer.retry import Choice
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import message, node, uid, user, write
from tests.importer.test_import import Quiet, change, counts, load, table
from tests.importer.undoing import dump, last

pytestmark = pytest.mark.django_db

MANY = 100


def synced(path: Path, allow: int | None = None, listener: Any = None, **options: Any) -> Result:
    return load(path, listener, sync_deletes=True, allow_deletes=allow, **options)


def deleted(result: Result) -> dict[str, int]:
    return {
        t["source_table"]: t["deleted"] for s in result.report["sources"] for t in s["tables"] if t["deleted"]
    }


def keys(model: Any) -> set[str]:
    return {str(pk) for pk in model.objects.values_list("pk", flat=True)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A hundred users, a chain of nodes, a hundred messages, a table that nobody knows."""
    rows = {
        "users": [user(n) for n in range(1, MANY + 1)],
        "knowledge_nodes": [node(n, parent=n - 1 if n > 1 else None) for n in range(1, MANY + 1)],
        "chat_messages": [message(n, n) for n in range(1, MANY + 1)],
    }
    path = write(tmp_path / "sparkle.db", "sparkle", rows)
    change(path, "CREATE TABLE unheard_of (a)")
    change(
        path,
        "INSERT INTO unheard_of WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39) "
        "SELECT i FROM n",
    )
    load(path)
    return path


def test_without_the_option_rows_stay(path: Path) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid = 1")
    assert deleted(load(path)) == {}
    assert ChatMessage.objects.count() == MANY


def test_gone_rows_go_children_first(path: Path) -> None:
    for name in ("users", "chat_messages"):
        change(path, f"DELETE FROM {name} WHERE rowid <= 3")
    change(path, "DELETE FROM knowledge_nodes WHERE rowid > 97")
    change(path, "DELETE FROM unheard_of WHERE a = 7")
    result = synced(path)
    assert deleted(result) == {"users": 3, "chat_messages": 3, "knowledge_nodes": 3, "unheard_of": 1}
    assert counts(result, "users") == (0, 0, 97, 0, 0)
    assert result.report["totals"]["source_rows"] == 3 * 97 + 39
    assert keys(User) == {uid(n) for n in range(4, MANY + 1)}
    assert keys(KnowledgeNode) == {uid(n, 1) for n in range(1, 98)}
    assert ArchivedRow.objects.count() == 39
    assert Provenance.objects.count() == 3 * 97
    assert deleted(synced(path)) == {}


def test_keys_are_free_for_the_rows_that_come_in(path: Path) -> None:
    """A row under a new key, with the name of one that is gone."""
    change(path, "UPDATE users SET id = ? WHERE rowid = 1", uid(500))
    change(path, "DELETE FROM chat_messages WHERE rowid = 1")
    result = synced(path)
    assert (deleted(result), counts(result, "users")) == ({"users": 1, "chat_messages": 1}, (1, 0, 99, 0, 0))
    assert User.objects.get(username="user1").pk == uuid.UUID(uid(500))


def test_parents_go_whose_children_have_moved(path: Path) -> None:
    change(path, "DELETE FROM users WHERE rowid = 1")
    change(path, "UPDATE chat_messages SET user_id = ? WHERE rowid = 1", uid(2))
    result = synced(path)
    assert (deleted(result), counts(result, "chat_messages")) == ({"users": 1}, (0, 1, 99, 0, 0))
    assert "kept" not in table(result, "users")


def test_undo_brings_them_back(path: Path) -> None:
    before = dump()
    change(path, "DELETE FROM users WHERE rowid <= 3")
    change(path, "DELETE FROM chat_messages WHERE rowid <= 3")
    change(path, "DELETE FROM unheard_of WHERE a = 7")
    change(path, "UPDATE users SET nickname = 'new' WHERE rowid = 50")
    synced(path)
    assert dump() != before
    undone = undo.undo(last())
    assert undone.kept == 0
    assert dump() == before
    tables = {t["source_table"]: t for s in undone.report["sources"] for t in s["tables"]}
    assert (tables["users"]["imported"], tables["users"]["updated"]) == (3, 1)
    assert tables["unheard_of"]["imported"] == 1
    assert not FormerRow.objects.exists()


def test_a_deleted_row_whose_key_is_taken_does_not_come_back(path: Path) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid <= 2")
    synced(path)
    ChatMessage.objects.create(pk=uid(1, 2), user_id=uid(1), role="USER", content="written here")
    undone = undo.undo(last())
    assert undone.kept == 1
    kept = [row for s in undone.report["sources"] for t in s["tables"] for row in t.get("kept", [])]
    assert [(row["key"], row["reason"]) for row in kept] == [(uid(1, 2), "taken")]
    assert ChatMessage.objects.get(pk=uid(1, 2)).content == "written here"
    assert ChatMessage.objects.filter(pk=uid(2, 2)).exists()


def test_edited_and_referenced_rows_stay_and_are_named(path: Path) -> None:
    change(path, "DELETE FROM users WHERE rowid <= 3")
    change(path, "DELETE FROM chat_messages WHERE rowid IN (1, 3)")
    ChatMessage.objects.filter(pk=uid(3, 2)).update(content="edited here")
    result = synced(path)
    assert deleted(result) == {"users": 1, "chat_messages": 1}
    named = {
        row["key"]: row["message"]
        for name in ("users", "chat_messages")
        for row in table(result, name)["kept"]
    }
    assert named == {
        uid(2): "rows that stay refer to it (chat_messages)",
        uid(3): "rows that stay refer to it (chat_messages)",
        uid(3, 2): "it was edited in PostgreSQL since",
    }
    assert table(result, "users")["kept_rows"] == 2
    assert uid(1) not in keys(User)


def test_a_row_that_another_source_has_stays(path: Path, tmp_path: Path) -> None:
    other = write(
        tmp_path / "other.db",
        "sparkle",
        {"users": [user(n) for n in range(1, MANY + 1)], "chat_messages": []},
    )
    load(other)
    change(path, "DELETE FROM chat_messages WHERE rowid = 1")
    change(path, "DELETE FROM users WHERE rowid = 1")
    result = synced(path)
    assert deleted(result) == {"chat_messages": 1}
    assert table(result, "users")["kept"][0]["message"] == "another source has it too (other.db)"
    change(other, "DELETE FROM users WHERE rowid <= 2")
    before = dump()
    result = synced(other)
    assert deleted(result) == {}  # they are the other source's rows; only their origin here is forgotten
    assert User.objects.count() == MANY
    assert Provenance.objects.filter(stream__source__name="other.db").count() == MANY - 2
    undo.undo(last())
    assert dump() == before


# -- not by surprise


@pytest.mark.parametrize(
    ("gone", "allow", "goes"), [(5, None, 5), (6, None, 0), (6, 5, 0), (6, 6, 6), (60, 99, 60)]
)
def test_more_than_five_percent_need_a_number(path: Path, gone: int, allow: int | None, goes: int) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid <= ?", gone)
    listener = Quiet()
    result = synced(path, allow, listener)
    assert deleted(result).get("chat_messages", 0) == goes
    assert ChatMessage.objects.count() == MANY - goes
    if not goes:
        refused = table(result, "chat_messages")["deletes_refused"]
        assert (refused["gone"], refused["of"]) == (gone, MANY)
        assert f"{gone} of 100 rows would go, more than 5% of it" in listener.said[-1]
        assert f"give --allow-deletes {gone}" in listener.said[-1]


def test_an_empty_table_needs_a_number_too(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)]})
    load(path)
    change(path, "DELETE FROM users")
    listener = Quiet()
    assert deleted(synced(path, None, listener)) == {}
    assert "the table came back empty" in listener.said[-1]
    assert deleted(synced(path, 1)) == {"users": 1}


def test_what_a_refused_table_refers_to_stays(path: Path) -> None:
    change(path, "DELETE FROM chat_messages")
    change(path, "DELETE FROM users WHERE rowid <= 3")
    result = synced(path)
    assert deleted(result) == {}
    assert table(result, "users")["kept_rows"] == 3


def test_a_table_that_is_missing_or_not_chosen_loses_nothing(path: Path) -> None:
    change(path, "DROP TABLE knowledge_nodes")
    change(path, "DELETE FROM users WHERE rowid = 1")
    change(path, "DELETE FROM chat_messages WHERE rowid = 1")
    assert deleted(synced(path, tables=("chat_messages",))) == {"chat_messages": 1}
    assert KnowledgeNode.objects.count() == User.objects.count() == MANY


def test_too_many_unknown_rows_need_a_number(path: Path) -> None:
    change(path, "DELETE FROM unheard_of WHERE a < 20")
    result = synced(path)
    assert table(result, "unheard_of")["deletes_refused"]["gone"] == 20
    assert deleted(synced(path, 20)) == {"unheard_of": 20}


# -- what is not gone


def test_a_row_that_is_in_quarantine_now_is_not_gone(path: Path) -> None:
    change(path, "UPDATE users SET username = x'00' WHERE rowid = 1")
    change(path, "UPDATE chat_messages SET id = 'broken' WHERE rowid = 1")
    result = synced(path)
    assert deleted(result) == {}
    assert result.report["totals"]["quarantined"] == 2


def test_placeholders_and_repaired_rows_are_not_gone(tmp_path: Path) -> None:
    rows = [message(n, 1) for n in range(1, 40)]
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [], "chat_messages": rows})
    load(path)
    repairs.apply(Choice(table="chat_messages", reason="missing_parent"), "placeholder_parent")
    change(path, "UPDATE chat_messages SET model_name = x'00' WHERE rowid = 1")
    load(path)
    repairs.apply(Choice(table="chat_messages", reason="type_mismatch"), "set_null")
    assert deleted(synced(path, 100)) == {}
    assert (User.objects.count(), ChatMessage.objects.count()) == (1, 39)


def test_rows_without_a_key(tmp_path: Path) -> None:
    tasks = [{"id": None, "source_id": "s", "created_at": "2025-11-03T08:00:00"} for _ in range(30)]
    path = write(tmp_path / "atlas.db", "atlas", {"collection_tasks": tasks, "data_sources": []})
    load(path)
    change(path, "DELETE FROM collection_tasks WHERE rowid = 7")
    assert deleted(synced(path)) == {"collection_tasks": 1}
    assert CollectionTask.objects.count() == 29


def test_integer_keys_of_another_source_are_left_alone(tmp_path: Path) -> None:
    subject = {"sector_code": "TECH", "created_at": "2025-11-03", "updated_at": "2025-11-03"}
    paths = []
    for name in ("a.db", "b.db"):
        subjects = [{**subject, "id": n, "name": f"subject {n}"} for n in range(1, 31)]
        rows = {"subjects": subjects, "knowledge_nodes": []}
        paths.append(write(tmp_path / name, "sparkle", rows))
        load(paths[-1])
    change(paths[1], "DELETE FROM subjects WHERE rowid = 1")
    assert deleted(synced(paths[1])) == {"subjects": 1}
    assert Provenance.objects.filter(stream__source__name="a.db").count() == 30


# -- whatever fails


@pytest.mark.parametrize("after", [False, True])
def test_killed_in_the_middle_and_resumed(path: Path, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid <= 3")
    delete = removal.delete

    def killed() -> None:
        if after:
            delete()
        raise KeyboardInterrupt

    monkeypatch.setattr(removal, "delete", killed)
    with pytest.raises(KeyboardInterrupt):
        synced(path)
    assert ChatMessage.objects.count() == MANY
    monkeypatch.undo()
    result = synced(path)
    assert deleted(result) == {"chat_messages": 3}
    assert last().resumed == 1
    assert RunTable.objects.get(file__run=last(), source_table="chat_messages").deleted == 3


def test_a_dry_run_deletes_nothing(path: Path) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid <= 3")
    before = dump()
    assert deleted(synced(path, dry_run=True)) == {"chat_messages": 3}
    assert dump() == before
    assert not FormerRow.objects.exists()


def test_entries_of_gone_rows_are_closed(path: Path) -> None:
    change(path, "UPDATE users SET username = x'00' WHERE rowid = 1")
    load(path)
    change(path, "DELETE FROM users WHERE rowid = 1")
    change(path, "DELETE FROM chat_messages WHERE rowid = 1")
    assert deleted(synced(path)) == {"users": 1, "chat_messages": 1}
    assert QuarantinedRow.objects.get().status == "resolved"


def run_command(*arguments: str) -> tuple[int, str]:
    shown = io.StringIO()
    try:
        call_command("import_sqlite", *arguments, "--no-progress", stdout=shown, stderr=shown)
    except SystemExit as end:
        return int(end.code or 0), shown.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, shown.getvalue()


def test_the_command_and_its_exit_codes(path: Path) -> None:
    change(path, "DELETE FROM chat_messages WHERE rowid <= 3")
    code, text = run_command(str(path), "--sync-deletes")
    assert code == 0
    assert "3 deleted" in text
    change(path, "DELETE FROM chat_messages WHERE rowid <= 50")
    assert run_command(str(path), "--sync-deletes")[0] == 2
    assert run_command(str(path), "--sync-deletes", "--allow-deletes", "47")[0] == 0
    assert ChatMessage.objects.count() == 50
    assert run_command(str(path), "--sync-deletes", "--limit", "5")[0] == 2
    assert run_command(str(path), "--allow-deletes", "5")[0] == 2
    assert ImportRun.objects.filter(status="running").count() == 0


def test_bounds() -> None:
    bounds = sync.Bounds(None)
    assert bounds.refusal(0, 0, 0) is None
    assert bounds.refusal(1, 20, 19) is None
    assert bounds.refusal(1, 19, 18) is not None
    assert sync.Bounds(0).refusal(1, 1000, 999) is None  # five percent need no number
