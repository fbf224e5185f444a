"""What a file brings along does not run, does not confuse, and does not keep the rest from being read."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from apps.importer.source import Refused, SourceFile, SourceTable, open_source
from apps.importer.source.check import check_structure
from apps.importer.source.guard import connect
from apps.importer.source.schema import read_tables
from tests.importer import files


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 20


def all_rows(source: SourceFile, name: str) -> list[tuple[object, ...]]:
    table = source.table(name)
    assert table is not None
    names = [column.name for column in table.columns if not column.generated]
    return [row.values for rows in source.rows(table, names, 100) for row in rows]


def kinds(source: SourceFile) -> dict[str, str]:
    return {name: table.kind for name, table in source.tables.items()}


def columns(table: SourceTable | None) -> list[str]:
    assert table is not None
    return [column.name for column in table.columns]


# -- kinds of tables


def test_views_triggers_and_checks_never_run(tmp_path: Path) -> None:
    path = files.booby_trapped(tmp_path / "trapped.db")
    started = time.monotonic()
    with open_source(path) as source:
        assert time.monotonic() - started < 2
        found = kinds(source)
        assert (found["forever"], found["broken"], found["checked"]) == ("view", "view", "table")
        assert len(all_rows(source, "notes")) == files.ROWS
        assert all_rows(source, "checked") == [("a" * 100,)]
        assert all_rows(source, "heavy") == [(1,)]
        view = source.table("forever")
        assert view is not None
        assert (view.columns, source.count(view)) == ((), 0)
        with pytest.raises(ValueError, match="view"):
            next(source.rows(view, [], 1))


def test_virtual_tables_and_their_shadows(tmp_path: Path) -> None:
    path = files.write(
        files.notes(tmp_path / "virtual.db"),
        "CREATE VIRTUAL TABLE words USING fts5(body, content='words_content', content_rowid='id')",
        "CREATE TABLE words_content (id INTEGER PRIMARY KEY, body)",
        "CREATE TABLE words_notes (id INTEGER PRIMARY KEY)",
        'CREATE VIRTUAL TABLE "a ""using"" b" USING fts4(x)',
        "CREATE VIRTUAL TABLE Boxes USING rtree(id, low, high)",
        "CREATE TABLE boxes_config (id)",
        "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "INSERT INTO counted VALUES (41)",
        "ANALYZE",
    )
    with open_source(path) as source:
        found = kinds(source)
        assert {name for name, kind in found.items() if kind == "virtual"} == {
            "words",
            'a "using" b',
            "Boxes",
        }
        assert {name for name, kind in found.items() if kind == "table"} == {
            "notes", "words_content", "words_notes", "boxes_config", "counted",
        }  # fmt: skip
        assert {name for name, kind in found.items() if kind == "internal"} == {
            "sqlite_sequence",
            "sqlite_stat1",
        }
        assert found["Boxes_node"] == found["words_idx"] == found['a "using" b_segdir'] == "shadow"
        assert all_rows(source, "sqlite_sequence") == [("counted", 41)]


def test_a_virtual_table_of_an_unknown_module(tmp_path: Path) -> None:
    with open_source(files.unknown_module(tmp_path / "unknown.db")) as source:
        assert kinds(source) == {
            "notes": "table", "vectors_data": "shadow", "vectors_notes": "table", "vectors": "virtual",
        }  # fmt: skip
        assert len(all_rows(source, "notes")) == files.ROWS


def test_a_table_called_like_the_statistics(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "dbstat.db",
        "CREATE TABLE DbStat (name, mx_payload)",
        "INSERT INTO dbstat VALUES ('dbstat', 'x')",
    )
    with open_source(path, limit=100) as source:
        assert all_rows(source, "dbstat") == [("dbstat", "x")]


def test_without_rowid_and_strict(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "options.db",
        "CREATE TABLE a (k TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        "CREATE TABLE b (k TEXT PRIMARY KEY /* ) WITHOUT ROWID */, n INT) STRICT -- ) STRICT",
        "CREATE TABLE c (k TEXT DEFAULT ') STRICT', \"strict\" TEXT)",
        "CREATE TABLE d (k INTEGER PRIMARY KEY) WITHOUT /* ) STRICT */ ROWID",
    )
    with open_source(path) as source:
        options = {name: (table.without_rowid, table.strict) for name, table in source.tables.items()}
    assert options == {"a": (True, True), "b": (False, True), "c": (False, False), "d": (True, False)}


# -- names

NAMES = [
    '"; DROP TABLE x; --', "a%s\nb", "%(x)s{y}{}", "it's", "select", "", " ", "rowid", "名字", "ünï", "tab\there", "?1",
    "[bracket]", "`tick`", "main.notes", "0", "-1", "\\N", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("options", ["", "WITHOUT ROWID"])
def test_hostile_names_are_only_names(tmp_path: Path, options: str) -> None:
    path = tmp_path / "names.db"
    with closing(sqlite3.connect(path)) as connection:
        for number, name in enumerate(NAMES):
            quoted = '"' + name.replace('"', '""') + '"'
            connection.execute(
                f"CREATE TABLE {quoted} (k INTEGER PRIMARY KEY, {quoted} TEXT UNIQUE) {options}"
            )
            connection.execute(f"INSERT INTO {quoted} VALUES (1, 'n{number}')")
        connection.commit()
    with open_source(path) as source:
        assert list(source.tables) == NAMES
        for number, name in enumerate(NAMES):
            assert all_rows(source, name) == [(1, f"n{number}")]
            assert columns(source.table(name)) == ["k", name]


def test_names_are_equal_but_for_ascii_case(tmp_path: Path) -> None:
    path = files.write(tmp_path / "case.db", 'CREATE TABLE "Äpfel" (Farbe, "ÄB")', 'CREATE TABLE "äpfel" (b)')
    with open_source(path) as source:
        assert columns(source.table("ÄPFEL")) == ["Farbe", "ÄB"]
        assert columns(source.table("äPFEL")) == ["b"]
        assert source.table("apfel") is None
        table = source.table("Äpfel")
        assert table is not None
        assert table.column("FARBE") == table.columns[0]
        assert table.column("äb") is None


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    path = files.write(tmp_path / "name.db", "CREATE TABLE caf_ (a)")
    path.write_bytes(path.read_bytes().replace(b"caf_", b"caf\xe9"))
    with pytest.raises(Refused, match=r"corrupt.*UTF-8"):
        open_source(path)


# -- sizes


def test_two_thousand_columns(tmp_path: Path) -> None:
    started = time.monotonic()
    with open_source(files.wide(tmp_path / "wide.db")) as source:
        assert all_rows(source, "wide") == [tuple(range(2000)), (*[None] * 1999, "last")]
    assert time.monotonic() - started < 5


def test_three_hundred_tables(tmp_path: Path) -> None:
    path = files.many_tables(tmp_path / "many.db")
    started = time.monotonic()
    with open_source(path) as source:
        assert len(source.tables) == 300
        assert all_rows(source, "t299") == [(299, "a", 1.5)]
    assert time.monotonic() - started < 5


# -- the check


def test_problems_of_rows_do_not_refuse_the_file(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "rows.db",
        "CREATE TABLE a (x, y TEXT, z INT, w INT CHECK (w > 0))",
        "INSERT INTO a VALUES (NULL, 'text', 'word', 1), (1, 'text', 5, 2)",
        "CREATE TABLE b (x)",
        "INSERT INTO b VALUES ('not an integer')",
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE a (x NOT NULL, y INT, z TEXT, w INT CHECK (w > 5))'"
        " WHERE name = 'a'",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE b (x INTEGER) STRICT' WHERE name = 'b'",
    )
    with closing(sqlite3.connect(path)) as connection:
        found = " ".join(text for (text,) in connection.execute("PRAGMA quick_check"))
    assert "NULL value in a.x" in found
    assert "NUMERIC value in a.z" in found
    assert "CHECK constraint failed in a" in found
    assert "non-INTEGER value in b.x" in found
    with open_source(path) as source:
        assert all_rows(source, "a") == [(None, "text", "word", 1), (1, "text", 5, 2)]
        assert all_rows(source, "b") == [("not an integer",)]


def test_damage_behind_many_problems_of_rows(tmp_path: Path) -> None:
    """SQLite stops at a number of findings; those about rows must not hide the table behind them."""
    path = files.write(
        tmp_path / "behind.db",
        "CREATE TABLE b (x, y NOT NULL)",
        "INSERT INTO b VALUES ('here it is', 1)",
        "CREATE TABLE a (x)",
        *["INSERT INTO a VALUES (NULL)"] * 150,
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE a (x NOT NULL)' WHERE name = 'a'",
    )
    with open_source(path) as source:
        assert len(all_rows(source, "a")) == 150
    content = bytearray(path.read_bytes())
    record = content.index(b"here it is") - 3
    content[record : record + 2] = b"\x03\x7f"  # a text longer than the record
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as connection:
        assert len(connection.execute("PRAGMA quick_check").fetchall()) == 100
    with pytest.raises(Refused, match="corrupt"):
        open_source(path)


def test_an_index_that_disagrees_with_its_table(tmp_path: Path) -> None:
    """Rows come from the table: an index that lacks most of them is not asked, not even for their number."""
    path = files.write(
        files.notes(tmp_path / "index.db"),
        "CREATE TABLE w (k PRIMARY KEY, v) WITHOUT ROWID",
        "INSERT INTO w SELECT id, body FROM notes",
        "CREATE INDEX w_some ON w (v, k) WHERE k <= 10",
        "CREATE INDEX notes_some ON notes (weight) WHERE id <= 10",
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = substr(sql, 1, instr(sql, ' WHERE') - 1) WHERE name LIKE '%some'",
    )
    with closing(sqlite3.connect(path)) as connection:
        for asked in ("count(v) FROM w INDEXED BY w_some", "count(weight) FROM notes INDEXED BY notes_some"):
            assert connection.execute(f"SELECT {asked}").fetchone() == (10,)
        assert connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    with open_source(path) as source:
        for name, column in (("notes", "weight"), ("w", "v")):
            table = source.table(name)
            assert table is not None
            assert source.count(table) == files.ROWS
            assert sum(len(rows) for rows in source.rows(table, [column], 100)) == files.ROWS


def test_a_collation_that_only_the_application_knew(tmp_path: Path) -> None:
    path = tmp_path / "collation.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.create_collation("LOCALIZED", lambda left, right: (left > right) - (left < right))
        connection.execute("CREATE TABLE t (a TEXT COLLATE LOCALIZED UNIQUE, b)")
        connection.execute("CREATE TABLE w (a TEXT COLLATE LOCALIZED PRIMARY KEY, b) WITHOUT ROWID")
        for name in "tw":
            connection.execute(f"INSERT INTO {name} VALUES ('b', 1), ('a', 2)")
        connection.commit()
    with open_source(path) as source:
        assert all_rows(source, "t") == [("b", 1), ("a", 2)]
        assert all_rows(source, "w") == [("a", 2), ("b", 1)]


def test_a_function_that_only_the_application_knew(tmp_path: Path) -> None:
    path = files.notes(tmp_path / "function.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("secret", 1, lambda value: value, deterministic=True)
        connection.execute("CREATE TABLE t (a, b AS (secret(a)) NOT NULL, CHECK (secret(a) > 0))")
        connection.execute("CREATE INDEX i ON t (secret(a))")
        connection.execute("INSERT INTO t (a) VALUES (1)")
        connection.commit()
    with open_source(path) as source:
        assert all_rows(source, "t") == [(1,)]
        table = source.table("t")
        assert table is not None
        with pytest.raises(Refused, match="corrupt: SQLite cannot read it"):
            list(source.rows(table, ["b"], 1))
    content = bytearray(path.read_bytes())
    content[4096 : 4096 + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(Refused, match="corrupt"):
        open_source(path)


@pytest.fixture
def long(tmp_path: Path) -> Path:
    return files.write(
        tmp_path / "long.db",
        "CREATE TABLE t (a NOT NULL, b NOT NULL, c NOT NULL)",
        rows=((n, n, n) for n in range(100_000)),
        insert="INSERT INTO t VALUES (?, ?, ?)",
    )


def test_a_check_that_takes_too_long_is_cut_short(long: Path) -> None:
    with pytest.raises(Refused, match=r"corrupt.*within 0 s"):
        open_source(long, deadline=0)


class Stopped(BaseException):
    pass


def check_until_stopped(path: Path) -> None:
    connection, guard = connect(path)
    with closing(connection):
        tables = read_tables(connection)
        while True:
            try:
                check_structure(connection, tables.values())
            except sqlite3.Error as error:
                raise guard.explain(error) from None


def test_a_signal_stops_the_check(long: Path) -> None:
    """What a signal handler raises comes out as it is, though sqlite3 drops what its callbacks raise."""

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Stopped):
            check_until_stopped(long)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# -- the fence


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO notes VALUES (1000, 'x', 1)",
        "DROP TABLE notes",
        "ATTACH ':memory:' AS other",
        "SELECT * FROM forever",
        "SELECT load_extension('x')",
        "SELECT randomblob(10)",
        "SELECT * FROM pragma_table_list",
        "PRAGMA query_only=OFF",
        "PRAGMA writable_schema=ON",
        "PRAGMA journal_mode=DELETE",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n",
        "CREATE TEMP TABLE t (a)",
    ],
)
def test_the_connection_reads_and_nothing_else(tmp_path: Path, sql: str) -> None:
    with open_source(files.booby_trapped(tmp_path / "trapped.db")) as source:
        with pytest.raises(sqlite3.Error, match=r"not authorized|prohibited"):
            source._session.connection.execute(sql)
        assert len(all_rows(source, "notes")) == files.ROWS


def test_the_settings_of_the_connection(tmp_path: Path) -> None:
    connection, _ = connect(files.notes(tmp_path / "notes.db"))
    connection.set_authorizer(None)
    with closing(connection):
        for setting, value in {
            "trusted_schema": 0,
            "query_only": 1,
            "cell_size_check": 1,
            "mmap_size": 0,
        }.items():
            assert connection.execute(f"PRAGMA {setting}").fetchone() == (value,)
        assert connection.getlimit(sqlite3.SQLITE_LIMIT_ATTACHED) == 0
