"""Named repairs: what fits, what a preview says, what stands afterwards, and that nothing is done unasked."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.collection.models import DataSource
from apps.importer import repairs
from apps.importer.models import (
    FormerEntry,
    ImportedRow,
    ImportRun,
    Provenance,
    QuarantinedRow,
    RunTable,
    WaitingRow,
)
from apps.importer.repairs import Unfit
from apps.importer.retry import Choice, retry
from apps.importer.verify import verify_file
from apps.knowledge.models import KnowledgeNode, Subject
from apps.learners.models import User
from apps.library.models import KbEmbeddingMeta
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import NOW, message, node, uid, user, write
from tests.importer.test_import import change, counts, load, table

pytestmark = pytest.mark.django_db

GB = "数学".encode("gb18030")


def choice(table: str, reason: str, **more: Any) -> Choice:
    return Choice(table=table, reason=reason, **more)


def text(stored: bytes) -> str:
    """SQL by which SQLite stores these bytes as TEXT."""
    return f"CAST(x'{stored.hex()}' AS TEXT)"


def sparkle(tmp_path: Path, **rows: Any) -> Path:
    return write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)], **rows})


def state() -> dict[str, Any]:
    """All that a preview must leave as it was."""
    found = {}
    with connection.cursor() as cursor:
        for name in (
            "users",
            "chat_messages",
            "importer_provenance",
            "importer_quarantinedrow",
            "importer_importrun",
        ):
            cursor.execute(f"SELECT t::text FROM {name} t ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


# -- the table of repairs: the fault, the repair, what the row holds then

FAULTS: list[tuple[str, Any, str, str, str | None, Any]] = [
    ("nickname", "CAST(x'6100' AS TEXT)", "text_nul", "strip_nul", None, "a"),
    ("nickname", text(GB), "text_encoding", "decode_as", "gb18030", "数学"),
    ("nickname", text(GB), "text_encoding", "set_null", None, None),
    ("nickname", f"x'{GB.hex()}'", "type_mismatch", "decode_as", "gbk", "数学"),
    ("nickname", "replace(hex(zeroblob(60)), '00', '数x')", "text_too_long", "truncate", None, "数x" * 50),
    ("weather_preferences", '\'{"a": "\\u0000b"}\'', "json_unstorable", "strip_nul", None, {"a": "b"}),
    ("weather_preferences", "'{'", "json_invalid", "set_null", None, None),
    ("last_login_at", "20250101", "datetime_ambiguous", "as_unit", "s", "1970-08-23T09:01:41+00:00"),
    ("last_login_at", "'yesterday'", "datetime_invalid", "set_null", None, None),
    ("google_id", "'taken'", "duplicate_key", "set_null", None, None),
]


@pytest.mark.parametrize(("column", "stored", "reason", "name", "argument", "after"), FAULTS)
def test_each_repair(
    tmp_path: Path, column: str, stored: Any, reason: str, name: str, argument: str | None, after: Any
) -> None:
    path = sparkle(tmp_path, users=[user(1, google_id="taken"), user(2)])
    change(path, f"UPDATE users SET {column} = {stored} WHERE rowid = 2")
    assert table(load(path), "users")["reasons"] == {reason: 1}
    (group,) = repairs.groups()
    assert (group.table, group.column, group.reason, group.rows) == ("users", column, reason, 1)
    assert name in group.repairs
    before = QuarantinedRow.objects.get()
    seen, was = repairs.preview(group.choice(), name, argument), state()
    assert (seen.rows, seen.repaired, seen.left) == (1, 1, 0)
    assert state() == was
    done = repairs.apply(group.choice(), name, argument)
    assert (done.shown, done.report["totals"]["imported"] if done.report else None) == (seen.shown, 1)
    held = getattr(User.objects.get(pk=uid(2)), column)
    assert (held.isoformat() if hasattr(held, "isoformat") else held) == after
    entry = QuarantinedRow.objects.get()
    assert (entry.status, entry.raw, entry.identity) == ("resolved", before.raw, uid(2))
    kept = {"column": column, "repair": name, "with": argument or ("100" if name == "truncate" else None)}
    assert entry.repairs == [kept]
    assert ImportedRow.objects.get(target_pk=uid(2)).extras == {
        "entry": str(entry.pk),
        "repairs": [{**kept, "before": before.raw[column]}],
    }
    run = ImportRun.objects.get(kind="repair")
    assert run.options["repair"] == kept
    assert RunTable.objects.get(file__run=run).details == {
        "repairs": [{**kept, "rows": 1, "placeholders": 0}]
    }
    _stays_as_it_is(path, held, column)


def _stays_as_it_is(path: Path, held: Any, column: str) -> None:
    """A later import leaves the repaired row alone for as long as the source row is the same."""
    for _ in range(2):
        assert counts(load(path), "users") == (0, 0, 2, 0, 0)
        assert getattr(User.objects.get(pk=uid(2)), column) == held
    assert not QuarantinedRow.objects.exclude(status="resolved").exists()
    report = verify_file("f", path, None, None)
    (users,) = (t for t in report["tables"] if t["source_table"] == "users")
    assert (users["different"], users["missing"], users["extra"], users["quarantined"]) == (0, 0, 0, 1)


def test_a_zone_for_a_time_that_the_host_had_twice(tmp_path: Path) -> None:
    source = {"id": "s", "name": "n", "source_type": "rss", "created_at": NOW, "updated_at": NOW}
    rows = [{**source, "last_success_at": "2025-10-26 02:30:00"}]
    load(write(tmp_path / "atlas.db", "atlas", {"data_sources": rows}), zone="Europe/Berlin")
    (group,) = repairs.groups()
    assert group.repairs == ("set_null", "as_zone", "as_unit")
    assert repairs.preview(group.choice(), "as_unit", "s").failing[0]["message"].endswith("it is no number")
    assert repairs.apply(group.choice(), "as_zone", "Etc/GMT-1").repaired == 1
    assert DataSource.objects.get().last_success_at.isoformat() == "2025-10-26T01:30:00+00:00"


def test_a_unit_for_an_epoch_of_another_unit(tmp_path: Path) -> None:
    rows = [
        {"key": "a", "value": "v", "updated_at": 1762150830000},
        {"key": "b", "value": "v", "updated_at": 1762150830123},
    ]
    load(write(tmp_path / "agentos.db", "agentos", {"kb_embedding_meta": rows}))
    (group,) = repairs.groups()
    assert (group.reason, group.repairs) == ("datetime_ambiguous", ("as_unit",))
    done = repairs.apply(group.choice(), "as_unit", "ms")
    assert (done.repaired, done.left) == (1, 1)  # a column of whole seconds has no room for the other
    assert list(KbEmbeddingMeta.objects.values_list("key", "updated_at")) == [("a", 1762150830)]
    assert QuarantinedRow.objects.get(status="open").reason == "number_invalid"


# -- parents


def test_a_placeholder_for_the_missing_parent(tmp_path: Path) -> None:
    path = sparkle(tmp_path, chat_messages=[message(1, 9), message(2, 9), message(3, 8), message(4, 1)])
    load(path)
    group = repairs.groups()[0]
    assert group.repairs == ("placeholder_parent",)  # a message must have its user
    assert repairs.preview(group.choice(), "placeholder_parent").placeholders == 2
    assert User.objects.count() == 1
    done = repairs.apply(group.choice(), "placeholder_parent", batch=1)
    assert (done.rows, done.repaired, done.placeholders) == (3, 3, 2)
    made = User.objects.get(pk=uid(9))
    assert (made.username, made.email, made.nickname) == (f"missing {uid(9)}", f"missing {uid(9)}", None)
    marked = Provenance.objects.filter(extras__placeholder=True)
    assert {p.identity for p in marked} == {uid(8), uid(9)}
    assert RunTable.objects.get(file__run__kind="repair").details["repairs"][0]["placeholders"] == 2
    assert counts(load(path), "chat_messages") == (0, 0, 4, 0, 0)
    report = verify_file("f", path, None, None)
    assert all(not t["extra"] and not t["different"] and not t["missing"] for t in report["tables"])


def test_the_real_parent_takes_the_placeholders_place(tmp_path: Path) -> None:
    path = sparkle(tmp_path, chat_messages=[message(1, 9)])
    load(path)
    repairs.apply(choice("chat_messages", "missing_parent"), "placeholder_parent")
    with sqlite3.connect(path) as file:
        columns = ", ".join(f'"{name}"' for name in user(9))
        file.execute(
            f"INSERT INTO users ({columns}) VALUES ({', '.join('?' * len(user(9)))})", [*user(9).values()]
        )
    file.close()
    assert counts(load(path), "users") == (0, 1, 1, 0, 0)
    assert User.objects.get(pk=uid(9)).username == "user9"
    assert ImportedRow.objects.get(target_pk=uid(9)).extras is None


def test_a_placeholder_that_helps_no_row_is_not_left_behind(tmp_path: Path) -> None:
    rows = [message(1, 9, task_id=uid(5, 5)), message(2, 8)]
    load(sparkle(tmp_path, chat_messages=rows))
    done = repairs.apply(choice("chat_messages", "missing_parent", column="user_id"), "placeholder_parent")
    assert (done.repaired, done.left, done.placeholders) == (1, 1, 1)
    assert {str(pk) for pk in User.objects.values_list("pk", flat=True)} == {uid(1), uid(8)}
    assert not Provenance.objects.filter(identity=uid(9)).exists()
    entry = QuarantinedRow.objects.get(status="open")
    assert (entry.reason, entry.column_name) == ("missing_parent", "task_id")


def test_placeholders_of_a_table_that_refers_to_itself(tmp_path: Path) -> None:
    rows = [node(3, parent=2), node(2, parent=1), node(1, parent=99)]
    load(sparkle(tmp_path, knowledge_nodes=rows))
    done = repairs.apply(choice("knowledge_nodes", "missing_parent"), "placeholder_parent")
    assert (done.rows, done.repaired) == (1, 1)
    assert done.report is not None
    assert done.report["totals"]["imported"] == 3  # with the children that waited
    assert KnowledgeNode.objects.get(pk=uid(99, 1)).name == f"missing {uid(99, 1)}"
    assert not WaitingRow.objects.exists()


def test_a_placeholder_of_a_shifted_integer_key(tmp_path: Path) -> None:
    subject = {"id": 1, "name": "数学", "sector_code": "TECH", "created_at": NOW, "updated_at": NOW}
    load(write(tmp_path / "a.db", "sparkle", {"subjects": [subject], "knowledge_nodes": []}))
    path = write(tmp_path / "b.db", "sparkle", {"subjects": [], "knowledge_nodes": [node(1, subject_id=7)]})
    load(path)
    assert repairs.apply(choice("knowledge_nodes", "missing_parent"), "placeholder_parent").repaired == 1
    origin = ImportedRow.objects.get(source_table="subjects", source_name="b.db")
    assert origin.source_key == {"id": "7"}
    assert KnowledgeNode.objects.get().subject == Subject.objects.get(pk=int(origin.target_pk))
    assert Subject.objects.count() == 2


def test_no_placeholder_for_a_parent_that_needs_a_parent(tmp_path: Path) -> None:
    chunk = {"chunk_id": 1, "doc_id": 5, "qdrant_point_id": "p", "chunk_index": 0, "created_at": NOW}
    rows = {"rag_corpora": [], "rag_documents": [], "rag_chunks": [chunk]}
    load(write(tmp_path / "voice.db", "voice_agent", rows, "seed_migration_002"))
    (group,) = repairs.groups()
    assert (group.column, group.reason, group.repairs) == ("doc_id", "missing_parent", ())


# -- duplicates


def test_a_duplicate_is_left_out_for_good(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(1, nickname="twin"), user(2, email="user1@example.com")])
    load(path)
    assert {group.repairs for group in repairs.groups()} == {("drop_duplicate",)}
    key = choice("users", "duplicate_key", column="id")
    assert repairs.preview(key, "drop_duplicate").repaired == 1
    assert QuarantinedRow.objects.filter(status="open").count() == 2
    done = repairs.apply(key, "drop_duplicate")
    assert done.report is not None
    assert (done.left, done.report["totals"]["skipped"]) == (0, 1)
    entry = QuarantinedRow.objects.get(status="ignored")
    assert (entry.source_rowid, entry.repairs[0]["repair"]) == (2, "drop_duplicate")
    assert counts(load(path), "users") == (0, 0, 1, 1, 1)
    assert verify_file("f", path, None, None)["tables"][0]["missing"] == 0
    change(path, "UPDATE users SET nickname = 'another' WHERE rowid = 2")
    assert counts(load(path), "users") == (0, 0, 1, 2, 0)
    assert QuarantinedRow.objects.filter(status="open").count() == 2


# -- one repair after another


def test_a_row_with_two_faults_takes_two_repairs(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(2)])
    change(path, f"UPDATE users SET nickname = 'a' || char(0), full_name = {text(GB)}")
    load(path)
    first = choice("users", QuarantinedRow.objects.get().reason)
    reason = {"text_nul": ("strip_nul", None), "text_encoding": ("decode_as", "gb18030")}
    name, argument = reason[str(first.reason)]
    done = repairs.apply(first, name, argument)
    assert (done.repaired, done.left) == (0, 1)
    entry = QuarantinedRow.objects.get()
    assert (entry.status, len(entry.repairs)) == ("open", 1)
    assert entry.reason != first.reason
    assert table(load(path), "users")["quarantined"] == 1  # met again, it keeps what was chosen for it
    again = QuarantinedRow.objects.get()
    assert (again.reason, again.repairs) == (entry.reason, entry.repairs)
    name, argument = reason[again.reason]
    assert repairs.apply(choice("users", again.reason), name, argument).repaired == 1
    found = User.objects.get()
    assert (found.nickname, found.full_name) == ("a", "数学")
    extras = ImportedRow.objects.get().extras
    assert {repair["column"] for repair in extras["repairs"]} == {"nickname", "full_name"}
    assert counts(load(path), "users") == (0, 0, 1, 0, 0)


def test_a_repair_that_does_not_help_changes_nothing(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(2)])
    change(path, f"UPDATE users SET nickname = {text(GB)}")
    change(path, "UPDATE users SET nickname = CAST(x'FF' AS TEXT) WHERE rowid = 2")
    load(path)
    before = QuarantinedRow.objects.filter(source_rowid=2).values().get()
    done = repairs.apply(choice("users", "text_encoding"), "decode_as", "gb18030")
    assert (done.repaired, done.left) == (1, 1)
    assert done.failing[0]["message"] == (
        "text_encoding: decode_as does not help: gb18030 cannot read its byte 0"
    )
    assert QuarantinedRow.objects.filter(source_rowid=2).values().get() == before
    assert FormerEntry.objects.filter(run__kind="repair").count() == 1


def test_a_changed_source_row_is_judged_anew(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(2, nickname=b"\x00")])
    load(path)
    repairs.apply(choice("users", "type_mismatch"), "set_null")
    first = QuarantinedRow.objects.get()
    change(path, "UPDATE users SET nickname = x'01' WHERE rowid = 2")
    assert counts(load(path), "users") == (0, 0, 1, 1, 0)
    assert QuarantinedRow.objects.filter(status="open", repairs__isnull=True).count() == 1
    repairs.apply(choice("users", "type_mismatch"), "set_null")
    change(path, "UPDATE users SET nickname = 'good' WHERE rowid = 2")
    assert counts(load(path), "users") == (0, 1, 1, 0, 0)
    assert User.objects.get(pk=uid(2)).nickname == "good"
    change(path, "UPDATE users SET nickname = x'00' WHERE rowid = 2")  # as it was when first repaired
    assert counts(load(path), "users") == (0, 0, 1, 1, 0)
    assert QuarantinedRow.objects.exclude(pk=first.pk).filter(status="open").count() == 1


def test_a_repaired_row_may_be_edited_and_stays_unchanged(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(2, nickname=b"\x00")])
    load(path)
    repairs.apply(choice("users", "type_mismatch"), "set_null")
    User.objects.filter(pk=uid(2)).update(nickname="by hand")
    assert counts(load(path), "users") == (0, 0, 2, 0, 0)
    assert User.objects.get(pk=uid(2)).nickname == "by hand"


def test_a_repair_of_a_row_that_stands_in_an_older_version(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(2)])
    load(path)
    change(path, "UPDATE users SET nickname = x'00' WHERE rowid = 2")
    load(path)
    done = repairs.apply(choice("users", "type_mismatch"), "set_null")
    assert done.report is not None
    assert done.report["totals"]["updated"] == 1  # the same content, but now it stands for the repaired row
    assert counts(load(path), "users") == (0, 0, 2, 0, 0)


def test_repaired_parents_bring_their_children(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1), user(2, nickname=b"\x00")], chat_messages=[message(1, 2)])
    load(path)
    done = repairs.apply(choice("users", "type_mismatch"), "set_null")
    assert (done.rows, done.repaired) == (1, 1)
    assert done.report is not None
    assert done.report["totals"]["imported"] == 2
    assert ChatMessage.objects.count() == 1
    assert ImportedRow.objects.get(source_table="chat_messages").extras is None


def test_a_null_in_place_of_a_missing_parent_is_not_taken_back(tmp_path: Path) -> None:
    path = sparkle(tmp_path, knowledge_nodes=[node(1, parent=9)])
    load(path)
    repairs.apply(choice("knowledge_nodes", "missing_parent"), "set_null")
    KnowledgeNode.objects.create(pk=uid(9, 1), name="later", importance_level=1)
    assert counts(load(path), "knowledge_nodes") == (0, 0, 1, 0, 0)
    assert KnowledgeNode.objects.get(pk=uid(1, 1)).parent is None


# -- choosing


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    path = sparkle(tmp_path, users=[user(1, username=b"\x00"), user(2, nickname=b"\x00")])
    load(path)
    wrong = [
        (
            choice("users", "type_mismatch"),
            "set_null",
            None,
            "several columns, nickname, username; name one by --column",
        ),
        (choice("users", "type_mismatch", column="username"), "set_null", None, "what fits: decode_as"),
        (choice("users", "type_mismatch", column="nickname"), "mend_it", None, "there is no repair mend_it"),
        (choice("users", "json_invalid"), "set_null", None, "no open entry fits"),
        (choice("users", "type_mismatch", column="nickname"), "decode_as", None, "needs --with ENCODING"),
        (choice("users", "type_mismatch", column="nickname"), "decode_as", "base64", "no encoding of texts"),
        (choice("users", "type_mismatch", column="nickname"), "set_null", "x", "takes no argument"),
    ]
    for chosen, name, argument, said in wrong:
        with pytest.raises(Unfit, match=said):
            repairs.preview(chosen, name, argument)
    assert not ImportRun.objects.filter(kind="repair").exists()


def test_a_retry_repeats_no_repair_that_was_not_asked_for(tmp_path: Path) -> None:
    load(sparkle(tmp_path, users=[user(2, nickname=b"\x00")]))
    repairs.preview(choice("users", "type_mismatch"), "set_null")
    assert retry(Choice()).left == 1
    assert not User.objects.exists()


# -- the command


def run_command(*arguments: str) -> tuple[int, str]:
    shown = io.StringIO()
    try:
        call_command("repair_quarantine", *arguments, stdout=shown, stderr=shown)
    except SystemExit as end:
        return int(end.code or 0), shown.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, shown.getvalue()


def test_the_command(tmp_path: Path) -> None:
    rows = [user(n, nickname=sqlite3.Binary(GB)) for n in range(1, 60)]
    load(sparkle(tmp_path, users=[*rows, user(60, nickname=b"\xff")]))
    assert run_command("--list")[1].split() == [
        *("60", "sparkle", "sparkle.db", "users.nickname", "type_mismatch:", "set_null,", "decode_as"),
    ]
    named = ("--table", "users", "--reason", "type_mismatch", "--repair", "decode_as", "--with", "gb18030")
    code, text = run_command(*named)
    assert code == 3
    assert f"id '{uid(1)}': nickname BLOB of 4 bytes x'cafdd1a7' → '数学' (imported)" in text
    assert "… and 9 more" in text
    assert "gb18030 cannot read its byte 0" in text
    assert "59 of 60 rows would come in; 1 stay in quarantine\nnothing is changed; --apply does it" in text
    assert not User.objects.exists()
    report = tmp_path / "report.json"
    code, text = run_command(*named, "--apply", "--report", str(report))
    assert (code, User.objects.count()) == (3, 59)
    written = json.loads(report.read_text())
    assert (written["rows"], written["repaired"], written["left"], written["applied"]) == (60, 59, 1, True)
    assert written["run"]["sources"][0]["tables"][0]["repairs"][0]["rows"] == 59
    assert (
        run_command("--table", "users", "--reason", "type_mismatch", "--repair", "set_null", "--apply")[0]
        == 0
    )
    assert run_command("--list") == (0, "nothing is open\n")
    assert run_command(*named)[0] == 2
    assert run_command("--table", "users")[0] == 2
