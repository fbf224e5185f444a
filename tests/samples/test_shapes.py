"""Sample files have the tables, columns, keys and triggers that real files have."""

import pytest

from apps.samples.catalogue import SAMPLES
from apps.samples.writer import Sample
from tests.samples.conftest import Open
from tests.samples.reading import facts, shape, tables

ALL = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.system}-{one.variant}")


@ALL
def test_tables_and_columns_are_those_of_the_dictionary(db: Open, one: Sample) -> None:
    expected = facts(one.system, one.variant)

    assert shape(db(one.system, one.variant)) == expected


@ALL
def test_every_table_has_rows(db: Open, one: Sample) -> None:
    connection = db(one.system, one.variant)
    empty = {"project_repos_temp"} | ({"task_audits"} if one.variant == "stuck_v23" else set())
    if one.variant == "v31_direct":
        empty |= {"repos", "task_specs", "task_bindings", "task_artifacts"}

    for table in set(tables(connection)) - empty:
        assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0], table


@ALL
def test_the_file_is_sound(db: Open, one: Sample) -> None:
    assert db(one.system, one.variant).execute("PRAGMA quick_check").fetchall() == [("ok",)]


@pytest.mark.parametrize(
    ("system", "kind", "count"),
    [
        ("sparkle", "index", 141),
        ("atlas", "index", 22),
        ("voice_agent", "index", 31),
        ("agentos", "trigger", 38),
        ("agentos", "index", 198),
    ],
)
def test_indexes_and_triggers_are_there(db: Open, system: str, kind: str, count: int) -> None:
    listed = "SELECT count(*) FROM sqlite_master WHERE type = ? AND sql IS NOT NULL"

    assert db(system).execute(listed, [kind]).fetchone()[0] == count


def test_text_indexes_hold_what_their_tables_hold(db: Open) -> None:
    connection = db("agentos")

    for index, word in (
        ("kb_chunks_fts", "quarantine"),
        ("memory_fts", "postgresql"),
        ("snippets_fts", "grep"),
    ):
        found = connection.execute(f"SELECT count(*) FROM {index} WHERE {index} MATCH ?", [word])
        assert found.fetchone()[0], index


def test_stuck_at_05_has_as_many_tables_as_real_ones(db: Open) -> None:
    catalogue = db("agentos", "stuck_v05").execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'")

    assert catalogue.fetchone()[0] == 34 + 2


def test_a_hand_upgrade_moves_the_foreign_keys_to_the_old_projects(db: Open) -> None:
    connection = db("agentos", "hand_v32")

    for table in ("runs", "memory_items", "task_runs", "project_repos", "project_snapshots"):
        parents = {key[2] for key in connection.execute(f"PRAGMA foreign_key_list({table})")}
        assert parents == {"projects_backup_v30"}
    assert connection.execute(
        "SELECT count(*) FROM projects WHERE project_id = 'proj_default'"
    ).fetchone() == (1,)
