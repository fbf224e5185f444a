"""The hot path against the careful path alone: the same rows, origins and quarantine for every file."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction

from apps.importer import fastpath
from apps.importer.fastpath import FastPath
from apps.importer.mapping import load_systems
from apps.importer.pipeline import run_import
from apps.importer.runs import Options
from apps.samples.catalogue import SAMPLES
from apps.samples.writer import write_sample
from tests.importer.legacy import NOW, message, node, uid, user, write
from tests.importer.test_import import Quiet

DERIVED = {"search"}


def contents() -> dict[str, Any]:
    """Every row of the domain tables as text, and what the importer remembers of it."""
    found = {}
    targets = {
        t.target
        for s in load_systems().values()
        for v in (None, *s.variants)
        for t in s.of_variant(v).values()
    }
    with connection.cursor() as cursor:
        for name in sorted(targets):
            cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')
            if rows := cursor.fetchall():
                found[name] = rows
        cursor.execute(
            "SELECT s.source_table, identity, source_rowid, digest, target_pk, outcome, extras::text "
            "FROM importer_provenance p JOIN importer_stream s ON s.id = p.stream_id ORDER BY 1, 2"
        )
        found["provenance"] = cursor.fetchall()
        cursor.execute(
            "SELECT source_table, place, reason, column_name, raw::text FROM importer_quarantinedrow ORDER BY 1, 2"
        )
        found["quarantine"] = cursor.fetchall()
    return found


def outcome(path: Path, blocks: bool = False, **options: Any) -> dict[str, Any]:
    """Import a file, with NumPy's help or not, take what it left, and take it back.

    Columns of a batch have several parts, of which some are plain.
    """
    worth = mock.patch.object(fastpath, "WORTH_ROWS", 0 if blocks else 10**9)
    with worth, mock.patch.object(fastpath, "PART", 5), transaction.atomic():
        result = run_import([str(path)], Options(**options), Quiet())
        found = contents()
        found["totals"] = result.report["totals"]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.system}-{sample.variant}")
def test_both_paths_leave_the_same(sample: Any, tmp_path: Path) -> None:
    path = write_sample(sample, tmp_path, rows=120, seed=3).path
    careful = outcome(path, fast=False, batch=50)
    assert outcome(path, fast=True, batch=50) == careful
    assert outcome(path, fast=True, batch=50, blocks=True) == careful


ODD_TEXTS = [
    "plain", "", "tab\tand\nline\r\n", "back\\slash \\N \\.", "中文 emoji 🚀 ‮rtl", "\ufffd\uffff",
    "nul\x00here", "\x7f\x01",
]  # fmt: skip
ODD_BYTES = [
    b"\xff",
    b"\xf8",
    b"\xfd",
    b"a\xffb",
    b"\xed\xa0\x80",
    b"caf\xe9",
    b"\xff\xf8",
    b"ok \xf8",
    b"\xc3\xa9",
]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_odd_values_among_plain_ones(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "sparkle.db"
    write(
        path,
        "sparkle",
        {"users": [user(n) for n in range(1, 40)], "chat_messages": [], "knowledge_nodes": []},
    )
    choose = random.Random(seed)
    with sqlite3.connect(path) as file:
        for n in range(1, 200):
            row = message(n, choose.randint(1, 42))
            if choose.random() < 0.2:
                row["id"] = choose.choice(
                    [row["id"].upper(), uid(max(n - 3, 1), 2), row["id"].replace("-", ""), "x", None]
                )
            if choose.random() < 0.2:
                row["role"] = choose.choice(["user", "USER ", "SYSTEM", "bogus", 5, None])
            if choose.random() < 0.2:
                row["created_at"] = choose.choice(
                    [
                        "2024-02-30 00:00:00",
                        "2024-02-29 23:59:59.000000",
                        "2025-11-03T10:20:30",
                        1730000000,
                        "now",
                        "0000-01-01",
                    ]
                )
            row["parse_degraded"] = choose.choice([0, 1, None, "true", 2])
            row["tokens_used"] = choose.choice([1, 2**31, -(2**31), "7", 1.0, None])
            row["actions"] = choose.choice(["[]", "null", '{"a": 1, "a": 2}', "NaN", None, "{}"])
            names = ", ".join(row)
            text = choose.choice(ODD_TEXTS).encode() if choose.random() < 0.8 else choose.choice(ODD_BYTES)
            marks = ", ".join("CAST(? AS TEXT)" if name == "content" else "?" for name in row)
            file.execute(
                f"INSERT INTO chat_messages ({names}) VALUES ({marks})", [*(row | {"content": text}).values()]
            )
        for n in range(1, 60):
            odd = node(
                n,
                parent=choose.choice([None, n - 1 or None, n + 5, 99]),
                importance_level=choose.choice([1, "2"]),
            )
            file.execute(
                f"INSERT INTO knowledge_nodes ({', '.join(odd)}) VALUES ({', '.join('?' for _ in odd)})",
                [*odd.values()],
            )
    file.close()
    careful = outcome(path, fast=False, batch=1000)
    assert outcome(path, fast=True, batch=17) == careful
    assert outcome(path, fast=True, batch=17, blocks=True) == careful


@pytest.mark.django_db
def test_rows_of_several_batches_that_only_postgresql_refuses(tmp_path: Path) -> None:
    messages = [message(n, 1) | {"content": "refused" if n % 9 == 0 else "fine"} for n in range(1, 80)]
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)], "chat_messages": messages})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_messages ADD CONSTRAINT refusing CHECK (content <> 'refused')")
    careful = outcome(path, fast=False, jobs=1)
    assert len(careful["quarantine"]) == 8
    for batch in (5, 20, 1000):
        assert outcome(path, fast=True, jobs=1, batch=batch) == careful


@pytest.mark.django_db
def test_given_keys_follow_the_rows_whatever_their_path(tmp_path: Path) -> None:
    status = {
        "user_id": uid(1), "mastery_score": 1.5, "total_minutes": 0, "total_study_minutes": 0, "is_unlocked": 1,
        "last_interacted_at": NOW, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    rows = [{**status, "node_id": uid(n, 1).upper() if n % 7 == 0 else uid(n, 1)} for n in range(1, 40)]
    tables = {
        "users": [user(1)],
        "knowledge_nodes": [node(n) for n in range(1, 38)],
        "user_node_status": rows,
    }
    path = write(tmp_path / "sparkle.db", "sparkle", tables)
    reference = outcome(path, fast=False)
    assert len(reference["user_node_status"]) == 37
    for batch in (1, 5, 1000):
        assert outcome(path, fast=True, batch=batch, blocks=batch == 5) == reference


def test_tables_of_the_samples_take_the_hot_path(tmp_path: Path) -> None:
    """A condition that never holds would pass the comparison: plain rows must be found plain."""
    from apps.importer.binding import BoundTable, Scope
    from apps.importer.source import open_source

    path = tmp_path / "sparkle.db"
    write(
        path,
        "sparkle",
        {"users": [user(n) for n in range(1, 9)], "chat_messages": [message(n, 1) for n in range(1, 9)]},
    )
    tables = load_systems()["sparkle"].resolved
    with open_source(path) as file:
        for name in ("users", "chat_messages"):
            source = file.table(name)
            bound = BoundTable(tables[name], source, Scope("sparkle", "x", 0))
            plan = FastPath.plan(file, bound, 8)
            assert plan is not None
            (passed,) = plan.batches(100, None)
            assert (len(passed.rows), passed.others) == (8, [])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_texts_that_name_parents_and_keys_that_may_be_missing(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    names = ["first", "second", "one", "two", "three", "unknown", "", "FIRST", " first", "nul\x00", "中文"]
    origins = [("one", "first"), ("two", "second"), ("three", "second"), ("四", "中文"), (None, "no key")]
    fixed = {"created_at": NOW, "updated_at": NOW, "source_type": "rss_feed"}
    document = {**fixed, "document_type": "rss", "raw_content": "", "collected_at": NOW}
    task_keys = [None, None, "a", "b", "A", "", "rowid:3"]
    rows = {
        "data_sources": [{"id": key, "name": name, **fixed} for key, name in origins],
        "raw_documents": [
            {
                **document,
                "id": uid(choose.randint(1, 150)),
                "source_id": choose.choice(names),
                "title": f"{n}",
            }
            for n in range(120)
        ],
        "collection_tasks": [
            {
                "id": choose.choice(task_keys),
                "source_id": choose.choice([*names, None]),
                "created_at": choose.choice([NOW, "2025-11-03T08:00:00", "soon"]),
            }
            for _ in range(120)
        ],
    }
    path = write(tmp_path / "atlas.db", "atlas", rows)
    zone = choose.choice(["UTC", "Asia/Shanghai"])
    careful = outcome(path, fast=False, batch=20, zone=zone)
    assert outcome(path, fast=True, batch=20, zone=zone) == careful
    assert outcome(path, fast=True, batch=20, zone=zone, blocks=True) == careful
    assert careful["quarantine"]
    assert len(careful["collection_tasks"]) > len(task_keys)  # rows without a key come in, each of them


@pytest.mark.django_db
@pytest.mark.parametrize("blocks", [False, True])
def test_vectors_of_another_width_than_their_row_says(tmp_path: Path, blocks: bool) -> None:
    vectors = [b"\0\0\x80\x3f" * n for n in (384, 384, 383, 1, 0)] + ["[1.0]", None]
    widths = [384, "384", 383, 1, 0, 384.0, 3]
    times = {"created_at": NOW, "updated_at": NOW}
    chunk = {
        "source_id": "s",
        "start_line": 1,
        "end_line": 1,
        "content": "",
        "content_hash": "",
        "created_at": NOW,
    }
    source = {"source_id": "s", "repo_id": "r", "path": "p", "file_hash": "", "mtime": 1, **times}
    embedding = {"model": "m", "content_hash": "", "built_at": 1756685611}
    cases = [(vector, width) for vector in vectors for width in widths] * 2
    rows = {
        "kb_sources": [source],
        "kb_chunks": [{"chunk_id": f"c{n}", **chunk} for n in range(len(cases))],
        "kb_embeddings": [
            {"chunk_id": f"c{n}", "vector": vector, "dims": width, **embedding}
            for n, (vector, width) in enumerate(cases)
        ],
    }
    path = write(tmp_path / "agentos.db", "agentos", rows)
    careful = outcome(path, fast=False, batch=20)
    assert outcome(path, fast=True, batch=20, blocks=blocks) == careful
    assert "vector_dimension" in {reason for _, _, reason, *_ in careful["quarantine"]}
    assert careful["kb_embeddings"]
