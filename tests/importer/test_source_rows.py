"""Rows come exactly as stored, in order, in lists of bounded size, and from any position on."""

import hashlib
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from apps.importer.source import (
    Position,
    Refused,
    SourceFile,
    SourceRow,
    SourceTable,
    Stored,
    TooLarge,
    decode_position,
    encode_position,
    open_source,
)
from tests.importer import files

MIXED: list[Stored] = [
    None, -(2**63), -1, 0, 1, 2**63 - 1, -1.5, 0.1, 1e308, float("inf"), float("-inf"), "", "a", "A", "b\0c", "ä",
    "中文", "🙂", "123", " 12 ", "1e3", "\\N",
    "\udcff\udcfe", "a\udced\udca0\udc80", b"", b"\0", b"a", b"\xff\xfe", b"123",
]  # fmt: skip


def bound(value: Stored) -> tuple[str, object]:
    """Return SQL and parameter that store a text of any bytes."""
    if isinstance(value, str):
        return "CAST(? AS TEXT)", value.encode("utf-8", "surrogateescape")
    return "?", value


def insert(path: Path, table: str, *rows: tuple[Stored, ...]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for row in rows:
            pairs = [bound(value) for value in row]
            places = ", ".join(sql for sql, _ in pairs)
            connection.execute(
                f"INSERT INTO {table} VALUES ({places})", [parameter for _, parameter in pairs]
            )
        connection.commit()


def table_of(source: SourceFile, name: str) -> SourceTable:
    table = source.table(name)
    assert table is not None
    return table


def read(
    source: SourceFile, name: str, batch: int = 1000, after: Position | None = None, *columns: str
) -> list[SourceRow]:
    table = table_of(source, name)
    wanted = columns or [column.name for column in table.columns if not column.generated]
    lists = list(source.rows(table, wanted, batch, after))
    assert all(0 < len(rows) <= batch for rows in lists)
    return [row for rows in lists for row in rows]


def same(left: object, right: object) -> bool:
    """Compare with storage class: 1 is not 1.0, -0.0 is 0.0."""
    return repr(left) == repr(right)


def check_positions(source: SourceFile, name: str) -> list[SourceRow]:
    """Check that a table can be read from each of its positions on, also after they went through JSON."""
    rows = read(source, name)
    columns = [column.name for column in table_of(source, name).columns if not column.generated]
    for place, row in enumerate(rows):
        position = decode_position(encode_position(row.position))
        assert same(read(source, name, 3, position), rows[place + 1 :])
        assert same(source.rows_at(table_of(source, name), columns, [position]), [row])
    positions = [row.position for row in rows]
    assert same(source.rows_at(table_of(source, name), columns, positions[::-1]), rows[::-1])
    assert source.count(table_of(source, name)) == len(rows)
    return rows


# -- values


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_every_storage_class(tmp_path: Path, encoding: str) -> None:
    values = [
        value for value in MIXED if encoding == "UTF-8" or not isinstance(value, str) or value.isprintable()
    ]
    path = files.write(
        tmp_path / "mixed.db",
        f"PRAGMA encoding='{encoding}'",
        "CREATE TABLE mixed (id INTEGER PRIMARY KEY, value)",
        rows=enumerate(values) if encoding != "UTF-8" else (),
        insert="INSERT INTO mixed VALUES (?, ?)",
    )
    if encoding == "UTF-8":
        insert(path, "mixed", *enumerate(values))
    with open_source(path) as source:
        assert same([row.values for row in check_positions(source, "mixed")], list(enumerate(values)))


def test_half_a_character_in_a_utf16_file(tmp_path: Path) -> None:
    """Left to SQLite, a lone surrogate and the letter behind it would become another character."""
    path = files.write(
        tmp_path / "half.db",
        "PRAGMA encoding='UTF-16le'",
        "CREATE TABLE half (a TEXT PRIMARY KEY) WITHOUT ROWID",
        "INSERT INTO half VALUES ('x~A'), ('whole 🙂')",
    )
    path.write_bytes(path.read_bytes().replace(b"x\0~\0A\0", b"x\0\0\xd8A\0"))
    with open_source(path) as source:
        values = [row.values[0] for row in check_positions(source, "half")]
    assert values == ["whole 🙂", "x\udced\udca0\udc80A"]
    assert str(values[1]).encode("utf-8", "surrogateescape") == "x\ud800A".encode("utf-8", "surrogatepass")


def test_one_bad_text_among_many(tmp_path: Path) -> None:
    path = files.notes(tmp_path / "bad.db", rows=5000)
    files.write(path, "UPDATE notes SET body = CAST(x'61ff62' AS TEXT) WHERE id = 3500")
    with open_source(path) as source:
        rows = read(source, "notes", 1000)
    assert [row.rowid for row in rows] == list(range(1, 5001))
    assert [row.values[1] for row in rows if "\udcff" in str(row.values[1])] == ["a\udcffb"]


def test_columns_are_read_by_name_in_the_order_asked(tmp_path: Path) -> None:
    with open_source(files.notes(tmp_path / "notes.db", rows=1)) as source:
        assert read(source, "NOTES", 1, None, "weight", "ID") == [SourceRow(1, 1, (0.25, 1))]
        assert read(source, "notes", 1, None, "weight", "weight")[0].values == (0.25, 0.25)
        assert list(source.rows(table_of(source, "notes"), [], 1)) == [[SourceRow(1, 1, ())]]
        with pytest.raises(ValueError, match="no column"):
            next(source.rows(table_of(source, "notes"), ["wéight"], 1))


def test_generated_columns(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "generated.db",
        "CREATE TABLE g (a INTEGER, b AS (a * 2) STORED, c TEXT AS (a || '!') VIRTUAL, d)",
        "INSERT INTO g VALUES (3, 'd')",
    )
    with open_source(path) as source:
        table = table_of(source, "g")
        assert [column.generated for column in table.columns] == [False, True, True, False]
        assert read(source, "g")[0].values == (3, "d")
        assert read(source, "g", 1, None, "c", "b")[0].values == ("3!", 6)


def test_a_column_added_later_reads_as_its_default(tmp_path: Path) -> None:
    path = files.write(
        files.notes(tmp_path / "notes.db", rows=1), "ALTER TABLE notes ADD COLUMN mood DEFAULT 'fine'"
    )
    with open_source(path) as source:
        column = table_of(source, "notes").column("MOOD")
        assert column is not None
        assert (column.default, column.not_null, column.pk) == ("'fine'", False, 0)
        assert read(source, "notes")[0].values[-1] == "fine"


# -- order and positions


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_rowids_from_one_end_to_the_other(tmp_path: Path, batch: int) -> None:
    rowids = [-(2**63), -7, -1, 0, 1, 2**40, 2**63 - 1]
    path = files.write(
        tmp_path / "rowids.db",
        "CREATE TABLE r (a TEXT UNIQUE)",
        rows=[(rowid, str(rowid)) for rowid in random.Random(1).sample(rowids, len(rowids))],
        insert="INSERT INTO r (rowid, a) VALUES (?, ?)",
    )
    with open_source(path) as source:
        assert [row.rowid for row in read(source, "r", batch)] == rowids
        check_positions(source, "r")
        assert source.rows_at(table_of(source, "r"), ["a"], [5, 0]) == [SourceRow(0, 0, ("0",))]
        assert read(source, "r", batch, 2**63 - 1) == []


@pytest.mark.parametrize(
    "columns",
    ["rowid TEXT, a", "ROWID TEXT, oid", "rowid TEXT, _rowid_ TEXT", "a INTEGER PRIMARY KEY, rowid TEXT"],
)
def test_columns_that_hide_the_rowid(tmp_path: Path, columns: str) -> None:
    path = files.write(
        tmp_path / "hidden.db", f"CREATE TABLE h ({columns})", "INSERT INTO h VALUES (7, 'b'), (3, 'a')"
    )
    with open_source(path) as source:
        rows = check_positions(source, "h")
    assert sorted(row.values for row in rows) == sorted(row.values for row in rows[:2])
    assert all(isinstance(row.rowid, int) and row.position == row.rowid for row in rows)


def test_columns_that_hide_every_name_of_the_rowid(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "hidden.db",
        "CREATE TABLE h (rowid, oid, _ROWID_)",
        rows=[(n % 3, None, str(n)) for n in range(10)],
        insert="INSERT INTO h VALUES (?, ?, ?)",
    )
    with open_source(path) as source:
        rows = check_positions(source, "h")
        assert [(row.rowid, row.position) for row in rows] == [(None, n) for n in range(1, 11)]
        assert [row.values[2] for row in rows] == [str(n) for n in range(10)]
        assert source.rows_at(table_of(source, "h"), ["oid"], [11]) == []


KEYS = [
    ("k PRIMARY KEY, v", 1),
    ("k TEXT PRIMARY KEY, v", 1),
    ("k TEXT COLLATE NOCASE PRIMARY KEY, v", 1),
    ("k NUMERIC, l, v, PRIMARY KEY (l DESC, k)", 2),
    ("k INTEGER, l REAL, v, PRIMARY KEY (k, l DESC)", 2),
    ("k BLOB, l TEXT, v UNIQUE, PRIMARY KEY (l COLLATE RTRIM, k)", 2),
]


@pytest.mark.parametrize(("columns", "parts"), KEYS)
def test_keys_without_rowid(tmp_path: Path, columns: str, parts: int) -> None:
    path = files.write(
        tmp_path / "keys.db", f"CREATE TABLE w ({columns}) WITHOUT ROWID", "CREATE INDEX wv ON w (v)"
    )
    chance = random.Random(3)
    with closing(sqlite3.connect(path)) as connection:
        for number in range(80):
            pairs = [bound(chance.choice(MIXED[1:])) for _ in range(parts)]
            places = ", ".join(sql for sql, _ in pairs)
            values = [*(parameter for _, parameter in pairs), number]
            connection.execute(f"INSERT OR IGNORE INTO w VALUES ({places}, ?)", values)
        connection.commit()
        stored = connection.execute("SELECT count(*) FROM w").fetchone()[0]
    with open_source(path) as source:
        rows = check_positions(source, "w")
        assert len(rows) == stored > 10
        assert len({repr(row.position) for row in rows}) == stored
        assert all(row.rowid is None and isinstance(row.position, tuple) for row in rows)
        assert [column.name for column in table_of(source, "w").key] == [
            part.column.name for part in table_of(source, "w").parts
        ]


def test_a_key_that_its_declared_type_would_turn(tmp_path: Path) -> None:
    """After the type was changed in the schema, text that looks like a number stands in an INTEGER column."""
    path = files.write(
        tmp_path / "turned.db",
        "CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID",
        "INSERT INTO w VALUES ('10', 1), ('9', 2), ('x', 3)",
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'k TEXT', 'k INTEGER')",
    )
    with open_source(path) as source:
        assert [row.position for row in check_positions(source, "w")] == [("10",), ("9",), ("x",)]


def test_a_null_key(tmp_path: Path) -> None:
    """NULL comes in where the schema was changed later: here an index was made a table. It sorts before all else."""
    path = files.write(
        tmp_path / "null.db",
        "CREATE TABLE base (k, l, v)",
        "CREATE UNIQUE INDEX w ON base (k, l DESC, v)",
        "INSERT INTO base VALUES (NULL, NULL, 1), (NULL, 2, 2), (1, NULL, 3), (1, 2, 4), (1, 1, 5)",
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET type = 'table', tbl_name = 'w', "
        "sql = 'CREATE TABLE w (k, l, v, PRIMARY KEY (k, l DESC, v)) WITHOUT ROWID' WHERE name = 'w'",
    )
    with open_source(path) as source:
        rows = check_positions(source, "w")
    assert [row.values for row in rows] == [(None, 2, 2), (None, None, 1), (1, 2, 4), (1, 1, 5), (1, None, 3)]


def test_a_position_of_another_kind_of_table(tmp_path: Path) -> None:
    path = files.write(files.notes(tmp_path / "n.db"), "CREATE TABLE w (k PRIMARY KEY) WITHOUT ROWID")
    with open_source(path) as source:
        with pytest.raises(ValueError, match="no position"):
            read(source, "notes", 1, ("a",))
        with pytest.raises(ValueError, match="no position"):
            source.rows_at(table_of(source, "w"), ["k"], [1])


def test_tables_read_side_by_side(tmp_path: Path) -> None:
    path = files.notes(tmp_path / "side.db", rows=300)
    files.write(path, "CREATE TABLE other AS SELECT CAST(x'ff' AS TEXT) AS body FROM notes")
    with open_source(path, limit=50) as source:
        notes, other = table_of(source, "notes"), table_of(source, "other")
        pairs = zip(source.rows(notes, ["body"], 7), source.rows(other, ["body"], 7), strict=True)
        for left, right in pairs:
            assert source.rows_at(notes, ["id"], [left[0].position])[0].values == (left[0].rowid,)
            assert [row.rowid for row in left] == [row.rowid for row in right]
            assert {row.values[0] for row in right} == {"\udcff"}
            assert all(
                isinstance(row.values[0], TooLarge) == (row.rowid % 90 > 34)
                for row in left
                if row.rowid > 100
            )


# -- size


def large(size: int, kind: str, letter: str = "x") -> TooLarge:
    return TooLarge(size, hashlib.sha256(letter.encode() * size).hexdigest(), kind)


LARGE_TABLES = {
    "rowid": "CREATE TABLE t (k INTEGER PRIMARY KEY, a, b)",
    "without rowid": "CREATE TABLE t (k PRIMARY KEY, a, b) WITHOUT ROWID",
    "generated": "CREATE TABLE t (k, a, b, c AS (k + 1))",
    "by number": "CREATE TABLE t (rowid, _rowid_, oid)",
}


@pytest.mark.parametrize("create", LARGE_TABLES.values(), ids=LARGE_TABLES)
@pytest.mark.parametrize("batch", [1, 5, 1000])
def test_values_over_the_limit(tmp_path: Path, create: str, batch: int) -> None:
    limit = 100_000
    rows: list[tuple[Stored, ...]] = [
        (1, "x" * limit, b"x" * limit),
        (2, "x" * (limit + 1), "\udcff"),
        (3, b"x" * 1_500_000, "x" * 1_500_000),
        (4, None, 1.5),
        (5, "中" * 33_334, b""),
        (6, b"x" * (limit + 1), None),
    ]
    insert(files.write(tmp_path / "large.db", create), "t", *rows)
    with open_source(tmp_path / "large.db", limit=limit) as source:
        found = read(source, "t", batch)
        assert [row.values for row in found] == [
            rows[0],
            (2, large(limit + 1, "text"), "\udcff"),
            (3, large(1_500_000, "blob"), large(1_500_000, "text")),
            rows[3],
            (5, TooLarge(100_002, large(33_334, "text", "中").sha256, "text"), b""),
            (6, large(limit + 1, "blob"), None),
        ]
        check_positions(source, "t")


def test_a_key_over_the_limit(tmp_path: Path) -> None:
    path = files.write(tmp_path / "key.db", "CREATE TABLE t (k PRIMARY KEY, a) WITHOUT ROWID")
    insert(path, "t", ("a", 1), ("x" * 200_000, 2), ("y", 3))
    with open_source(path, limit=100_000) as source:
        rows = check_positions(source, "t")
    assert [row.values for row in rows] == [("a", 1), (large(200_000, "text"), 2), ("y", 3)]
    assert [row.position for row in rows] == [1, 2, 3]


def test_a_row_of_several_legal_values_over_the_limit_together(tmp_path: Path) -> None:
    path = files.write(tmp_path / "row.db", "CREATE TABLE t (a, b, c, d)")
    row = ("x" * 90_000, b"y" * 90_000, "z" * 100_000, b"x" * 100_000)
    insert(path, "t", row, row)
    with open_source(path, limit=100_000) as source:
        assert [found.values for found in read(source, "t")] == [row, row]


@pytest.mark.parametrize("statistics", [True, False])
def test_lists_are_bounded_in_bytes(tmp_path: Path, statistics: bool) -> None:
    names = "" if statistics else "CREATE TABLE dbstat (name, mx_payload, aggregate)"
    path = files.write(
        tmp_path / "bytes.db",
        "CREATE TABLE t (a)",
        *([names] if names else []),
        rows=[(b"x" * (3_000_000 if n % 20 == 0 else 10_000),) for n in range(200)],
        insert="INSERT INTO t VALUES (?)",
    )
    with open_source(path) as source:
        lists = list(source.rows(table_of(source, "t"), ["a"], 50))
    assert [row.rowid for rows in lists for row in rows] == list(range(1, 201))
    assert max(map(len, lists)) <= 50
    assert max(sum(len(row.values[0]) for row in rows) for rows in lists) < 17 * 2**20  # type: ignore[arg-type]
    assert len(lists) < 20


@pytest.mark.slow
def test_a_very_large_value_takes_little_memory(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "huge.db",
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (1), (zeroblob(150000000)), (2)",
    )
    script = (
        "import resource, sys\n"
        "from apps.importer.source import open_source\n"
        "with open_source(sys.argv[1]) as source:\n"
        "    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    for rows in source.rows(source.table('t'), ['a'], 1000):\n"
        "        print([getattr(row.values[0], 'size', 0) for row in rows])\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)\n"
    )
    command = [sys.executable, "-c", script, path]
    done = subprocess.run(command, cwd=files.ROOT, capture_output=True, text=True, check=True)
    *lists, grown = map(json.loads, done.stdout.splitlines())
    assert [size for sizes in lists for size in sizes] == [0, 150_000_000, 0]
    assert grown < 60 * 1024  # KiB


def test_damage_met_while_reading(tmp_path: Path) -> None:
    """A table that the check cannot enter, for a column made by a function that only the application knew."""
    path = tmp_path / "late.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("secret", 1, lambda value: value, deterministic=True)
        connection.execute("CREATE TABLE t (a, b AS (secret(a)) NOT NULL)")
        connection.executemany("INSERT INTO t (a) VALUES (?)", [("x" * 500,) for _ in range(100)])
        connection.commit()
    with open_source(path) as source:
        assert len(read(source, "t")) == 100
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    with open_source(path) as source, pytest.raises(Refused, match="corrupt"):
        read(source, "t")
