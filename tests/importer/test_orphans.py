"""Rows whose parent is deleted while their table is without its foreign keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.core.inspection.keys import row_url
from apps.importer.models import DeferredIndex, ImportRun, Provenance, QuarantinedRow
from apps.importer.pipeline import Result, run_import
from apps.importer.runs import Options
from apps.importer.sql import query
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import message, user, write
from tests.importer.test_import import Interrupted, Quiet, counts
from tests.importer.test_indexes import schema
from tests.importer.test_lanes import SOME, empty, sample
from tests.importer.undoing import connection_of_another

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("large_tables")]

PEOPLE, MESSAGES, BATCH = 4, 60, 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    people = [user(n) for n in range(1, PEOPLE + 1)]
    talk = [message(n, 1 + n % PEOPLE) for n in range(1, MESSAGES + 1)]
    return write(tmp_path / "sparkle.db", "sparkle", {"users": people, "chat_messages": talk})


class Meanwhile(Quiet):
    """Does something once a table has got some rows."""

    def __init__(self, then: Callable[[], Any]) -> None:
        super().__init__()
        self.then, self.now = then, ""
        self.done: Any = None

    def start(self, label: str, rows: int, done: int) -> None:
        self.now = label

    def advance(self, rows: int) -> None:
        if self.now == "chat_messages" and self.done is None:
            self.done = self.then()


def elsewhere(statement: str, *values: Any) -> int:
    """Run a statement in another session; returns how many rows it concerned."""
    with connection_of_another() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def delete(user: User | None = None) -> User:
    """Delete a user, as an application does that knows of no row of theirs."""
    gone = user or User.objects.latest("id")
    assert elsewhere("DELETE FROM users WHERE id = %s", str(gone.pk)) == 1
    return gone


def delete_one_with_tasks() -> User:
    return delete(User.objects.filter(task__isnull=False).earliest("id"))


def in_quarantine() -> set[tuple[str, int | None, str]]:
    found = QuarantinedRow.objects.exclude(status="resolved")
    return set(found.values_list("source_table", "source_rowid", "reason"))


STRAY = (
    "INSERT INTO chat_messages SELECT (jsonb_populate_record(m, jsonb_build_object("
    "'id', gen_random_uuid(), 'message_id', null, 'user_id', gen_random_uuid()))).* FROM chat_messages m LIMIT 1"
)


def load(path: Path, listener: Quiet | None = None, jobs: int = 1, **options: Any) -> Result:
    return run_import([str(path)], Options(batch=BATCH, jobs=jobs, **options), listener or Quiet())


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_that_lost_their_parent_are_set_aside(path: Path, jobs: int) -> None:
    before, listener = schema(), Meanwhile(delete)
    result = load(path, listener, jobs)
    lost = MESSAGES // PEOPLE
    assert listener.said == [f"{path}: {lost} rows set aside, whose parents were deleted meanwhile"]
    assert counts(result, "chat_messages") == (MESSAGES - lost, 0, 0, lost, 0)
    assert schema() == before
    assert not DeferredIndex.objects.exists()
    assert ChatMessage.objects.count() == MESSAGES - lost
    assert Provenance.objects.filter(stream__target_table="chat_messages").count() == MESSAGES - lost
    entries = QuarantinedRow.objects.filter(source_table="chat_messages")
    assert set(entries.values_list("reason", "column_name")) == {("missing_parent", "user_id")}
    assert entries.count() == lost
    listener.done.save(force_insert=True)
    again = load(path)
    assert counts(again, "chat_messages") == (lost, 0, MESSAGES - lost, 0, 0)
    call_command("verify_import", str(path), verbosity=0)


def test_their_children_are_set_aside_too(tmp_path: Path) -> None:
    """The parent of a parent goes, and of the foreign keys between some are built before that shows."""
    before, path = schema(), sample(tmp_path, "sparkle")
    load(path, tables=SOME)
    usual = in_quarantine()
    empty()
    listener = Meanwhile(delete_one_with_tasks)
    totals = load(path, listener, jobs=2, tables=SOME).report["totals"]
    reasons = set(QuarantinedRow.objects.values_list("source_table", "column_name", "reason"))
    assert {
        ("tasks", "user_id", "missing_parent"),
        ("chat_messages", "task_id", "parent_quarantined"),
    } <= reasons
    assert totals["quarantined"] == len(in_quarantine()) > len(usual)
    assert totals["imported"] == Provenance.objects.count()
    assert schema() == before
    listener.done.save(force_insert=True)
    load(path, tables=SOME)
    assert in_quarantine() == usual


@pytest.mark.parametrize("after", [2, 14])
def test_a_run_that_goes_on_sets_them_aside(path: Path, after: int) -> None:
    """The parent goes while nobody reads; other commands say so, the same one goes on."""
    before = schema()
    with pytest.raises(KeyboardInterrupt):
        load(path, Interrupted(after))
    user = delete()
    if Provenance.objects.filter(stream__target_table="chat_messages").exists():
        with pytest.raises(CommandError, match="Run the same import again"):
            call_command("verify_import", str(path))
    with pytest.raises(SystemExit, match="3"):
        call_command("import_sqlite", str(path), "--no-progress", verbosity=0)
    assert ChatMessage.objects.count() == MESSAGES - MESSAGES // PEOPLE
    assert not ChatMessage.objects.filter(user_id=user.pk).exists()
    assert ImportRun.objects.get().resumed == 1
    assert schema() == before


def test_orphans_count_against_the_limit(path: Path) -> None:
    assert load(path, Meanwhile(delete), max_quarantine=3).stopped
    assert ImportRun.objects.get().status == "stopped"
    assert not DeferredIndex.objects.exists()


def test_a_row_that_no_import_wrote_is_named(path: Path, admin_client: Client) -> None:
    told = (
        r"the foreign key chat_messages_user_id\w+ of table chat_messages, which an import had put off, cannot be "
        r"built: Key \(user_id\)=.* is not present in table \"users\"\. Run the same import again"
    )
    with pytest.raises(CommandError, match=told):
        load(path, Meanwhile(lambda: elsewhere(STRAY)))
    for command in (("verify_import", str(path)), ("import_sqlite", str(path), "--no-progress")):
        with pytest.raises(CommandError, match=told):
            call_command(*command)
    page = row_url(ImportRun, ImportRun.objects.get(kind="import").pk)[:-7] + "undo/"
    assert "bring that row back" in admin_client.post(page, {"do": "undo"}).content.decode()
    query("DELETE FROM chat_messages WHERE user_id NOT IN (SELECT id FROM users)")
    call_command("import_runs")
    assert not DeferredIndex.objects.exists()
    assert load(path).report["totals"]["imported"] == PEOPLE + MESSAGES


def test_an_edited_row_is_not_the_imports_any_more(path: Path) -> None:
    def edit() -> User:
        gone = delete()
        assert elsewhere("UPDATE chat_messages SET content = 'edited' WHERE user_id = %s", str(gone.pk))
        return gone

    with pytest.raises(CommandError, match="bring that row back"):
        load(path, Meanwhile(edit))
    assert ChatMessage.objects.filter(content="edited").exists()
