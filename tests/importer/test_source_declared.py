"""What a table declares is read from the schema, without running any of it."""

from __future__ import annotations

from pathlib import Path

from apps.importer.source import DeclaredIndex, DeclaredReference, open_source
from tests.importer.files import write


def test_indexes_and_references(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.db",
        "CREATE TABLE parent (a INTEGER PRIMARY KEY, b, c, UNIQUE (b, c))",
        'CREATE TABLE "chi""ld" (x TEXT PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE, q, r,'
        " FOREIGN KEY (q, r) REFERENCES Parent (b, c) ON DELETE SET NULL)",
        'CREATE UNIQUE INDEX part ON "chi""ld" (q) WHERE r > 0',
        'CREATE INDEX mixed ON "chi""ld" (q DESC, lower(r))',
    )
    with open_source(path) as file:
        parent, child = (file.declared(file.tables[name]) for name in ("parent", 'chi"ld'))
    assert parent.references == ()
    assert [(index.columns, index.unique, index.origin) for index in parent.indexes] == [
        (("b", "c"), True, "u")
    ]
    assert child.references == (
        DeclaredReference(("p",), "parent", (None,), "CASCADE"),
        DeclaredReference(("q", "r"), "Parent", ("b", "c"), "SET NULL"),
    )
    assert [index.name for index in child.indexes][1:] == ["part", "mixed"]
    found = {index.name: index for index in child.indexes}
    assert found["mixed"] == DeclaredIndex("mixed", ("q", None), (True, False), False, False, "c")
    assert found["part"] == DeclaredIndex("part", ("q",), (False,), True, True, "c")
    assert [index.columns for index in child.indexes if index.origin == "pk"] == [("x",)]
