"""Keys, unique sets, references and indexes of a file: taken over where its rows keep them, else noted."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from apps.importer.scaffold.plan import make_plan
from apps.importer.scaffold.shape import FieldPlan, ModelPlan, Plan
from apps.importer.scaffold.write import app_files, mapping_file
from apps.importer.source import open_source
from tests.importer.files import many_tables, wide, write

UUID = "00000000-0000-4000-8000-00000000000{}"


def plan(
    tmp_path: Path, *statements: str, taken: set[str] = frozenset(), **rows: list[tuple[Any, ...]]
) -> Plan:  # type: ignore[assignment]
    """The plan of a file made by these statements, with these rows in its tables."""
    path = write(tmp_path / "old.db", *statements)
    for table, held in rows.items():
        marks = ", ".join("?" * len(held[0]))
        write(path, rows=held, insert=f'INSERT INTO "{table}" VALUES ({marks})')
    with open_source(path) as file:
        return make_plan(file, "old", "Old", taken)


def model(found: Plan, name: str) -> ModelPlan:
    return next(m for m in found.models if m.survey.name == name)


def field(found: Plan, table: str, column: str) -> FieldPlan:
    return next(f for f in model(found, table).fields if f.survey.name == column)


# -- keys


@pytest.mark.parametrize(
    ("declared", "rows", "primary", "key", "surrogate"),
    [
        ("id INTEGER PRIMARY KEY, a", [(1, 2)], "id", None, None),
        ("a TEXT PRIMARY KEY, id", [("x", 2)], "a", None, None),
        ("a UUID PRIMARY KEY", [(UUID.format(1),)], "a", None, None),
        ("a, b", [(1, 2)], None, (), "id"),
        ("id, b", [(1, 2)], None, (), "row_id"),
        ("a, b, PRIMARY KEY (b, a)", [(1, 2)], None, ("b", "a"), "id"),
        ("a REAL PRIMARY KEY", [(1.5,)], None, ("a",), "id"),
        ("a PRIMARY KEY", [(1,), ("1",)], None, ("a",), "id"),
        ("a TEXT PRIMARY KEY", [("x",), (None,)], None, ("a",), "id"),
        ("a TEXT PRIMARY KEY", [("x" * 3000,)], None, (), "id"),
        ("a DATE PRIMARY KEY", [("2025-01-01",)], None, ("a",), "id"),
        ("a TEXT PRIMARY KEY", [("2025-01-01 10:00",)], "a", None, None),
        ("a INTEGER PRIMARY KEY, created_at", [(1_700_000_000, None)], "a", None, None),
        ("a UUID PRIMARY KEY", [(UUID.format(1),), (UUID.format("a").upper(),)], "a", None, None),
    ],
)
def test_keys(
    tmp_path: Path, declared: str, rows: Any, primary: str | None, key: Any, surrogate: str | None
) -> None:
    found = model(plan(tmp_path, f"CREATE TABLE t ({declared})", t=rows), "t")
    assert (found.primary and found.primary.survey.name, found.key, found.surrogate) == (
        primary,
        key,
        surrogate,
    )
    assert found.null_key == ((None,) in rows)


def test_a_key_is_never_given_a_type_in_which_two_could_be_one(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE a (k TEXT PRIMARY KEY)",
        "CREATE TABLE b (k TEXT PRIMARY KEY)",
        "CREATE TABLE c (k TEXT PRIMARY KEY)",
        a=[(UUID.format(1),), (UUID.format("a").upper(),)],
        b=[("1.0",), ("1.00",)],
        c=[("12",), ("-3",)],
    )
    kinds = {name: field(found, name, "k").survey.verdict.kind for name in "abc"}
    assert kinds == {"a": "text", "b": "text", "c": "bigint"}
    assert "uuid by its values, but a key" in field(found, "a", "k").survey.verdict.notes[0]


# -- unique sets and indexes


def test_sets_and_indexes_once_each(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b, c, j, v, UNIQUE (b, c), UNIQUE (c, b))",
        "CREATE INDEX one ON t (a)",
        "CREATE INDEX two ON t (b)",
        "CREATE INDEX three ON t (c DESC, a)",
        "CREATE INDEX four ON t (c DESC, a)",
        "CREATE INDEX five ON t (lower(b))",
        "CREATE INDEX six ON t (c) WHERE a > 0",
        "CREATE INDEX seven ON t (j)",
        "CREATE UNIQUE INDEX eight ON t (id)",
        "CREATE UNIQUE INDEX nine ON t (v, b)",
        "CREATE UNIQUE INDEX ten ON t (c) WHERE a > 0",
        t=[(1, 2, "x", "y", "{}", "[]")],
        taken={"old_t_a_key"},
    )
    only = model(found, "t")
    assert {(u.fields, u.name) for u in only.uniques} == {
        (("a",), "old_t_a_key_2"),
        (("b", "c"), "old_t_b_c_key"),
    }
    assert [(i.fields, i.name) for i in only.indexes] == [(("-c", "a"), "old_t_c_a_idx")]
    notes = "\n".join(only.notes)
    for name in ("five", "six", "seven", "nine", "ten"):
        assert name in notes
    assert not any(word in notes for word in ("one", "two", "three", "four", "eight"))


def test_an_index_of_long_texts_is_left_out(tmp_path: Path) -> None:
    found = plan(
        tmp_path, "CREATE TABLE t (a TEXT UNIQUE, b)", "CREATE INDEX i ON t (a, b)", t=[("x" * 2601, 1)]
    )
    assert (model(found, "t").uniques, model(found, "t").indexes) == ([], [])
    assert len(model(found, "t").notes) == 2


# -- references


def test_references_that_every_row_keeps(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, boss INTEGER REFERENCES users)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INT NOT NULL REFERENCES Users (ID) ON DELETE CASCADE,"
        " mail TEXT REFERENCES users (email), editor INT REFERENCES users ON DELETE SET NULL,"
        " owner INT NOT NULL REFERENCES users ON DELETE SET NULL)",
        users=[(1, "a", None), (2, "b", 1), (3, None, 3)],
        notes=[(1, 1, "b", None, 1), (2, "3", None, 2, 1)],
    )
    kept = {
        (f.survey.name, f.name, f.column, f.reference.target.name, f.reference.on_delete, f.reference.related)
        for m in found.models
        for f in m.fields
        if f.reference
    }
    assert kept == {
        ("boss", "boss", "boss", "id", "PROTECT", "users"),
        ("user_id", "user", "user_id", "id", "CASCADE", "notes_by_user"),
        ("mail", "mail", "mail", "email", "PROTECT", "notes_by_mail"),
        ("editor", "editor", "editor", "id", "SET_NULL", "notes_by_editor"),
        ("owner", "owner", "owner", "id", "PROTECT", "notes_by_owner"),
    }


@pytest.mark.parametrize(
    ("reference", "values", "reason"),
    [
        (
            "parent",
            [1, 9, 8, 7, 6],
            "4 of 5 values point nowhere; row 2 holds 9; row 3 holds 8; row 4 holds 7",
        ),
        ("parent", ["one", None], "1 of 1 values point nowhere; row 1 holds 'one'"),
        ("nobody", [1], "no such table is imported"),
        ("seen", [1], "no such table is imported"),
        ("parent (plain)", [1], "what it points at is no key"),
        ("keyless", [1], "what it points at is no key"),
        ("dated", ["2025-01-01"], "what it points at is no key"),
        ("dated (day)", ["2025-01-01"], "the key it points at is of type date"),
    ],
)
def test_references_that_rows_do_not_keep(
    tmp_path: Path, reference: str, values: list[Any], reason: str
) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, plain)",
        "CREATE TABLE keyless (a)",
        "CREATE TABLE dated (day PRIMARY KEY)",
        "CREATE VIEW seen AS SELECT * FROM parent",
        f"CREATE TABLE child (p REFERENCES {reference})",
        parent=[(1, 1)],
        dated=[("2025-01-01",)],
        child=[(value,) for value in values],
    )
    child = field(found, "child", "p")
    assert child.reference is None
    assert child.notes[0].endswith(f", but {reason}")


def test_a_reference_of_several_columns_is_noted(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE parent (a, b, PRIMARY KEY (a, b))",
        "CREATE TABLE child (x, y, FOREIGN KEY (x, y) REFERENCES parent)",
    )
    assert model(found, "child").notes == [
        "the reference (x, y) to parent is not kept: it has several columns"
    ]


def test_keys_that_are_references(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE a (id INTEGER PRIMARY KEY)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY REFERENCES a)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY REFERENCES b)",
        "CREATE TABLE d (id INTEGER PRIMARY KEY REFERENCES e)",
        "CREATE TABLE e (id INTEGER PRIMARY KEY REFERENCES d)",
        a=[(1,), (2,)],
        b=[(1,)],
        c=[(1,)],
        d=[(5,)],
        e=[(5,)],
    )
    kept = {m.survey.name for m in found.models for f in m.fields if f.reference}
    assert kept == {"b", "c", "d"}
    assert field(found, "e", "id").notes == ["declared as a reference (id) to d, but it leads back to itself"]


def test_names_that_references_need(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, notes TEXT, save_id INT)",
        "CREATE TABLE notes (user TEXT, user_id INT REFERENCES users, save INT REFERENCES users, "
        "both INT REFERENCES users, both_id INT)",
    )
    assert [(f.name, f.attname, f.column) for f in model(found, "notes").fields] == [
        ("user", "user", "user"),
        ("user_ref", "user_ref_id", "user_id"),
        ("save_field", "save_field_id", "save"),
        ("both_ref", "both_ref_id", "both"),
        ("both_id", "both_id", "both_id"),
    ]
    related = [f.reference.related for f in model(found, "notes").fields if f.reference]
    assert related == ["notes_by_user_ref", "notes_by_save_field", "notes_by_both_ref"]


# -- vectors in BLOBs


@pytest.mark.parametrize(
    ("rows", "kind", "detail"),
    [
        ([(struct.pack("<2f", 1, 2), 2), (struct.pack("<2f", 3, 4), 2), (None, 2)], "vector", 2),
        ([(struct.pack("<2f", 1, 2), 2), (struct.pack("<3f", 3, 4, 5), 3)], "vector", None),
        ([(struct.pack("<2f", 1, 2), 2), (b"1234", 2)], "blob", None),
        ([(struct.pack("<2f", 1, float("nan")), 2)], "blob", None),
        ([(struct.pack("<2d", 1, 2), 2)], "blob", None),
    ],
)
def test_blobs_beside_their_dimensions(tmp_path: Path, rows: Any, kind: str, detail: int | None) -> None:
    found = plan(tmp_path, "CREATE TABLE t (vector BLOB, dims INT)", t=rows)
    verdict = field(found, "t", "vector").survey.verdict
    assert (verdict.kind, verdict.detail) == (kind, detail)
    assert ('widths={"vector": "dims"}' in mapping_file(found)) == (kind == "vector")


def test_blobs_named_like_vectors_are_only_noted(tmp_path: Path) -> None:
    found = plan(tmp_path, "CREATE TABLE t (embedding BLOB)", t=[(bytes(6144),)])
    assert field(found, "t", "embedding").survey.verdict.notes == (
        "1,536 packed 32-bit floats each, perhaps; no column says so",
    )


# -- tables that no model serves


def test_tables_left_to_the_archive(tmp_path: Path) -> None:
    wide(tmp_path / "old.db", 401)
    found = plan(
        tmp_path,
        'CREATE TABLE hidden (rowid, _rowid_, "oid")',
        'CREATE TABLE keyed (rowid, _rowid_, "oid" PRIMARY KEY)',
        "CREATE TABLE cases (É, é)",
        "CREATE TABLE long (k TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE generated (a, b AS (a + 1), c AS (a + 2) STORED)",
        long=[("x" * 3000,)],
    )
    assert found.archived.keys() == {"wide", "hidden", "cases", "long"}
    assert [m.survey.name for m in found.models] == ["generated", "keyed"]
    assert [f.survey.name for f in model(found, "generated").fields] == ["a"]
    assert "# left to the archive, row by row: wide, since it has 401 columns, more than 400" in mapping_file(
        found
    )


def test_many_tables(tmp_path: Path) -> None:
    with open_source(many_tables(tmp_path / "many.db")) as file:
        found = make_plan(file, "many", "Many", set())
    assert len(found.models) == 300
    assert app_files(found)["models.py"].count("class Meta:") == 300
