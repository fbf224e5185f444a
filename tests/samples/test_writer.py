"""A sample file is the same every time, whole or not there, and costs no memory for its rows."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.samples.catalogue import SAMPLES, sample
from apps.samples.world import World, every
from apps.samples.writer import (
    APPLICATION_ID,
    Rows,
    Sample,
    SampleError,
    Script,
    Table,
    statements,
    write_sample,
)
from tests.samples.conftest import Open
from tests.samples.reading import contents, opened

LARGEST = {
    "sparkle": "chat_messages",
    "atlas": "raw_documents",
    "agentos": "task_audits",
    "voice_agent": "messages",
}


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.system}-{one.variant}")
def test_the_same_arguments_give_the_same_rows(tmp_path: Path, one: Sample) -> None:
    (tmp_path / "again").mkdir()

    first = write_sample(one, tmp_path, 30, seed=5)
    second = write_sample(one, tmp_path / "again", 30, seed=5)

    assert contents(first.path) == contents(second.path)


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    ids = []
    for seed in (1, 2):
        written = write_sample(sample("voice_agent"), tmp_path, 10, seed=seed)
        ids.append({row[0] for row in contents(written.path)["messages"]})

    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize("system", LARGEST)
def test_rows_are_those_of_the_largest_table(tmp_path: Path, system: str) -> None:
    small = write_sample(sample(system), tmp_path, 300, clean=True).rows
    large = write_sample(sample(system), tmp_path, 1200, clean=True).rows

    assert small[LARGEST[system]] == 300
    assert large[LARGEST[system]] == 1200 == max(large.values())
    assert all(large[table] >= small[table] for table in small)


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.system}-{one.variant}")
@pytest.mark.parametrize("rows", [1, 90])
def test_faults_come_on_top_and_are_as_many_at_every_size(tmp_path: Path, one: Sample, rows: int) -> None:
    faulty = write_sample(one, tmp_path, rows)
    clean = write_sample(one, tmp_path, rows, clean=True)
    planted: dict[str, int] = {}
    for (table, _), count in faulty.planted.items():
        planted[table] = planted.get(table, 0) + count

    assert faulty.planted == one.planted
    assert not clean.planted
    assert {
        t: faulty.rows[t] - clean.rows[t] for t in faulty.rows if faulty.rows[t] != clean.rows[t]
    } == planted


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        try:
            write_sample(sample("voice_agent"), tmp_path, rows)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    warm = peak(2_000)  # fills the caches, which have a limit

    assert peak(6_000) < warm + 2**19


def test_the_file_says_that_it_is_a_sample(db: Open) -> None:
    assert db("atlas").execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_sample_replaces_an_older_one(tmp_path: Path) -> None:
    write_sample(sample("voice_agent"), tmp_path, 40)
    written = write_sample(sample("voice_agent"), tmp_path, 10)

    assert len(contents(written.path)["messages"]) == written.rows["messages"] == 13
    assert list(tmp_path.iterdir()) == [written.path]


@pytest.mark.parametrize("data", [b"", b"somebody's notes", b"SQLite format 3\0" + b"\0" * 84])
def test_no_other_file_is_replaced(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "atlas.db").write_bytes(data)

    with pytest.raises(SampleError, match=r"atlas\.db is not a sample file; move it away"):
        write_sample(sample("atlas"), tmp_path, 10)
    assert (tmp_path / "atlas.db").read_bytes() == data


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "atlas.db").mkdir()

    with pytest.raises(SampleError, match="is in the way: Is a directory"):
        write_sample(sample("atlas"), tmp_path, 10)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"cannot be written.*No such file or directory"):
        write_sample(sample("atlas"), tmp_path / "gone", 10)


def test_a_failure_half_way_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    def failing(world: World, number: int) -> dict[str, Any]:
        if number == 7:
            raise RuntimeError("half way")
        return {"version_num": str(number)}

    first = write_sample(sample("voice_agent", "seed_migration_002"), tmp_path, 10)
    before = first.path.read_bytes()
    broken = Sample(
        "voice_agent",
        "seed_migration_002",
        first.path.name,
        (Table("alembic_version", failing, every),),
        (Script("voice_agent_migrated.sql"), Rows(("alembic_version",))),
    )

    with pytest.raises(RuntimeError, match="half way"):
        write_sample(broken, tmp_path, 10)
    assert first.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [first.path]


def test_only_columns_that_the_file_has_are_written(tmp_path: Path) -> None:
    def wide(world: World, number: int) -> dict[str, Any]:
        return {"version_num": f"v{number}", "unknown": 1}

    table = Table("alembic_version", wide, every)
    steps = (Script("voice_agent_migrated.sql"), Rows(("alembic_version",)))
    written = write_sample(Sample("x", "y", "narrow.db", (table,), steps), tmp_path, 3)

    assert contents(written.path)["alembic_version"] == [("v0",), ("v1",), ("v2",)]


def test_rows_can_come_in_parts(tmp_path: Path) -> None:
    def row(world: World, number: int) -> dict[str, Any]:
        return {"version_num": f"v{number}", "also": number}

    parts = (Rows(("alembic_version",), end=0.5), Rows(("alembic_version",), start=0.5))
    one = Sample(
        "x", "y", "parts.db", (Table("alembic_version", row, every),), (Script("voice_agent_migrated.sql"),)
    )
    written = write_sample(replace(one, steps=(*one.steps, *parts)), tmp_path, 5)

    assert written.rows["alembic_version"] == 5


def test_faults_stand_among_the_rows_and_after_their_twins(db: Open) -> None:
    names = [key for (key,) in db("sparkle").execute("SELECT id FROM users ORDER BY rowid")]
    twin = next(place for place, key in enumerate(names) if key.isupper())

    assert names[0] == names[twin].lower()
    assert 0 < twin < len(names) - 1


TRIGGER = "CREATE TRIGGER t AFTER INSERT ON a\nBEGIN DELETE FROM a; DELETE FROM b; END;"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("-- a remark\nCREATE TABLE a (b);\n\nDROP TABLE a;\n", ["CREATE TABLE a (b);", "DROP TABLE a;"]),
        (TRIGGER + "\nDROP TABLE a;", [TRIGGER, "DROP TABLE a;"]),
    ],
)
def test_scripts_are_split_into_statements(script: str, expected: list[str]) -> None:
    assert list(statements(script)) == expected


def test_a_file_is_made_without_a_journal_left_beside_it(tmp_path: Path) -> None:
    written = write_sample(sample("agentos"), tmp_path, 10)

    assert [path.name for path in tmp_path.iterdir()] == ["agentos.sqlite"]
    assert written.size == written.path.stat().st_size
    with opened(written.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
