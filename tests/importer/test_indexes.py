"""Indexes put off while a table is filled: back after every end, and found by whoever comes next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection

from apps.importer import indexes, keys
from apps.importer.models import DeferredIndex, ImportRun
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import message, user, write
from tests.importer.test_import import Interrupted, Quiet, load
from tests.importer.undoing import another_that_holds, connection_of_another

pytestmark = pytest.mark.django_db(transaction=True)


def schema() -> dict[str, Any]:
    """Every index and constraint with its definition, and whether it is valid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace"
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid), convalidated "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
        found |= {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND reloptions IS NOT NULL"
        )
        return found | {f"options of {row[0]}": row[1] for row in cursor.fetchall()}


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    people = [user(n) for n in range(1, 4)]
    talk = [message(n, 1 + n % 3) for n in range(1, 30)]
    return write(tmp_path / "sparkle.db", "sparkle", {"users": people, "chat_messages": talk})


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "WORTH_ROWS", 1)


def test_an_import_leaves_every_index_and_key_in_place(chats: Path) -> None:
    before = schema()
    result = load(chats)
    assert schema() == before
    built = {one["name"] for one in result.report["sources"][0]["indexes"]}
    assert {"idx_chat_messages_session_created", "idx_chat_role"} <= built
    assert not DeferredIndex.objects.exists()
    assert (User.objects.count(), ChatMessage.objects.count()) == (3, 29)


def test_autovacuum_keeps_away_meanwhile_unless_somebody_decided(chats: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users SET (autovacuum_enabled = on)")
    before = schema()
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(1), batch=5)
    meanwhile = schema()
    assert meanwhile["options of chat_messages"] == ["autovacuum_enabled=off"]
    assert meanwhile["options of users"] == ["autovacuum_enabled=on"]
    load(chats, batch=5)
    assert schema() == before
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users RESET (autovacuum_enabled)")


def test_a_filled_table_keeps_its_indexes(chats: Path, tmp_path: Path) -> None:
    load(chats)
    more = write(tmp_path / "more.db", "sparkle", {"users": [user(9)], "chat_messages": [message(99, 9)]})
    assert load(more).report["sources"][0]["indexes"] == []


@pytest.mark.parametrize("after", [0, 1, 4])
def test_what_an_interrupted_run_put_off_is_built_by_the_next_command(
    chats: Path, after: int, capsys: Any
) -> None:
    before = schema()
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(after), batch=5)
    assert "idx_chat_role" not in schema()
    call_command("import_runs")
    assert "built idx_chat_role on chat_messages" in capsys.readouterr().err
    assert schema() == before
    load(chats, batch=5)
    assert schema() == before


def test_a_resumed_run_builds_its_own_at_its_end(chats: Path) -> None:
    before = schema()
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(2), batch=5)
    result = load(chats, batch=5)
    assert (schema(), ChatMessage.objects.count()) == (before, 29)
    assert "idx_chat_role" in {one["name"] for one in result.report["sources"][0]["indexes"]}


def test_a_stopped_run_builds_before_it_ends(tmp_path: Path) -> None:
    before = schema()
    path = write(
        tmp_path / "s.db", "sparkle", {"users": [user(1), user(2, flame_level="no")], "chat_messages": []}
    )
    assert load(path, max_quarantine=0).stopped
    assert schema() == before


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("held", "kept"), [("chat_messages", {"chat_messages"}), ("users", {"chat_messages", "users"})]
)
def test_nobody_waits_for_a_table_that_another_session_holds(chats: Path, held: str, kept: set[str]) -> None:
    """A backup reads all tables for hours; whoever wants one to itself has all others wait behind it."""
    before, listener = schema(), Quiet()
    with another_that_holds(held, "ACCESS SHARE"):
        result = load(chats, listener)
    assert result.report["totals"]["imported"] == 32
    assert {said.partition(" ")[0] for said in listener.said} == kept
    assert schema() == before


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", ["chat_messages", "users"])
def test_a_build_waits_without_having_others_wait(chats: Path, held: str) -> None:
    """It asks for a moment, and asks again: once it is told, the other session ends."""
    before = schema()
    with connection_of_another() as cursor:

        class Holding(Quiet):
            def start(self, label: str, rows: int, done: int) -> None:
                if label == "indexes":
                    cursor.execute(f"LOCK TABLE {held} IN ROW EXCLUSIVE MODE")

            def say(self, message: str) -> None:
                super().say(message)
                cursor.execute("ROLLBACK")

        listener = Holding()
        load(chats, listener)
    assert len(listener.said) == 1
    assert listener.said[0].startswith("waiting for another session to let go of table ")
    assert schema() == before


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("command", ["migrate", "import_runs"])
def test_whoever_heals_says_what_it_waits_for(
    chats: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    before = schema()
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(2), batch=5)
    with another_that_holds("chat_messages", "ROW EXCLUSIVE") as cursor:

        class Releasing(StringIO):
            def write(self, text: str) -> int:
                if "waiting for another session to let go of table chat_messages" in text:
                    cursor.execute("ROLLBACK")
                return super().write(text)

        said = Releasing()
        monkeypatch.setattr(sys, "stderr", said)
        call_command(command, stdout=said)
    assert said.getvalue().count("waiting for another session") == 1
    assert schema() == before


def test_what_a_living_run_put_off_is_left_to_it(chats: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(2), batch=5)
    run = ImportRun.objects.get()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"rehome:run:{run.pk}"])
        assert keys.finish_left_behind() == []
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    assert keys.finish_left_behind()


def test_a_second_run_of_the_same_file_reads_nothing_again(chats: Path) -> None:
    load(chats)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xmin::text::bigint) FROM importer_provenance")
        newest = cursor.fetchone()
    result = load(chats)
    assert result.report["totals"]["unchanged"] == 32
    User.objects.filter(username="user1").update(nickname="x")
    ChatMessage.objects.all().delete()
    assert load(chats).report["totals"]["unchanged"] == 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xmin::text::bigint) FROM importer_provenance")
        assert cursor.fetchone() == newest


def test_a_connection_lost_while_building_is_told_as_such(chats: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(chats, Interrupted(1), batch=5)
    usual = DeferredIndex.objects.earliest("name")
    DeferredIndex.objects.filter(pk=usual.pk).update(
        statement="SELECT pg_terminate_backend(pg_backend_pid())"
    )
    with pytest.raises((OperationalError, InterfaceError)):
        keys.finish_left_behind()
    DeferredIndex.objects.filter(pk=usual.pk).update(statement=usual.statement)
    keys.finish_left_behind()
    assert not DeferredIndex.objects.exists()


class AtOnce(Executor):
    """Counts what is begun; all of it has ended when it is looked at."""

    begun = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.begun += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def named(entry: DeferredIndex) -> indexes.Built:
    return indexes.Built(entry.table, entry.statement, 0)


KEY, OTHER = "ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)", "CREATE INDEX i ON t (a)"


@pytest.mark.parametrize(
    ("entries", "begun"),
    [
        ([("t", OTHER), ("t", OTHER), ("t", OTHER)], [2, 1]),
        ([("t", KEY), ("t", OTHER), ("t", OTHER)], [1, 2]),
        ([("t", KEY), ("t", KEY), ("u", KEY)], [2, 1]),
        ([("t", OTHER), ("t", KEY), ("u", OTHER)], [2, 1]),
        ([("t", KEY)], [1]),
        ([], []),
    ],
)
def test_nothing_is_begun_that_would_wait_for_a_lock(
    entries: Sequence[tuple[str, str]], begun: list[int]
) -> None:
    """``begun`` says how many are begun at once, of all that may, as often as all of them have ended."""
    pool, rounds = AtOnce(), list[int]()
    everything = [DeferredIndex(table=table, statement=statement) for table, statement in entries]
    built = []
    for one in indexes._side_by_side(everything, 2, pool, named, indexes.silently):
        built.append((one.table, one.name))
        if pool.begun > sum(rounds):
            rounds.append(pool.begun - sum(rounds))
    assert sorted(built) == sorted(entries)
    assert rounds == begun
