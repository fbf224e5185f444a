"""Tables read in pieces by several connections: the same rows, origins and quarantine as by one, in order."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from apps.importer import indexes, lanes, links
from apps.importer.lanes import Lanes
from apps.importer.models import DeferredIndex, RunPiece, WaitingRow
from apps.importer.pipeline import run_import
from apps.importer.runs import Options, SourceHeld
from apps.samples.catalogue import SAMPLES
from apps.samples.writer import write_sample
from apps.tutoring.models import ChatMessage
from tests.importer.test_fastpath import contents
from tests.importer.test_import import Interrupted, Quiet

pytestmark = pytest.mark.django_db(transaction=True)

BATCH = 20
SOME = ("users", "subjects", "knowledge_nodes", "tasks", "chat_messages")
DJANGO = ("admin", "auth", "contenttypes", "sessions")


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many pieces were read, in all and of each table, and how often all was taken back."""
    found = {"cut": 0, "taken back": 0}
    cut, back = Lanes._cut, Lanes._take_back

    def counted_cut(self: Lanes) -> list[RunPiece]:
        pieces = cut(self)
        found["cut"] += len(pieces)
        found[self.intake.record.source_table] = len(pieces)
        return pieces

    def counted_back(self: Lanes) -> None:
        found["taken back"] += 1
        back(self)

    monkeypatch.setattr(lanes, "LEAST_ROWS", 1)
    monkeypatch.setattr(indexes, "WORTH_ROWS", 1)
    monkeypatch.setattr(Lanes, "_cut", counted_cut)
    monkeypatch.setattr(Lanes, "_take_back", counted_back)
    return found


def sample(folder: Path, system: str, rows: int = 600) -> Path:
    standard = next(s for s in SAMPLES if s.system == system)
    return write_sample(standard, folder, rows=rows, seed=5).path


def change(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as file:
        for statement in statements:
            file.execute(statement)
    file.close()


def empty() -> None:
    """Take everything out again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        kept = {
            m._meta.db_table
            for m in apps.get_models(include_auto_created=True)
            if m._meta.app_label in DJANGO
        }
        names = [name for (name,) in cursor.fetchall() if name not in {*kept, "django_migrations"}]
        cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, names))} CASCADE")


def outcome(path: Path, listener: Any = None, **options: Any) -> dict[str, Any]:
    result = run_import([str(path)], Options(**{"batch": BATCH, **options}), listener or Quiet())
    found = contents()
    found["totals"] = result.report["totals"]
    found["tables"] = [
        (t["source_table"], t["imported"], t["quarantined"], t["reasons"])
        for s in result.report["sources"]
        for t in s["tables"]
    ]
    assert not RunPiece.objects.exists()
    assert not WaitingRow.objects.exists()
    assert not DeferredIndex.objects.exists()
    with connection.cursor() as cursor:
        found["keys"] = connection.introspection.get_primary_key_columns(cursor, "importer_provenance")
    return found


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Any]:
    """Imports a file in order first, and gives what it left; the database is empty again."""

    def read(path: Path, **options: Any) -> dict[str, Any]:
        found = outcome(path, jobs=1, **options)
        empty()
        return found

    yield read
    empty()


@pytest.mark.parametrize("system", ["sparkle", "atlas", "agentos", "voice_agent"])
def test_lanes_leave_what_one_leaves(tmp_path: Path, alone: Any, used: dict[str, int], system: str) -> None:
    path = sample(tmp_path, system)
    wanted = alone(path)
    assert used["cut"] == 0
    assert outcome(path, jobs=3) == wanted
    assert used["cut"] > 3


def test_lanes_read_what_only_the_log_holds(tmp_path: Path, alone: Any, used: dict[str, int]) -> None:
    path = sample(tmp_path, "sparkle")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        with writer:
            writer.execute("UPDATE chat_messages SET content = content || ' (edited)'")
        assert path.with_name(f"{path.name}-wal").stat().st_size > 0
        wanted = alone(path, tables=SOME)
        assert outcome(path, jobs=3, tables=SOME) == wanted
        assert ChatMessage.objects.exclude(content__endswith=" (edited)").count() == 0
    assert used["cut"] > 3


def test_a_key_that_is_unique_where_it_has_a_value_is_enough(tmp_path: Path, used: dict[str, int]) -> None:
    outcome(sample(tmp_path, "agentos"), jobs=2)
    empty()
    assert "task_audits" in used  # its decision_id is unique WHERE decision_id IS NOT NULL


@pytest.mark.parametrize("few", [True, False])
def test_texts_that_name_few_parents_need_no_question(
    tmp_path: Path, alone: Any, used: dict[str, int], monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    path = sample(tmp_path, "atlas")
    wanted = alone(path)
    if not few:
        monkeypatch.setattr(links, "FEW", 1)
    assert outcome(path, jobs=2) == wanted
    assert ("raw_documents" in used) == few


def repeat_a_message(path: Path, number: int) -> None:
    """Let the key of a message come again at the end, spelled otherwise."""
    change(
        path,
        "CREATE TABLE again AS SELECT * FROM chat_messages WHERE rowid = "
        f"(SELECT rowid FROM chat_messages ORDER BY rowid LIMIT 1 OFFSET {number})",
        "UPDATE again SET id = upper(id), message_id = NULL, content = 'later'",
        "INSERT INTO chat_messages SELECT * FROM again",
        "DROP TABLE again",
    )


@pytest.mark.parametrize("first", [3, 550])
def test_a_key_in_two_spellings_far_apart(
    tmp_path: Path, alone: Any, used: dict[str, int], first: int
) -> None:
    path = sample(tmp_path, "sparkle")
    repeat_a_message(path, first)
    wanted = alone(path, tables=SOME)
    assert outcome(path, jobs=2, tables=SOME) == wanted
    assert used["taken back"] == 1


def test_a_waiting_row_keeps_its_key(tmp_path: Path, alone: Any, used: dict[str, int]) -> None:
    path = sample(tmp_path, "sparkle")
    early = "(SELECT rowid FROM knowledge_nodes ORDER BY rowid LIMIT 1 OFFSET 5)"
    change(
        path,
        f"CREATE TABLE again AS SELECT * FROM knowledge_nodes WHERE rowid = {early}",
        "UPDATE again SET id = upper(id), parent_id = NULL",
        "INSERT INTO knowledge_nodes SELECT * FROM again",
        "DROP TABLE again",
        # the early one, and no other, waits for a parent that comes late
        "UPDATE knowledge_nodes SET parent_id = NULL",
        "UPDATE knowledge_nodes SET parent_id = (SELECT id FROM knowledge_nodes ORDER BY rowid DESC LIMIT 1 OFFSET 1) "
        f"WHERE rowid = {early}",
    )
    wanted = alone(path, tables=SOME)
    assert outcome(path, jobs=2, tables=SOME) == wanted
    assert used["taken back"] >= 1


@pytest.mark.parametrize("after", [0, 5, 15, 31])
def test_an_interrupted_run_goes_on(tmp_path: Path, alone: Any, used: dict[str, int], after: int) -> None:
    path = sample(tmp_path, "sparkle")
    wanted = alone(path, tables=SOME)
    batches = 0

    class Counting(Quiet):
        def advance(self, rows: int) -> None:
            nonlocal batches
            batches += 1

    outcome(path, Counting(), jobs=2, tables=SOME)
    empty()
    with pytest.raises(KeyboardInterrupt):
        outcome(path, Interrupted(batches * after // 32), jobs=2, tables=SOME)
    assert outcome(path, jobs=1 if after % 2 else 3, tables=SOME) == wanted


def test_another_run_takes_over(tmp_path: Path, alone: Any, used: dict[str, int]) -> None:
    path = sample(tmp_path, "sparkle")
    repeat_a_message(path, 3)
    wanted = alone(path, tables=SOME)
    batches: list[int] = []

    class UpToTheLast(Quiet):
        def advance(self, rows: int) -> None:
            batches.append(rows)
            last = RunPiece.objects.filter(table__source_table="chat_messages").order_by("-number").first()
            if last is not None and last.imported:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import([str(path)], Options(batch=BATCH, jobs=2, tables=(*SOME, "posts")), UpToTheLast())
    assert RunPiece.objects.exists()
    found = outcome(path, jobs=1, tables=SOME)
    for name in ("totals", "tables"):  # a part of the rows is unchanged by now
        del found[name], wanted[name]
    assert found == wanted


def test_a_piece_that_another_import_went_on_with(tmp_path: Path) -> None:
    path = sample(tmp_path, "sparkle")

    class Meddling(Quiet):
        def advance(self, rows: int) -> None:
            RunPiece.objects.update(checkpoint=10**9)

    with pytest.raises(SourceHeld):
        outcome(path, Meddling(), jobs=2)
    empty()


def test_known_tables_are_read_by_one(tmp_path: Path, used: dict[str, int]) -> None:
    path = sample(tmp_path, "sparkle")
    outcome(path, jobs=1)
    change(path, "UPDATE chat_messages SET content = content || '!'")
    outcome(path, jobs=2)
    assert used["cut"] == 0
    empty()


def test_a_killed_lane_ends_the_command_with_a_line(
    tmp_path: Path, used: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample(tmp_path, "sparkle")
    with monkeypatch.context() as patched:
        patched.setattr(Lanes, "_work", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        with pytest.raises(CommandError, match=r"killed by SIGKILL.*the same command goes on from there"):
            call_command("import_sqlite", str(path), jobs=2, batch=BATCH, verbosity=0)
    assert used["cut"]
    with pytest.raises(SystemExit, match="3"):
        call_command("import_sqlite", str(path), jobs=2, batch=BATCH, verbosity=0)
    assert ChatMessage.objects.exists()
