"""A large table verified by several processes: the same findings as by one, in the same order."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.importer import verify
from apps.importer.matching import Matcher
from apps.importer.verify import TableVerifier, verify_file
from apps.samples.catalogue import SAMPLES
from apps.samples.writer import write_sample
from tests.importer.test_import import load

pytestmark = pytest.mark.django_db(transaction=True)

STANDARD = {sample.system: sample for sample in reversed(SAMPLES)}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tables that were compared in ranges, however small they are."""
    found: list[str] = []
    inner = TableVerifier._compare_ranges

    def counted(self: TableVerifier, count: int) -> None:
        found.append(self.table.source)
        inner(self, count)

    monkeypatch.setattr(verify, "LEAST_ROWS", 1)
    monkeypatch.setattr(TableVerifier, "_compare_ranges", counted)
    return found


def both_ways(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    return verify_file(str(path), path, None, None), verify_file(str(path), path, None, None, jobs=3)


@pytest.mark.parametrize("system", STANDARD)
def test_several_find_what_one_finds(system: str, tmp_path: Path, shared: list[str]) -> None:
    path = write_sample(STANDARD[system], tmp_path, rows=200, seed=3).path
    result = load(path)
    one, several = both_ways(path)
    assert several == one
    assert shared
    assert (
        sum(table["quarantined"] for table in several["tables"]) == result.report["totals"]["quarantined"] > 0
    )


CHANGES = (
    "UPDATE chat_messages SET content = content || ' ' WHERE ctid IN (SELECT ctid FROM chat_messages LIMIT 60)",
    "DELETE FROM chat_messages WHERE id IN (SELECT id FROM chat_messages ORDER BY created_at DESC LIMIT 5)",
    "INSERT INTO subjects (id, name, sector_code, created_at, updated_at) VALUES (9999, 'x', 'VOID', now(), now())",
)


def test_differences_are_counted_all_and_named_in_the_order_of_the_file(
    tmp_path: Path, shared: list[str]
) -> None:
    path = write_sample(STANDARD["sparkle"], tmp_path, rows=200, seed=3, clean=True).path
    load(path)
    with connection.cursor() as cursor:
        for sql in CHANGES:
            cursor.execute(sql)
            assert cursor.rowcount > 0
    one, several = both_ways(path)
    assert several == one
    assert {"chat_messages", "subjects"} <= set(shared)
    chat = next(table for table in several["tables"] if table["source_table"] == "chat_messages")
    assert chat["different"] + chat["missing"] > len(chat["differences"]) == 20


def test_a_process_that_is_killed_ends_the_command_with_a_line(
    tmp_path: Path, shared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sample(STANDARD["atlas"], tmp_path, rows=200, seed=3).path
    load(path)
    parent, inner = os.getpid(), Matcher.converted

    def killed(self: Matcher, *rows: Any) -> Any:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(self, *rows)

    monkeypatch.setattr(Matcher, "converted", killed)
    with pytest.raises(CommandError, match=r"killed by SIGKILL.*--jobs 1"):
        call_command("verify_import", str(path), jobs=2, verbosity=0)
    call_command("verify_import", str(path), jobs=1, verbosity=0)
