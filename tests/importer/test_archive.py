"""Tables that no mapping knows: every row of them is kept as it is stored, once, and told apart on a second run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.importer import certificate, runs
from apps.importer.archive import Archive, archived_table, fitting
from apps.importer.models import ArchivedRow, FormerRow, ImportedRow, ImportRun, RunFile, RunTable
from apps.importer.source import TooLarge, decode_value, open_source
from apps.importer.verify import verify_file
from tests.importer.legacy import user, write
from tests.importer.test_import import Interrupted, change, counts, load, table

pytestmark = pytest.mark.django_db

HOSTILE = '"; DROP TABLE x; -- a%s\nb'
NOTES = [
    (1, "first", 1.5, b"\x00\xff"),
    (5, "zwei 笔记 \\N \t \n", None, None),
    (7, b"not text", 2**62, "\x00"),
    (-9, "", float("inf"), "null"),
]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file of Sparkle with three tables that Sparkle never had."""
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)]})
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body, weight, data, twice AS (id * 2))")
        file.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", NOTES)
        file.execute("CREATE TABLE tags (name TEXT, kind TEXT, n, PRIMARY KEY (name, kind)) WITHOUT ROWID")
        file.executemany("INSERT INTO tags VALUES (?, ?, ?)", [("a", "x", 1), ("a", "y", 2), ("b", "x", 3)])
        hostile = HOSTILE.replace('"', '""')
        file.execute(f'CREATE TABLE "{hostile}" ("a""b" TEXT, "%s" TEXT)')
        file.execute(f"""INSERT INTO "{hostile}" VALUES ('x', 'y')""")
        file.commit()
    return path


def rebuilt(name: str) -> list[tuple[Any, ...]]:
    """The stored values of an archived table, in the order of its rows."""
    rows = ArchivedRow.objects.filter(source_table=name).order_by("source_rowid", "place")
    names = {"notes": ("id", "body", "weight", "data"), "tags": ("name", "kind", "n")}[name]
    return [tuple(decode_value(row.raw[column]) for column in names) for row in rows]


def test_every_row_is_kept_exactly(mixed: Path) -> None:
    result = load(mixed, batch=2)
    found = table(result, "notes")
    assert (found["kind"], found["skip_reason"], found["target_table"]) == (
        "archived",
        None,
        "importer_archivedrow",
    )
    assert counts(result, "notes") == (4, 0, 0, 0, 0)
    assert rebuilt("notes") == sorted(NOTES)
    assert rebuilt("tags") == [("a", "x", 1), ("a", "y", 2), ("b", "x", 3)]
    assert ArchivedRow.objects.get(source_table=HOSTILE).raw == {'a"b': {"t": "x"}, "%s": {"t": "y"}}
    assert result.report["totals"]["imported"] == 9
    assert result.report["totals"]["skipped"] == 0


def test_generated_columns_are_not_run(mixed: Path) -> None:
    load(mixed)
    assert "twice" not in ArchivedRow.objects.filter(source_table="notes")[0].raw


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_a_second_run_writes_nothing_for_the_same_rows(mixed: Path, batch: int) -> None:
    load(mixed)
    before = tuples()
    result = load(mixed, batch=batch)
    assert counts(result, "notes") == (0, 0, 4, 0, 0)
    assert counts(result, "tags") == (0, 0, 3, 0, 0)
    assert tuples() == before


def tuples() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text, ctid::text FROM importer_archivedrow ORDER BY id")
        return cursor.fetchall()


def test_changed_new_and_gone_rows(mixed: Path) -> None:
    load(mixed)
    change(mixed, "UPDATE notes SET body = 'changed' WHERE id = 5")
    change(mixed, "UPDATE tags SET n = 20 WHERE kind = 'y'")
    change(mixed, "INSERT INTO notes (id) VALUES (100)")
    change(mixed, "DELETE FROM notes WHERE id = 1")
    result = load(mixed, batch=2)
    assert counts(result, "notes") == (1, 1, 2, 0, 0)
    assert counts(result, "tags") == (0, 1, 2, 0, 0)
    assert [row[1] for row in rebuilt("notes")] == ["", "first", "changed", b"not text", None]
    changed = ArchivedRow.objects.get(source_rowid=5)
    assert (changed.first_run, changed.last_run) == (0, 1)
    former = FormerRow.objects.get(identity=str(changed.pk))
    assert "zwei" in former.former
    assert (former.run.number, former.provenance) == (1, "")


def test_where_a_row_came_from(mixed: Path) -> None:
    run = ImportRun.objects.get(pk=load(mixed).report["run_id"])
    kept = ArchivedRow.objects.get(source_rowid=5)
    origin = ImportedRow.objects.get(target_table="importer_archivedrow", target_pk=str(kept.pk))
    assert (origin.source_name, origin.source_table, origin.source_rowid) == ("sparkle.db", "notes", 5)
    assert origin.source_key == {"id": {"i": "5"}}
    assert (origin.outcome, origin.first_run, origin.last_run) == ("imported", run, run)
    assert ImportedRow.objects.filter(source_table="tags", source_rowid=None).count() == 3
    assert ImportedRow.objects.count() == 9


def test_dry_run_leaves_nothing(mixed: Path) -> None:
    dry = load(mixed, dry_run=True)
    assert not ArchivedRow.objects.exists()
    real = load(mixed)
    for name in ("notes", "tags", HOSTILE):
        assert {**table(dry, name), "seconds": 0} == {**table(real, name), "seconds": 0}


def test_tables_and_limit(mixed: Path) -> None:
    result = load(mixed, tables=("notes",), limit=3, batch=2)
    assert counts(result, "notes") == (3, 0, 0, 0, 1)
    assert table(result, "tags")["skip_reason"] == "not_selected"
    assert counts(result, "tags") == (0, 0, 0, 0, 3)
    assert table(result, "users")["skip_reason"] == "not_selected"
    assert sorted(row[0] for row in rebuilt("notes")) == [-9, 1, 5]


@pytest.mark.parametrize("after", range(1, 9))
def test_an_interrupted_run_goes_on(mixed: Path, after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(mixed, Interrupted(after), batch=1)
    result = load(mixed, batch=1)
    assert ImportRun.objects.get().resumed == 1
    assert result.report["totals"]["imported"] == 9
    assert result.report["totals"]["unchanged"] == 0
    assert ArchivedRow.objects.count() == 8
    assert set(RunTable.objects.values_list("stage", flat=True)) == {"done"}


def test_a_very_wide_table(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1)]})
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"CREATE TABLE wide ({', '.join(f'c{n}' for n in range(2000))})")
        file.execute(f"INSERT INTO wide VALUES ({', '.join(map(str, range(2000)))})")
        file.commit()
    assert counts(load(path), "wide") == (1, 0, 0, 0, 0)
    raw = ArchivedRow.objects.get().raw
    assert len(raw) == 2000
    assert raw["c1999"] == {"i": "1999"}


def test_values_too_large_keep_size_and_hash(mixed: Path) -> None:
    run = runs.new_run(ImportRun.Kind.IMPORT, 10, {})
    source = runs.source_of("sparkle", "large")
    entry = RunFile.objects.create(run=run, source=source, position=0, path="large", source_name="large")
    change(mixed, "UPDATE notes SET body = ? WHERE id = 1", "x" * 5000)
    with open_source(mixed, limit=1000) as file:
        notes = file.tables["notes"]
        stream = runs.streams_of(source, [archived_table(notes)])["notes"]
        record = RunTable.objects.create(file=entry, position=0, source_table="notes", source_rows=4)
        assert sum(Archive(file, notes, stream, run, record, 10).read(None)) == 4
    assert ArchivedRow.objects.get(source_rowid=1).raw["body"] == {
        "too_large": {"kind": "text", "size": "5000", "sha256": sha256(b"x" * 5000).hexdigest()}
    }


# -- verified


def verified(path: Path, name: str) -> dict[str, Any]:
    return next(t for t in verify_file(str(path), path, None, None)["tables"] if t["source_table"] == name)


def test_a_clean_archive_is_equal(mixed: Path) -> None:
    load(mixed)
    for name, rows in (("notes", 4), ("tags", 3), (HOSTILE, 1)):
        found = verified(mixed, name)
        assert [found[n] for n in ("source_rows", "compared", "different", "missing", "extra")] == [
            rows,
            rows,
            0,
            0,
            0,
        ]
        assert found["digest"].endswith(f"-{rows}")


@pytest.mark.parametrize(
    ("sql", "kind", "column"),
    [
        ('UPDATE importer_archivedrow SET raw = raw || \'{"weight": {"r": "1.50"}}\'', "different", "weight"),
        ("UPDATE importer_archivedrow SET raw = raw || '{\"body\": null}'", "different", "body"),
        ("UPDATE importer_archivedrow SET raw = raw - 'data'", "different", "data"),
        ("UPDATE importer_archivedrow SET raw = raw || '{\"more\": null}'", "different", "more"),
        ("DELETE FROM importer_archivedrow", "missing", None),
    ],
)
def test_every_change_of_an_archived_row_is_named(
    mixed: Path, sql: str, kind: str, column: str | None
) -> None:
    load(mixed)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE source_rowid = 1")
    found = verified(mixed, "notes")
    (difference,) = found["differences"]
    assert (found[kind], difference["kind"], difference["column"]) == (1, kind, column)
    assert difference["key"] == {"i": "1"}


def test_a_row_that_the_file_does_not_have_is_extra(mixed: Path) -> None:
    load(mixed)
    change(mixed, "DELETE FROM notes WHERE id = 5")
    change(mixed, "DELETE FROM tags WHERE kind = 'y'")
    assert (verified(mixed, "notes")["extra"], verified(mixed, "tags")["extra"]) == (1, 1)
    assert verified(mixed, "tags")["differences"][0]["key"] == [{"t": "a"}, {"t": "y"}]


def test_a_certificate_covers_the_archive(mixed: Path) -> None:
    load(mixed)
    issued = certificate.issue([verify_file(str(mixed), mixed, None, None)])
    assert certificate.repeat(issued) == []
    ArchivedRow.objects.filter(source_rowid=5).update(raw={})
    (difference,) = certificate.repeat(issued)
    assert difference["source_table"] == "notes"


def test_two_sources_keep_their_rows_apart(mixed: Path) -> None:
    load(mixed)
    result = load(mixed, source_name="another")
    assert counts(result, "notes") == (4, 0, 0, 0, 0)
    assert ArchivedRow.objects.filter(source_table="notes").count() == 8


def test_a_row_that_is_too_much_for_jsonb_gives_up_its_largest_values() -> None:
    values = ["a" * 40, b"b" * 50, None, 5, "é" * 10]
    assert fitting(values, 600) == values
    assert fitting(values, 130) == values
    first, second, *rest = fitting(values, 60)
    assert second == TooLarge(50, sha256(b"b" * 50).hexdigest(), "blob")
    assert (first, rest) == ("a" * 40, [None, 5, "é" * 10])
    assert all(isinstance(value, TooLarge) for value in fitting(["a" * 40, b"b" * 50], 10))
