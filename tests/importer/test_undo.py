"""A run taken back: the dump from before the run, row for row; what was touched since stays and is named."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.importer import repairs, undo
from apps.importer.models import (
    FormerEntry,
    FormerRow,
    ImportRun,
    Provenance,
    QuarantinedRow,
    RunTable,
    WaitingRow,
)
from apps.importer.retry import Choice, retry
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import AgentStatsSummary, ChatMessage
from tests.importer.legacy import NOW, node, uid, user, write
from tests.importer.test_import import change, counts, load
from tests.importer.undoing import (
    OWN,
    connection_of_another,
    dump,
    everything,
    figures,
    last,
    named,
    update,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return everything(tmp_path)


def test_an_import_into_nothing(path: Path) -> None:
    before = dump()
    assert not any(before.values())
    load(path)
    assert all(dump()[name] for name in ("users", "knowledge_nodes", "chat_messages", *OWN))
    undone = undo.undo(last())
    assert dump() == before
    assert undone.kept == 0
    assert figures(undone, "knowledge_nodes") == (4, 0, 0, 0)
    assert figures(undone, "unheard_of") == (2, 0, 0, 0)
    assert not FormerRow.objects.exists()


def test_an_updating_import(path: Path) -> None:
    load(path)
    before = dump()
    update(path)
    assert counts(load(path), "users") == (2, 1, 1, 0, 0)
    assert dump() != before
    undone = undo.undo(last())
    assert dump() == before
    assert undone.kept == 0
    assert figures(undone, "users") == (2, 1, 0, 0)
    assert figures(undone, "unheard_of") == (1, 1, 0, 0)
    assert not FormerRow.objects.exists()
    assert not FormerEntry.objects.exists()
    assert counts(load(path), "users") == (2, 1, 1, 0, 0)  # the same file again is read again
    undo.undo(last())
    assert dump() == before


def test_the_second_import_and_then_the_first(path: Path) -> None:
    nothing = dump()
    load(path)
    first = last()
    update(path)
    load(path)
    undo.undo(last())
    undo.undo(first)
    assert dump() == nothing


def test_what_a_later_run_built_upon_stays(path: Path) -> None:
    load(path)
    first = last()
    update(path)
    load(path)
    undone = undo.undo(first)
    run = last().number
    kept = named(undone)
    assert kept["users", uid(1)] == f"a later run changed it (run {run})"
    assert kept["chat_messages", uid(1, 2)] == f"a later run changed it (run {run})"
    assert kept["knowledge_nodes", uid(1, 1)] == f"a later run changed it (run {run})"
    assert ("users", uid(2)) not in kept
    assert {str(pk) for pk in User.objects.values_list("pk", flat=True)} == {uid(1), uid(3), uid(4)}
    assert {str(pk) for pk in ChatMessage.objects.values_list("pk", flat=True)} == {uid(1, 2), uid(3, 2)}
    assert undone.kept == len(kept)


def key_of(text: str) -> str:
    """The first column of a row's text; of provenance, the identity."""
    columns = text[1:-1].split(",")
    return columns[0] if len(columns[0]) == 36 else columns[1]


def test_five_edits_by_hand(path: Path) -> None:
    """A row edited, one deleted, one added, a child added, an old row edited: all stay, with what they refer to."""
    load(path)
    before = dump()
    update(path)
    load(path)
    ChatMessage.objects.filter(pk=uid(1, 2)).update(content="edited here")
    ChatMessage.objects.filter(pk=uid(3, 2)).delete()
    User.objects.create(pk=uid(50), username="added", email="user1@example.com")
    KnowledgeNode.objects.create(pk=uid(51, 1), name="added", parent_id=uid(5, 1), importance_level=1)
    KnowledgeNode.objects.filter(pk=uid(4, 1)).update(name="edited, and none of this run's")
    edited = dump()
    undone = undo.undo(last())
    assert named(undone) == {
        ("chat_messages", uid(1, 2)): "it was edited in PostgreSQL since",
        ("users", uid(4)): "rows that stay refer to it (chat_messages)",
        ("users", uid(1)): "PostgreSQL refuses its former values",  # the added one has that address now
        ("knowledge_nodes", uid(5, 1)): "rows that stay refer to it (knowledge_nodes)",
    }
    stay = {uid(1), uid(4), uid(50), uid(4, 1), uid(5, 1), uid(51, 1), uid(1, 2)}
    for name, rows in dump({"importer_quarantinedrow"}).items():
        kept = {text for text in edited[name] if key_of(text) in stay}
        assert set(rows) == kept | {text for text in before[name] if key_of(text) not in stay}, name
    entries = QuarantinedRow.objects.filter(source_table="knowledge_nodes").values_list("status", flat=True)
    assert list(entries) == ["resolved"]  # its row is there


def test_nothing_but_the_edited_row_stays(path: Path) -> None:
    nothing = dump()
    load(path)
    User.objects.filter(pk=uid(2)).update(nickname="edited here")
    kept = named(undo.undo(last()))
    assert kept == {("users", uid(2)): "it was edited in PostgreSQL since"}
    after = dump()
    assert {name for name in after if after[name] != nothing[name]} == {"users", "importer_provenance"}
    assert (len(after["users"]), len(after["importer_provenance"])) == (1, 1)


def test_kept_rows_keep_their_parents_at_any_distance(tmp_path: Path) -> None:
    rows = [node(n, parent=n - 1 if n > 1 else None) for n in range(1, 9)]
    load(write(tmp_path / "sparkle.db", "sparkle", {"knowledge_nodes": rows}))
    KnowledgeNode.objects.filter(pk=uid(5, 1)).update(name="edited here")
    undone = undo.undo(last())
    assert figures(undone, "knowledge_nodes") == (3, 0, 0, 5)
    assert {str(pk) for pk in KnowledgeNode.objects.values_list("pk", flat=True)} == {
        uid(n, 1) for n in range(1, 6)
    }


def test_a_row_that_another_source_has_too_stays(tmp_path: Path) -> None:
    load(write(tmp_path / "a.db", "sparkle", {"users": [user(1), user(2)]}))
    first = last()
    load(write(tmp_path / "b.db", "sparkle", {"users": [user(1)]}))
    second, between = last(), dump()
    assert named(undo.undo(first)) == {("users", uid(1)): "another source has it too (b.db)"}
    assert User.objects.count() == 1
    load(tmp_path / "a.db")
    assert dump(OWN) == {name: rows for name, rows in between.items() if name not in OWN}
    undo.undo(second)
    assert User.objects.count() == 2
    assert not Provenance.objects.filter(stream__source__name="b.db").exists()


def test_two_sources_of_one_run_go_together(tmp_path: Path) -> None:
    from apps.importer.pipeline import run_import
    from apps.importer.runs import Options
    from tests.importer.test_import import Quiet

    nothing = dump()
    paths = [write(tmp_path / name, "sparkle", {"users": [user(1)]}) for name in ("a.db", "b.db")]
    run_import([str(path) for path in paths], Options(), Quiet())
    assert undo.undo(last()).kept == 0
    assert dump() == nothing


def test_an_interrupted_run_is_undone_and_not_resumed(path: Path) -> None:
    from tests.importer.test_import import Interrupted

    nothing = dump()
    with pytest.raises(KeyboardInterrupt):
        load(path, Interrupted(5), batch=1)
    run = last()
    undo.undo(run)
    assert dump() == nothing
    assert not WaitingRow.objects.exists()
    run.refresh_from_db()
    assert (run.status, run.message) == ("abandoned", f"undone by run {run.undos.get().number}")
    assert load(path, batch=1).report["totals"]["unchanged"] == 0
    assert last().pk != run.pk


# -- the quarantine


def test_a_retry_is_undone(path: Path) -> None:
    load(path)
    KnowledgeNode.objects.create(pk=uid(77, 1), name="the parent", importance_level=1)
    before = dump()
    assert retry(Choice(table="knowledge_nodes")).left == 0
    undo.undo(ImportRun.objects.get(kind="retry"))
    assert dump() == before


def test_repairs_are_undone(path: Path) -> None:
    load(path)
    before = dump()
    repairs.apply(Choice(table="users", reason="type_mismatch"), "decode_as", "latin-1")
    repairs.apply(Choice(table="users", reason="text_nul"), "strip_nul")
    repairs.apply(Choice(table="knowledge_nodes", reason="missing_parent"), "placeholder_parent")
    assert QuarantinedRow.objects.filter(status="open").count() == 0
    for run in ImportRun.objects.filter(kind="repair").order_by("-number"):
        assert undo.undo(run).kept == 0
    assert dump() == before


def test_a_dropped_duplicate_is_open_again(tmp_path: Path) -> None:
    load(write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(1)]}))
    before = dump()
    repairs.apply(Choice(table="users", reason="duplicate_key"), "drop_duplicate")
    undo.undo(ImportRun.objects.get(kind="repair"))
    assert dump() == before


def test_an_entry_that_a_later_run_met_again_stays(path: Path) -> None:
    load(path)
    first = last()
    load(path)
    entries = QuarantinedRow.objects.count()
    undo.undo(first)
    assert QuarantinedRow.objects.filter(run=last()).count() == entries
    undo.undo(last())
    assert not QuarantinedRow.objects.exists()


def test_entries_have_the_content_they_had(path: Path) -> None:
    load(path)
    before = dump()
    change(path, "UPDATE users SET username = 5, colour = 'blue' WHERE rowid = 3")
    change(path, "DELETE FROM chat_messages WHERE rowid = 3")
    load(path)
    assert QuarantinedRow.objects.filter(status="resolved").count() == 1
    undo.undo(last())
    assert dump() == before


# -- an undo as a run, the dry run, the command


def test_an_undo_is_a_run_that_can_be_seen(path: Path) -> None:
    load(path)
    run = last()
    undo.undo(run)
    own = ImportRun.objects.get(kind="undo")
    assert (own.status, own.undoes, own.options["run"]) == ("completed", run, str(run.pk))
    assert set(RunTable.objects.filter(file__run=own).values_list("stage", flat=True)) == {"done"}
    assert RunTable.objects.get(file__run=own, source_table="users").deleted == 2
    run.refresh_from_db()
    assert (run.status, run.message) == ("completed", f"undone by run {own.number}")
    shown = io.StringIO()
    call_command("import_runs", stdout=shown)
    assert "undo" in shown.getvalue()
    with pytest.raises(undo.NotUndoable):
        undo.undo(own)


def test_a_dry_run_says_the_same_and_leaves_nothing(path: Path) -> None:
    load(path)
    User.objects.filter(pk=uid(2)).update(nickname="edited here")
    before, runs = dump(), ImportRun.objects.count()
    dry = undo.undo(last(), dry_run=True)
    assert (dump(), ImportRun.objects.count()) == (before, runs)
    real = undo.undo(last())
    assert (named(dry), dry.kept) == (named(real), real.kept)
    assert [t for s in dry.report["sources"] for t in s["tables"]] == [
        t for s in real.report["sources"] for t in s["tables"]
    ]


def test_updated_at_is_not_touched(path: Path) -> None:
    """Triggers that keep updated_at current leave an undo alone, as they do an import."""
    load(path)
    before = dump()
    change(path, "UPDATE users SET nickname = 'x' WHERE rowid = 1")
    load(path)
    undo.undo(last())
    assert dump() == before
    assert User.objects.get(pk=uid(1)).updated_at < timezone.now()


def test_what_is_summed_up_is_summed_up_anew(tmp_path: Path) -> None:
    stat = {
        "id": 1, "user_id": 1, "session_id": "s", "request_id": "r", "agent_type": "tutor", "started_at": NOW,
        "status": "done", "created_at": timezone.now().isoformat(),
    }  # fmt: skip
    load(write(tmp_path / "sparkle.db", "sparkle", {"agent_execution_stats": [stat]}))
    assert AgentStatsSummary.objects.count() == 1
    undo.undo(last())
    assert AgentStatsSummary.objects.count() == 0


def run_command(*arguments: str) -> tuple[int, str]:
    shown = io.StringIO()
    try:
        call_command("undo_import", *arguments, stdout=shown, stderr=shown)
    except SystemExit as end:
        return int(end.code or 0), shown.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, shown.getvalue()


def test_the_command_and_its_exit_codes(path: Path, tmp_path: Path) -> None:
    load(path)
    number = str(last().number)
    code, text = run_command(number, "--dry-run")
    assert code == 0
    assert "users: 2 removed" in text
    assert "dry run, nothing changed: completed" in text
    assert User.objects.count() == 2
    User.objects.filter(pk=uid(2)).update(nickname="edited here")
    report = tmp_path / "report.json"
    code, text = run_command(number, "--report", str(report))
    assert code == 3
    assert f"kept {uid(2)}: it was edited in PostgreSQL since" in text
    assert "completed; 1 rows are kept" in text
    written = json.loads(report.read_text())
    assert (written["kind"], written["sources"][0]["tables"][-1]["deleted"]) == ("undo", 1)
    assert run_command(str(ImportRun.objects.get(kind="undo").number))[0] == 2
    assert run_command("12345")[0] == 2


def test_a_held_source(path: Path) -> None:
    load(path)
    with connection_of_another() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('rehome:source:sparkle:sparkle.db', 0))")
        assert run_command(str(last().number))[0] == 6
    assert User.objects.count() == 2


def test_every_foreign_key_waits_for_the_end_of_the_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT condeferred")
        assert cursor.fetchall() == []


def test_all_samples(tmp_path: Path) -> None:
    """Every table of every system, as the samples have it, there and back."""
    nothing = dump()
    call_command(
        "make_samples", str(tmp_path / "samples"), rows=200, stdout=io.StringIO(), stderr=io.StringIO()
    )
    load(tmp_path / "samples")
    assert sum(map(len, dump().values())) > 1000
    assert undo.undo(last()).kept == 0
    assert dump() == nothing
