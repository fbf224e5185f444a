"""Entries of the quarantine tried again: from what they hold, parents first, with those that wait for them."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.collection.models import CollectionTask
from apps.importer.models import (
    FormerEntry,
    ImportedRow,
    ImportRun,
    QuarantinedRow,
    RunFile,
    RunTable,
    Stream,
    WaitingRow,
)
from apps.importer.retry import Choice, retry
from apps.knowledge.models import KnowledgeNode, Subject
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import NOW, message, node, uid, user, write
from tests.importer.test_import import change, counts, load, table

pytestmark = pytest.mark.django_db


def person(number: int) -> User:
    """A user that somebody adds in PostgreSQL."""
    return User.objects.create(pk=uid(number), username=f"added{number}", email=f"added{number}@example.com")


def sheet(report: dict[str, Any] | None, name: str) -> dict[str, Any]:
    assert report is not None
    return next(t for s in report["sources"] for t in s["tables"] if t["source_table"] == name)


def reasons() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in QuarantinedRow.objects.filter(status="open").order_by("source_rowid"):
        found.setdefault(entry.source_table, []).append(entry.reason)
    return found


@pytest.fixture
def orphans(tmp_path: Path) -> Path:
    """Messages of users 8 and 9, who are nowhere, and nodes that hang from node 99, which is nowhere."""
    rows = {
        "users": [user(1)],
        "knowledge_nodes": [node(3, parent=2), node(2, parent=1), node(1, parent=99), node(4)],
        "chat_messages": [message(1, 8), message(2, 9), message(3, 1), message(4, 9)],
    }
    path = write(tmp_path / "sparkle.db", "sparkle", rows)
    load(path)
    path.unlink()
    return path


@pytest.mark.parametrize("batch", [1, 1000])
def test_rows_come_in_once_their_parent_is_there(orphans: Path, batch: int) -> None:
    person(9)
    outcome = retry(Choice(), batch=batch)
    assert outcome.left == 4
    assert sheet(outcome.report, "chat_messages") == {
        **sheet(outcome.report, "chat_messages"),
        **{"source_rows": 3, "imported": 2, "quarantined": 1, "reasons": {"missing_parent": 1}},
    }
    assert set(map(str, ChatMessage.objects.values_list("pk", flat=True))) == {uid(n, 2) for n in (2, 3, 4)}
    assert reasons() == {
        "chat_messages": ["missing_parent"],
        "knowledge_nodes": ["parent_quarantined", "parent_quarantined", "missing_parent"],
    }
    assert not WaitingRow.objects.exists()


@pytest.mark.parametrize("batch", [1, 1000])
def test_children_come_in_with_the_parent_they_wait_for(orphans: Path, batch: int) -> None:
    KnowledgeNode.objects.create(pk=uid(99, 1), name="the root", importance_level=1)
    outcome = retry(Choice(reason="missing_parent", table="KNOWLEDGE_nodes"), batch=batch)
    assert outcome.left == 0
    assert sheet(outcome.report, "knowledge_nodes")["imported"] == 3
    assert reasons() == {"chat_messages": ["missing_parent"] * 3}
    parents = {str(k): v and str(v) for k, v in KnowledgeNode.objects.values_list("pk", "parent_id")}
    assert parents[uid(3, 1)] == uid(2, 1)


def test_a_retry_is_a_run_that_can_be_seen(orphans: Path) -> None:
    person(9)
    outcome = retry(Choice(table="chat_messages"))
    run = ImportRun.objects.get(kind="retry")
    assert outcome.report is not None
    assert (run.status, str(run.pk)) == ("completed", outcome.report["run_id"])
    assert run.options == {"table": "chat_messages"}
    file = RunFile.objects.get(run=run)
    made_by = RunFile.objects.get(run__kind="import")
    assert (file.path, file.sha256, file.variant) == (made_by.path, made_by.sha256, made_by.variant)
    closed = QuarantinedRow.objects.filter(status="resolved")
    assert {entry.resolved_run_id for entry in closed} == {run.pk}
    assert {entry.source_rowid for entry in closed} == {2, 4}
    assert set(RunTable.objects.filter(file__run=run).values_list("stage", flat=True)) == {"done"}
    assert ImportedRow.objects.get(target_pk=uid(2, 2)).source_rowid == 2
    shown = io.StringIO()
    call_command("import_runs", str(run.number), stdout=shown)
    assert "3 rows = 2 imported" in shown.getvalue()


def test_a_later_import_finds_the_rows_unchanged(tmp_path: Path) -> None:
    rows = {"users": [user(1)], "chat_messages": [message(1, 9, colour="red", mood="b", a=1)]}
    path = write(tmp_path / "sparkle.db", "sparkle", rows, extra={"chat_messages": ["mood", "colour", "a"]})
    load(path)
    person(9)
    assert retry(Choice()).left == 0
    result = load(path)
    assert counts(result, "chat_messages") == (0, 0, 1, 0, 0)
    assert ImportedRow.objects.get(target_pk=uid(1, 2)).extras == {
        "colour": {"t": "red"},
        "mood": {"t": "b"},
        "a": {"i": "1"},
    }


def test_the_file_may_have_changed_its_columns_between_two_entries(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [], "chat_messages": [message(1, 9)]})
    load(path)
    change(path, "ALTER TABLE chat_messages ADD COLUMN colour")
    change(path, "INSERT INTO chat_messages SELECT * FROM chat_messages")
    change(path, "UPDATE chat_messages SET id = ?, colour = 'red' WHERE rowid = 2", uid(2, 2))
    load(path, tables=("users",))
    QuarantinedRow.objects.update(status="open")
    first = QuarantinedRow.objects.get()
    load(path)
    QuarantinedRow.objects.filter(pk=first.pk).update(raw=first.raw, last_run=first.run)
    person(9)
    outcome = retry(Choice())
    assert outcome.left == 0
    assert outcome.report is not None
    assert outcome.report["totals"]["imported"] == 2
    assert len(outcome.report["sources"]) == 2
    assert ImportedRow.objects.get(target_pk=uid(2, 2)).extras == {"colour": {"t": "red"}}


def test_the_zone_of_the_import_applies(tmp_path: Path) -> None:
    task = {
        "id": uid(1),
        "source_id": "s",
        "created_at": "2025-11-03T08:00:00",
        "task_type": sqlite3.Binary(b"\xff"),
    }
    path = write(tmp_path / "atlas.db", "atlas", {"collection_tasks": [task]})
    load(path, zone="Asia/Shanghai")
    entry = QuarantinedRow.objects.get()
    QuarantinedRow.objects.update(raw=entry.raw | {"task_type": {"t": "crawl"}})
    assert retry(Choice()).left == 0
    assert CollectionTask.objects.get().created_at.isoformat() == "2025-11-03T00:00:00+00:00"


def test_a_duplicate_never_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(1, nickname="later")]})
    load(path)
    outcome = retry(Choice(reason="duplicate_key"))
    assert outcome.left == 1
    assert User.objects.get().nickname is None
    assert reasons() == {"users": ["duplicate_key"]}


def test_an_edited_target_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)]})
    load(path)
    User.objects.update(nickname="edited here")
    change(path, "UPDATE users SET nickname = 'new'")
    load(path)
    assert retry(Choice()).left == 1
    assert User.objects.get().nickname == "edited here"
    assert reasons() == {"users": ["target_edited"]}


def test_circles_among_the_entries_come_in_together(tmp_path: Path) -> None:
    rows = [node(1, parent=2, name=None), node(2, parent=1)]
    path = write(tmp_path / "sparkle.db", "sparkle", {"knowledge_nodes": rows})
    load(path)
    assert reasons() == {"knowledge_nodes": ["null_required", "parent_quarantined"]}
    entry = QuarantinedRow.objects.get(reason="null_required")
    entry.raw["name"] = {"t": "mended elsewhere"}
    entry.save()
    assert retry(Choice()).left == 0
    assert KnowledgeNode.objects.count() == 2


def test_integer_keys_of_a_second_source(tmp_path: Path) -> None:
    subject = {"id": 1, "name": "数学", "sector_code": "TECH", "created_at": NOW, "updated_at": NOW}
    load(write(tmp_path / "a.db", "sparkle", {"subjects": [subject]}))
    rows = {
        "subjects": [{**subject, "name": None}],
        "knowledge_nodes": [node(1, subject_id=1)],
    }
    load(write(tmp_path / "b.db", "sparkle", rows))
    assert reasons() == {"subjects": ["null_required"], "knowledge_nodes": ["parent_quarantined"]}
    entry = QuarantinedRow.objects.get(reason="null_required")
    entry.raw["name"] = {"t": "物理"}
    entry.save()
    assert retry(Choice(table="subjects")).left == 0
    assert KnowledgeNode.objects.get().subject == Subject.objects.get(name="物理")


def test_what_fails_again_keeps_its_entry_and_its_run(orphans: Path) -> None:
    before = list(QuarantinedRow.objects.order_by("pk").values())
    outcome = retry(Choice())
    assert outcome.left == 6
    assert list(QuarantinedRow.objects.order_by("pk").values()) == before
    assert not FormerEntry.objects.exists()


def test_nothing_chosen_makes_no_run(orphans: Path) -> None:
    outcome = retry(Choice(reason="json_invalid"))
    assert (outcome.report, outcome.left) == (None, 0)
    assert not ImportRun.objects.filter(kind="retry").exists()


def test_entries_of_a_table_that_the_mapping_lost_stay_open(orphans: Path) -> None:
    Stream.objects.filter(source_table="chat_messages").update(source_table="gone")
    assert retry(Choice(table="chat_messages")).left == 3


def test_a_dry_retry_leaves_nothing(orphans: Path) -> None:
    person(9)
    before = list(QuarantinedRow.objects.order_by("pk").values())
    outcome = retry(Choice(), dry_run=True)
    assert outcome.left == 4
    assert ChatMessage.objects.count() == 1
    assert list(QuarantinedRow.objects.order_by("pk").values()) == before
    assert not ImportRun.objects.filter(kind="retry").exists()


def test_an_interrupted_retry_is_repeated(orphans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.importer.held import HeldIntake

    person(8)
    person(9)
    take = HeldIntake.take

    def once(self: HeldIntake, *args: Any) -> None:
        take(self, *args)
        if self.record.imported == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(HeldIntake, "take", once)
    with pytest.raises(KeyboardInterrupt):
        retry(Choice(table="chat_messages"), batch=1)
    assert ImportRun.objects.get(kind="retry").status == "interrupted"
    assert ChatMessage.objects.count() == 2  # what was not committed is not there
    monkeypatch.undo()
    outcome = retry(Choice(table="chat_messages"), batch=1)
    assert outcome.left == 0
    assert ChatMessage.objects.count() == 4
    assert sorted(ImportRun.objects.filter(kind="retry").values_list("status", flat=True)) == [
        "abandoned",
        "completed",
    ]


def run_command(*arguments: str) -> tuple[int, str]:
    shown = io.StringIO()
    try:
        call_command("retry_quarantine", *arguments, stdout=shown, stderr=shown)
    except SystemExit as end:
        return int(end.code or 0), shown.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, shown.getvalue()


def test_the_command_and_its_exit_codes(orphans: Path, tmp_path: Path) -> None:
    code, text = run_command()
    assert code == 3
    assert "6 rows = 0 imported, 0 updated, 0 unchanged, 6 quarantined" in text
    person(8)
    person(9)
    report = tmp_path / "report.json"
    assert run_command("--table", "chat_messages", "--report", str(report))[0] == 0
    assert json.loads(report.read_text())["totals"]["imported"] == 3
    number = ImportRun.objects.get(kind="import").number
    assert run_command("--run", str(number), "--reason", "missing_parent")[0] == 3
    assert run_command("--table", "chat_messages") == (0, "no open entry fits; nothing was tried\n")
    assert run_command("--run", "999") == (2, "there is no run 999; `manage.py import_runs` lists them")


def test_another_import_holds_the_source(orphans: Path) -> None:
    parameters = connection.get_connection_params()
    link = psycopg2.connect(**{k: v for k, v in parameters.items() if k not in ("cursor_factory", "context")})
    try:
        with link.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('rehome:source:sparkle:sparkle.db', 0))")
            code, text = run_command()
    finally:
        link.close()
    assert code == 6
    assert "another import holds the source sparkle.db" in text
    assert ImportRun.objects.get(kind="retry").status == ImportRun.Status.ABANDONED


def test_tables_that_wait_across_tables(tmp_path: Path) -> None:
    rows = {
        "users": [user(1, username=None)],
        "chat_messages": [message(1, 1), message(2, 7)],
    }
    result = load(write(tmp_path / "sparkle.db", "sparkle", rows))
    assert table(result, "chat_messages")["reasons"] == {"parent_quarantined": 1, "missing_parent": 1}
    entry = QuarantinedRow.objects.get(source_table="users")
    entry.raw["username"] = {"t": "found"}
    entry.save()
    outcome = retry(Choice(table="users"))
    assert outcome.left == 0
    assert sheet(outcome.report, "chat_messages")["source_rows"] == 1
    assert ChatMessage.objects.count() == 1
