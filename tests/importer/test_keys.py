"""Primary keys put off while lanes fill a new table: there again after every end, and no two rows with one key."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from apps.core.inspection.keys import row_url
from apps.importer import indexes, keys, runs, undo
from apps.importer.indexes import Say
from apps.importer.models import DeferredIndex, ImportRun, Provenance, RunPiece, RunTable
from apps.importer.pieces import take_back
from apps.importer.pipeline import run_import
from apps.importer.retry import Choice, retry
from apps.importer.runs import Options
from apps.importer.source import Refused
from apps.importer.sql import query
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import message, user, write
from tests.importer.test_fastpath import contents
from tests.importer.test_import import Quiet
from tests.importer.test_indexes import schema
from tests.importer.test_lanes import BATCH, SOME, change, empty, outcome, sample
from tests.importer.undoing import another_that_holds, connection_of_another

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("large_tables")]

CHATS = "chat_messages"
RESPELLED = ("upper(id)", "replace(id, '-', '')")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sample(tmp_path, "sparkle")


def repeat(path: Path, number: int, spelled: str, into: str = CHATS) -> None:
    """Let a message come again as the last one, its key spelled otherwise."""
    change(
        path,
        f"CREATE TABLE again AS SELECT * FROM {into} WHERE rowid = "
        f"(SELECT rowid FROM {into} ORDER BY rowid LIMIT 1 OFFSET {number})",
        f"UPDATE again SET id = {spelled}, message_id = NULL, content = 'later'",
        f"INSERT INTO {into} SELECT * FROM again",
        "DROP TABLE again",
    )


def alone(path: Path) -> dict[str, Any]:
    """What a reading by one leaves."""
    found = outcome(path, jobs=1, tables=SOME)
    empty()
    return found


def has_key(table: str) -> bool:
    return bool(query(indexes.KEYS, [table]))


class Watching(Quiet):
    """Does something after each batch of a table; remembers of which tables the key was there, and away."""

    def __init__(self, table: str = CHATS, then: Callable[[], Any] = lambda: None) -> None:
        super().__init__()
        self.table, self.then, self.now = table, then, ""
        self.seen: dict[str, set[bool]] = {}

    def start(self, label: str, rows: int, done: int) -> None:
        self.now = label

    def advance(self, rows: int) -> None:
        if self.now != "indexes":
            self.seen.setdefault(self.now, set()).add(has_key(self.now))
        if self.now == self.table:
            self.then()


class Dead(Exception):
    """The import ends here, as if it were killed."""


def die_with_rivals() -> None:
    if query(f"SELECT 1 FROM {CHATS} GROUP BY id HAVING count(*) > 1"):
        raise Dead


def die() -> None:
    raise Dead


def killed(path: Path, then: Callable[[], None], tables: tuple[str, ...] = SOME) -> None:
    with pytest.raises(Dead):
        run_import([str(path)], Options(batch=BATCH, jobs=2, tables=tables), Watching(then=then))
    assert not has_key(CHATS)
    assert RunPiece.objects.exists()


# -- while lanes read


def test_a_key_is_away_while_lanes_read_and_there_afterwards(path: Path) -> None:
    before = schema()
    watching = Watching()
    outcome(path, watching, jobs=2)
    assert watching.seen[CHATS] == {False}
    assert watching.seen["group_messages"] == {True}  # it refers to itself
    assert schema() == before


def test_one_that_reads_alone_has_the_key(path: Path) -> None:
    watching = Watching()
    outcome(path, watching, jobs=1, tables=SOME)
    assert set.union(*watching.seen.values()) == {True}


def test_a_key_on_which_something_depends_stays(path: Path) -> None:
    query("CREATE TABLE clinging (id uuid REFERENCES chat_messages (id))")
    try:
        before, watching = schema(), Watching()
        outcome(path, watching, jobs=2, tables=SOME)
        assert watching.seen[CHATS] == {True}
        assert schema() == before
    finally:
        query("DROP TABLE clinging")


def test_a_key_on_which_another_run_will_depend_stays(path: Path) -> None:
    other = ImportRun.objects.create(number=10**6, kind="import", batch=1, options={})
    with connection_of_another() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"rehome:run:{other.pk}"])
        DeferredIndex.objects.create(
            run=other, table="posts", name="x", kind="foreign key", statement="SELECT 1"
        )
        watching = Watching(then=lambda: DeferredIndex.objects.filter(run=other).delete())
        outcome(path, watching, jobs=2, tables=SOME)
    assert watching.seen[CHATS] == {True}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", [CHATS, indexes.ORIGINS])
def test_a_key_stays_that_another_session_holds(path: Path, held: str) -> None:
    wanted, before = alone(path), schema()
    watching = Watching()
    with another_that_holds(held, "ACCESS SHARE"):
        assert outcome(path, watching, jobs=2, tables=SOME) == wanted
    assert watching.seen[CHATS] == {held == CHATS}
    assert schema() == before


def test_a_refused_row_brings_the_key_back(path: Path) -> None:
    """Of a batch that PostgreSQL refuses each row is looked up by its key."""
    change(path, "UPDATE chat_messages SET content = 'refused' WHERE rowid = 201")
    query("ALTER TABLE chat_messages ADD CONSTRAINT refusing CHECK (content <> 'refused')")
    try:
        wanted, watching = alone(path), Watching()
        found = outcome(path, watching, jobs=2, tables=SOME)
        assert found == wanted
        assert any(reasons.get("rejected_by_database") for *_, reasons in found["tables"])
        assert watching.seen[CHATS] == {False, True}
    finally:
        query("ALTER TABLE chat_messages DROP CONSTRAINT refusing")


@pytest.mark.parametrize("spelled", RESPELLED)
@pytest.mark.parametrize("first", [3, 595])
def test_one_key_in_two_spellings(path: Path, first: int, spelled: str) -> None:
    repeat(path, first, spelled)
    wanted, before, watching = alone(path), schema(), Watching()
    found = outcome(path, watching, jobs=2, tables=SOME)
    assert found == wanted
    assert any(reasons.get("duplicate_key") for *_, reasons in found["tables"])
    assert watching.seen[CHATS] == {False, True}  # in lanes, then by one
    assert schema() == before


def test_a_unique_set_is_away_as_the_key_is(path: Path) -> None:
    found: set[str] = set()
    told = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'chat_messages'::regclass"
    watching = Watching(then=lambda: found.update(name for (name,) in query(told)))
    outcome(path, watching, jobs=2, tables=SOME)
    assert found == set()


def test_rivals_of_a_unique_set(tmp_path: Path) -> None:
    """The file lets one value come twice, PostgreSQL does not."""
    path, tables = sample(tmp_path, "agentos"), ("tasks", "task_audits")
    outcome(path, jobs=1, tables=tables)
    ((first, last),) = query(
        "SELECT min(source_rowid), max(source_rowid) FROM importer_provenance p "
        "JOIN importer_stream s ON s.id = p.stream_id WHERE source_table = 'task_audits'"
    )
    empty()
    change(
        path,
        "DROP INDEX idx_task_audits_decision_id",
        "CREATE UNIQUE INDEX most ON task_audits (decision_id) WHERE decision_id <> 'twice'",
        f"UPDATE task_audits SET decision_id = 'twice' WHERE rowid IN ({first}, {last})",
    )
    wanted = outcome(path, jobs=1, tables=tables)
    empty()
    before, watching = schema(), Watching()
    found = outcome(path, watching, jobs=2, tables=tables)
    assert found == wanted
    assert any(reasons.get("duplicate_key") for *_, reasons in found["tables"])
    assert watching.seen["task_audits"] == {False, True}
    assert schema() == before


def test_rows_without_a_key_are_taken_back_by_joins(path: Path) -> None:
    change(
        path,
        "CREATE TABLE more AS SELECT m.* FROM (SELECT * FROM chat_messages LIMIT 1) m, "
        "(WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 20000) SELECT n FROM k)",
        "UPDATE more SET id = printf('00000000-0000-4000-8000-%012d', rowid), message_id = NULL",
        "INSERT INTO chat_messages SELECT * FROM more",
        "DROP TABLE more",
    )
    repeat(path, 3, "upper(id)")
    listener = Watching(then=die_with_rivals)
    with pytest.raises(Dead):
        run_import([str(path)], Options(jobs=2, tables=SOME), listener)
    assert ChatMessage.objects.count() > 20_000
    started = time.monotonic()
    take_back(RunTable.objects.get(source_table=CHATS))
    assert time.monotonic() - started < 2
    assert not ChatMessage.objects.exists()
    assert not Provenance.objects.filter(stream__source_table=CHATS).exists()
    keys.finish_left_behind()
    assert has_key(CHATS)


# -- a run that died


def test_a_dead_run_goes_on_with_the_key(path: Path) -> None:
    wanted, before = alone(path), schema()
    killed(path, die)
    watching = Watching()
    assert outcome(path, watching, jobs=2, tables=SOME) == wanted
    assert watching.seen[CHATS] == {True}
    assert schema() == before


@pytest.mark.parametrize("spelled", RESPELLED)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_dead_run_takes_back_its_rivals(path: Path, jobs: int, spelled: str) -> None:
    repeat(path, 3, spelled)
    wanted, before = alone(path), schema()
    killed(path, die_with_rivals)
    assert outcome(path, jobs=jobs, tables=SOME) == wanted
    assert schema() == before


@pytest.mark.parametrize("command", ["import_runs", "migrate"])
def test_any_command_heals_what_a_dead_run_left(path: Path, command: str) -> None:
    repeat(path, 3, "upper(id)")
    wanted = alone(path)
    killed(path, die_with_rivals)
    call_command(command, verbosity=0)
    assert has_key(CHATS)
    assert has_key(indexes.ORIGINS)
    assert not ChatMessage.objects.exists()
    assert not RunPiece.objects.exists()
    assert outcome(path, jobs=2, tables=SOME) == wanted


def test_another_source_heals_what_a_dead_run_left(path: Path, tmp_path: Path) -> None:
    repeat(path, 3, "upper(id)")
    killed(path, die_with_rivals)
    other = write(tmp_path / "other.db", "sparkle", {"users": [user(1)], CHATS: [message(1, 1)]})
    run_import([str(other)], Options(), Quiet())
    assert has_key(CHATS)
    assert ChatMessage.objects.count() == 1


def test_an_undo_heals_what_the_dead_run_left(path: Path) -> None:
    before = schema()
    repeat(path, 3, "upper(id)")
    killed(path, die_with_rivals)
    undo.undo(ImportRun.objects.get())
    assert not ChatMessage.objects.exists()
    assert not Provenance.objects.exists()
    assert not DeferredIndex.objects.exists()
    assert schema() == before


def test_an_edited_row_keeps_its_origin_when_its_rival_is_taken_back(path: Path) -> None:
    repeat(path, 3, "upper(id)")
    killed(path, die_with_rivals)
    edited = query("UPDATE chat_messages SET content = 'edited' WHERE content = 'later' RETURNING id::text")
    keys.finish_left_behind()
    assert query("SELECT id::text, content FROM chat_messages") == [(*edited[0], "edited")]
    last = query("SELECT max(source_rowid) FROM importer_provenance")
    origins = "SELECT p.source_rowid FROM importer_provenance p WHERE p.identity = %s"
    assert query(origins, edited[0]) == last


def test_a_retry_heals_what_a_dead_run_left(path: Path) -> None:
    repeat(path, 3, "upper(id)")
    killed(path, die_with_rivals)
    retry(Choice())
    assert has_key(CHATS)


def test_a_run_that_is_stopped_leaves_the_key_in_place(path: Path) -> None:
    before = schema()
    change(path, "UPDATE chat_messages SET created_at = 'never' WHERE rowid % 50 = 3")
    result = run_import(
        [str(path)], Options(batch=BATCH, jobs=2, tables=(*SOME,), max_quarantine=12), Quiet()
    )
    assert result.stopped
    assert schema() == before


def refuse() -> None:
    raise Refused("damaged", "as if the disk gave other bytes now")


def test_a_file_that_is_refused_in_its_midst_leaves_the_key_in_place(path: Path) -> None:
    before = schema()
    run_import([str(path)], Options(batch=BATCH, jobs=2, tables=SOME), Watching(then=refuse))
    assert not ChatMessage.objects.exists()
    assert schema() == before


def test_rows_that_no_import_wrote_are_named(path: Path, admin_client: Client, capsys: Any) -> None:
    killed(path, die)
    query(
        "INSERT INTO chat_messages SELECT m.* FROM (SELECT * FROM chat_messages LIMIT 1) m, generate_series(1, 2)"
    )
    told = r"the key chat_messages_pkey of table chat_messages.*\(id\)=\(.*Remove one of the two rows"
    call_command("import_runs")
    assert re.search(told, capsys.readouterr().err)
    for command in (("verify_import", str(path)), ("import_sqlite", str(path), "--no-progress")):
        with pytest.raises(CommandError, match=told):
            call_command(*command)
    page = row_url(ImportRun, ImportRun.objects.filter(kind="import").earliest("number").pk)[:-7] + "undo/"
    assert "Remove one of the two rows" in admin_client.post(page, {"do": "undo"}).content.decode()
    query("DELETE FROM chat_messages a USING chat_messages b WHERE a.id = b.id AND a.ctid > b.ctid")
    call_command("import_runs")
    assert has_key(CHATS)
    assert any(reasons.get("duplicate_key") for *_, reasons in outcome(path, jobs=2, tables=SOME)["tables"])


def test_a_row_that_somebody_wrote_meanwhile_wins(path: Path) -> None:
    """The lanes take back theirs."""
    done: list[bool] = []

    def write_another() -> None:
        if not done:
            done.append(True)
            with connection_of_another() as cursor:
                cursor.execute(
                    "INSERT INTO chat_messages SELECT * FROM chat_messages LIMIT 1 RETURNING id::text"
                )

    found = outcome(path, Watching(then=write_another), jobs=2, tables=SOME)
    assert next(reasons for name, *_, reasons in found["tables"] if name == CHATS)["duplicate_key"] == 1
    assert has_key(CHATS)


# -- two imports at once


@contextmanager
def lock(name: str, shared: str = "") -> Iterator[Any]:
    """Hold a lock as another command does."""
    with connection_of_another() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock{shared}(hashtextextended(%s, 0))", [name])
        yield cursor


def test_a_key_on_which_another_import_relies_stays(path: Path) -> None:
    watching = Watching()
    with lock("rehome:key:chat_messages", "_shared"):
        outcome(path, watching, jobs=2, tables=SOME)
    assert watching.seen[CHATS] == {True}


def test_one_import_at_a_time_puts_keys_off(path: Path) -> None:
    watching = Watching()
    with lock("rehome:key:importer_provenance"):
        outcome(path, watching, jobs=2, tables=SOME)
    assert watching.seen[CHATS] == {True}


@contextmanager
def held_until(moment: Callable[[], bool], name: str) -> Iterator[threading.Event]:
    """Hold a lock as another command does, until some moment; tells whether it is let go of."""
    free = threading.Event()
    with lock(name) as cursor:

        def let_go() -> None:
            deadline = time.monotonic() + 30
            while not moment() and time.monotonic() < deadline:
                time.sleep(0.01)
            free.set()
            cursor.execute("SELECT pg_advisory_unlock_all()")

        thread = threading.Thread(target=let_go)
        thread.start()
        yield free
        thread.join()


def test_an_import_waits_for_the_key(path: Path) -> None:
    watching = Watching(then=lambda: free.is_set() or die())
    with held_until(lambda: bool(watching.said), "rehome:key:chat_messages") as free:
        outcome(path, watching, jobs=2, tables=SOME)
    assert watching.said == ["waiting for another import into chat_messages"]


OTHERS: dict[str, Callable[[Say], Any]] = {
    "retry": lambda say: retry(Choice(), say=say),
    "undo": lambda say: undo.undo(ImportRun.objects.get(kind="import"), say=say),
}


@pytest.mark.parametrize("name", ["retry", "undo"])
def test_a_retry_and_an_undo_wait_for_the_key(path: Path, name: str) -> None:
    outcome(path, jobs=1, tables=SOME)
    said: list[str] = []
    with held_until(lambda: bool(said), "rehome:key:chat_messages") as free:
        OTHERS[name](said.append)
        assert free.is_set()
    assert said == ["waiting for another import into chat_messages"]


@pytest.mark.parametrize("name", ["retry", "undo"])
def test_a_page_does_not_wait_for_the_key(path: Path, name: str) -> None:
    outcome(path, jobs=1, tables=SOME)
    before = contents()
    told = "^waiting for another import into chat_messages; try again later$"
    with lock("rehome:key:chat_messages"), pytest.raises(runs.SourceHeld, match=told):
        OTHERS[name](runs.refuse_to_wait)
    assert contents() == before
    OTHERS[name](runs.refuse_to_wait)
    assert ImportRun.objects.latest("number").status == ImportRun.Status.COMPLETED


def test_what_died_meanwhile_is_healed_by_the_one_that_waited(path: Path, tmp_path: Path) -> None:
    repeat(path, 3, "upper(id)")
    other = write(tmp_path / "other.db", "sparkle", {"users": [user(1)], CHATS: [message(1, 1)]})
    killed(path, die_with_rivals)
    listener = Quiet()
    with held_until(lambda: bool(listener.said), f"rehome:run:{ImportRun.objects.get().pk}"):
        run_import([str(other)], Options(), listener)
    assert listener.said == ["waiting for another import into chat_messages"]
    assert has_key(CHATS)
    assert ChatMessage.objects.count() == 1


def test_two_imports_of_the_same_keys_at_once(path: Path, tmp_path: Path, database_url: str) -> None:
    """The second one waits while the first one's lanes read; each key comes in once."""
    wanted, before = alone(path), schema()
    environment = {"DATABASE_URL": database_url, "DJANGO_SECRET_KEY": "for-this-test-alone"}
    command = [sys.executable, "manage.py", "import_sqlite", str(path), "--source-name", "twin"]
    command += ["--no-progress", *(word for name in SOME for word in ("--table", name))]
    others: list[subprocess.Popen[str]] = []

    def start_another() -> None:
        if not others:
            others.append(
                subprocess.Popen(
                    command, cwd=settings.BASE_DIR, env=environment, stdout=-3, stderr=-1, text=True
                )
            )
            assert others[0].stderr is not None
            assert "waiting for another import into chat_messages" in others[0].stderr.readline()
            assert not has_key(CHATS)

    result = run_import([str(path)], Options(batch=BATCH, jobs=2, tables=SOME), Watching(then=start_another))
    _, errors = others[0].communicate(timeout=60)
    assert others[0].returncode in (0, 3), errors
    assert result.report["totals"] == wanted["totals"]
    assert (schema(), DeferredIndex.objects.count()) == (before, 0)
    assert ChatMessage.objects.count() == len(wanted[CHATS])
