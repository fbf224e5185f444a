"""Verification finds every change, however small, and nothing where there is none."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.importer.admin.home import _verified
from apps.importer.models import Verification
from apps.importer.verify import verify_file
from apps.samples.catalogue import SAMPLES, sample
from apps.samples.writer import write_sample
from tests.importer.legacy import message, node, uid, user, write
from tests.importer.test_import import change, load

pytestmark = pytest.mark.django_db


def totals(path: Path) -> dict[str, int]:
    tables = verify_file(str(path), path, None, None)["tables"]
    return {
        name: sum(t[name] for t in tables)
        for name in ("compared", "different", "missing", "extra", "quarantined")
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.system}-{sample.variant}")
def test_a_clean_import_is_equal(sample: Any, tmp_path: Path) -> None:
    path = write_sample(sample, tmp_path, rows=60, seed=5).path
    result = load(path, zone="Asia/Shanghai")
    found = totals(path)
    counts = result.report["totals"]
    assert (found["different"], found["missing"], found["extra"]) == (0, 0, 0)
    assert found["compared"] == counts["imported"] - archived(result)
    assert found["quarantined"] == counts["quarantined"]


def archived(result: Any) -> int:
    return sum(
        t["imported"] for s in result.report["sources"] for t in s["tables"] if t["kind"] == "archived"
    )


@pytest.fixture
def sparkle(tmp_path: Path) -> Path:
    vector = [0.0, 0.5, -0.25] + [0.125] * 1533
    rows = {
        "users": [user(n, schedule_preferences="null" if n == 1 else None) for n in range(1, 6)],
        "knowledge_nodes": [
            node(1, embedding=json.dumps(vector), keywords='{"n": 1.0}', description=""),
            node(2, parent=1, description=None),
        ],
        "chat_messages": [message(n, 1 + n % 5) for n in range(1, 30)],
    }
    path = write(tmp_path / "sparkle.db", "sparkle", rows)
    load(path)
    return path


CHANGES = [
    ("one character", f"UPDATE chat_messages SET content = content || ' ' WHERE id = '{uid(7, 2)}'", "different"),
    ("1 µs", "UPDATE users SET created_at = created_at + interval '1us' WHERE username = 'user3'", "different"),
    ("1 ulp", "UPDATE users SET flame_brightness = 0.5000000000000001 WHERE username = 'user1'", "different"),
    ("another integer", f"UPDATE users SET flame_level = 2 WHERE id = '{uid(1)}'", "different"),
    ("a boolean", f"UPDATE users SET is_active = NOT is_active WHERE id = '{uid(2)}'", "different"),
    ("'' for NULL", f"UPDATE knowledge_nodes SET description = '' WHERE id = '{uid(2, 1)}'", "different"),
    ("NULL for ''", f"UPDATE knowledge_nodes SET description = NULL WHERE id = '{uid(1, 1)}'", "different"),
    ("NULL for JSON null", f"UPDATE users SET schedule_preferences = NULL WHERE id = '{uid(1)}'", "different"),
    ("JSON null for NULL", f"UPDATE users SET schedule_preferences = 'null' WHERE id = '{uid(2)}'", "different"),
    ("1 for 1.0 in JSON", "UPDATE knowledge_nodes SET keywords = '{\"n\": 1}' WHERE keywords IS NOT NULL", "different"),
    ("another parent", f"UPDATE knowledge_nodes SET parent_id = id WHERE id = '{uid(2, 1)}'", "different"),
    ("a row gone", f"DELETE FROM chat_messages WHERE id = '{uid(9, 2)}'", "missing"),
    (
        "a row added",
        f"INSERT INTO chat_messages (id, user_id, session_id, role, content, created_at, updated_at) "
        f"SELECT gen_random_uuid(), user_id, session_id, role, content, created_at, updated_at FROM chat_messages "
        f"WHERE id = '{uid(9, 2)}'",
        "extra",
    ),
    (
        "the sign of a zero in a vector",
        "UPDATE knowledge_nodes SET embedding = ('[-0' || substr(embedding::text, 3))::vector "
        "WHERE embedding IS NOT NULL",
        "different",
    ),
    (
        "two rows swapped",
        f"UPDATE chat_messages SET content = CASE id WHEN '{uid(3, 2)}' THEN 'message 4' ELSE 'message 3' END "
        f"WHERE id IN ('{uid(3, 2)}', '{uid(4, 2)}')",
        "different",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "kind"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_is_named(sparkle: Path, sql: str, kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount > 0
    found = totals(sparkle)
    assert found[kind] == (2 if "swapped" in sql or " IN (" in sql else 1)
    assert sum(found[name] for name in ("different", "missing", "extra")) == found[kind]


def test_random_bits_of_vectors_are_found(sparkle: Path) -> None:
    choose = random.Random(11)
    stepped = (
        "(SELECT array_agg(CASE WHEN n = %s THEN v + %s ELSE v END ORDER BY n)::vector "
        "FROM unnest(embedding::real[]) WITH ORDINALITY AS u (v, n))"
    )
    update = f"UPDATE knowledge_nodes SET embedding = {stepped} WHERE embedding IS NOT NULL AND embedding <> {stepped}"
    for _ in range(30):
        place, step = choose.randint(1, 1536), choose.choice([2**-24, 2**-30, -(2**-26)])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(update, [place, step, place, step])
            changed = cursor.rowcount
            assert totals(sparkle)["different"] == changed
            transaction.set_rollback(True)


def test_the_difference_says_key_column_and_values(sparkle: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET nickname = 'x' WHERE username = 'user3'")
    tables = verify_file(str(sparkle), sparkle, None, None)["tables"]
    (one,) = [d for t in tables for d in t["differences"]]
    assert one == {
        "kind": "different",
        "key": {"id": {"t": uid(3)}},
        "column": "nickname",
        "source": None,
        "target": "x",
    }


OTHER = json.dumps({"id": uid(9), "username": "nine", "email": "nine@example.com"})


def differences(path: Path) -> list[tuple[Any, ...]]:
    tables = verify_file(str(path), path, None, None)["tables"]
    return [(d["kind"], d["column"], d["source"], d["target"]) for t in tables for d in t["differences"]]


def test_a_column_that_the_file_lacks_is_to_hold_its_default(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(2)]})
    change(path, "ALTER TABLE users DROP COLUMN nickname")
    change(path, "ALTER TABLE users DROP COLUMN avatar_status")
    load(path)
    assert differences(path) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET nickname = 'x', avatar_status = 'PENDING' WHERE username = 'user2'")
    assert sorted(differences(path)) == [
        ("different", "avatar_status", "APPROVED", "PENDING"),
        ("different", "nickname", None, "x"),
    ]


def test_a_certificate_covers_columns_that_the_file_lacks(tmp_path: Path) -> None:
    path = write_sample(sample("voice_agent"), tmp_path, rows=20).path
    load(path)
    certificate = tmp_path / "certificate.json"
    assert run(str(path), "--certify", str(certificate)) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rag_corpora SET legacy_id = 0")
        assert cursor.rowcount > 0
    assert run("--certificate", str(certificate)) == 3


def test_a_column_that_no_mapping_knows_is_compared_too(tmp_path: Path) -> None:
    rows = {"users": [user(1, colour="red"), user(2)]}
    path = write(tmp_path / "sparkle.db", "sparkle", rows, extra={"users": ["colour"]})
    load(path)
    assert differences(path) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE importer_provenance SET extras = jsonb_set(extras, '{colour,t}', '\"Red\"') "
            "WHERE extras IS NOT NULL"
        )
    assert differences(path) == [("different", "colour", {"t": "red"}, {"t": "Red"})]


def test_rows_in_quarantine_are_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(2, flame_level="many")]})
    load(path)
    (table,) = verify_file(str(path), path, None, None)["tables"]
    assert table["quarantined_rows"] == [
        {"key": {"id": {"t": uid(2)}}, "column": "flame_level", "reason": "number_invalid"}
    ]
    assert (table["compared"], table["missing"], table["extra"]) == (1, 0, 0)


def test_what_an_earlier_import_brought_of_a_row_in_quarantine_is_no_extra_row(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(2), user(3)]})
    load(path)
    change(path, "UPDATE users SET created_at = 'yesterday' WHERE rowid = 2")
    load(path)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users SELECT (jsonb_populate_record(u, %s)).* FROM users u LIMIT 1", [OTHER]
        )
    assert differences(path) == [("extra", None, None, None)]
    (table,) = verify_file(str(path), path, None, None)["tables"]
    assert (table["quarantined"], table["compared"], table["missing"]) == (1, 2, 0)


def run(*arguments: str) -> int:
    try:
        call_command("verify_import", *arguments, verbosity=0)
    except SystemExit as end:
        return int(end.code or 0)
    except CommandError as error:
        return error.returncode
    return 0


def test_the_command_certifies_and_repeats(sparkle: Path, tmp_path: Path) -> None:
    certificate, report = tmp_path / "certificate.json", tmp_path / "report.json"
    assert run(str(sparkle), "--certify", str(certificate), "--report", str(report)) == 0
    assert run("--certificate", str(certificate)) == 0
    assert run("--certificate", str(report)) == 0
    sparkle.unlink()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET nickname = 'x' WHERE username = 'user3'")
    assert run("--certificate", str(certificate)) == 3
    assert run("--certificate", str(tmp_path / "none")) == 2
    assert run(str(sparkle)) == 4


def test_what_was_found_is_remembered_for_the_home_page(sparkle: Path) -> None:
    assert run(str(sparkle)) == 0
    assert run(str(sparkle)) == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_messages WHERE content = 'message 3'")
    assert run(str(sparkle)) == 3
    found = {v.target_table: (v.compared, v.different, v.missing) for v in Verification.objects.all()}
    assert (found["users"], found["chat_messages"]) == ((5, 0, 0), (29, 0, 1))
    assert {_verified()[table].split()[0] for table in found} == {"same", "differs"}


def test_a_difference_is_exit_3_and_no_certificate(sparkle: Path, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_messages")
    assert run(str(sparkle), "--certify", str(tmp_path / "certificate.json")) == 3
    assert not (tmp_path / "certificate.json").exists()
