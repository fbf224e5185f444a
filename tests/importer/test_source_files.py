"""Which files are read, in whatever state their writer left them; and that none of them changes."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from apps.importer.source import Refused, SourceFile, open_source, snapshot
from apps.importer.source.scratch import PREFIX
from tests.importer import files


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a temporary folder of its own for private copies, which it must leave empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "legacy"
    folder.mkdir()
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    return work


def bodies(source: SourceFile) -> list[object]:
    table = source.table("notes")
    assert table is not None
    return [row.values[0] for rows in source.rows(table, ["body"], 100) for row in rows]


# -- locked


@pytest.mark.parametrize(
    "statements", [("BEGIN EXCLUSIVE",), ("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE")]
)
def test_a_file_that_a_writer_holds_is_locked(folder: Path, statements: tuple[str, ...]) -> None:
    path = files.notes(folder / "source.db")
    with files.held(path, *statements):
        before, started = files.state(folder), time.monotonic()
        with pytest.raises(Refused, match=r"locked: another program .* for 0\.3 s now; stop that program"):
            open_source(path, wait=0.3)
        assert 0.3 <= time.monotonic() - started < 5
        assert files.state(folder) == before


def test_a_writer_that_ends_in_time_is_waited_for(folder: Path) -> None:
    path = files.notes(folder / "source.db")
    with files.held(path, "BEGIN EXCLUSIVE") as writer:
        started = time.monotonic()
        threading.Timer(0.3, writer.kill).start()
        with open_source(path, wait=10) as source:
            assert 0.3 <= time.monotonic() - started < 5
            assert len(bodies(source)) == files.ROWS


@pytest.mark.parametrize("mode", ["DELETE", "PERSIST", "TRUNCATE", "WAL"])
def test_an_open_transaction_is_not_waited_for(folder: Path, mode: str) -> None:
    path = files.notes(folder / "source.db", f"PRAGMA journal_mode={mode}")
    with (
        files.held(path, "BEGIN IMMEDIATE", "UPDATE notes SET body = 'not committed'"),
        open_source(path, wait=0) as source,
    ):
        assert len(bodies(source)) == files.ROWS
        assert "not committed" not in bodies(source)


def test_a_busy_log_is_copied_whole(folder: Path) -> None:
    """A writer commits pairs all the time and checkpoints after a few pages: every copy has whole pairs."""
    path = files.write(folder / "source.db", "PRAGMA journal_mode=WAL", "CREATE TABLE pairs (a, b)")
    script = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA wal_autocheckpoint=20')\n"
        "print('held', flush=True)\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1\n"
        "    c.execute('BEGIN')\n"
        "    c.execute('INSERT INTO pairs VALUES (?, ?)', (n, 'x' * 3000))\n"
        "    c.execute('INSERT INTO pairs VALUES (?, ?)', (n, 'y' * 3000))\n"
        "    c.execute('DELETE FROM pairs WHERE a <= ?', (n - 50,))\n"
        "    c.execute('COMMIT')\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "HOLD", script)
        with files.held(path):
            for _ in range(15):
                with open_source(path, wait=10) as source:
                    pairs = source.table("pairs")
                    assert pairs is not None
                    found = [row.values[0] for rows in source.rows(pairs, ["a"], 1000) for row in rows]
                assert found == sorted(found)
                assert found[::2] == found[1::2]


def test_a_log_that_begins_anew_in_the_middle_of_the_copy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the main file was copied before a checkpoint whose pages the log no longer has."""
    path = files.notes(folder / "source.db", "PRAGMA journal_mode=WAL")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("UPDATE notes SET body = 'first'")
        copy, copied = snapshot._copy, []

        def copy_and_write(source: int, target: Path) -> Future[str]:
            digest = copy(source, target)
            copied.append(target.name)
            if len(copied) == 1:
                writer.execute("PRAGMA wal_checkpoint(RESTART)")
                writer.execute("UPDATE notes SET body = 'second' WHERE id = 1")
            return digest

        monkeypatch.setattr(snapshot, "_copy", copy_and_write)
        with open_source(path, wait=5) as source:
            assert bodies(source) == ["second", *["first"] * (files.ROWS - 1)]
    assert copied == ["source", "source-wal"] * 2


# -- read


@pytest.mark.parametrize("size", [512, 1024, 4096, 32768, 65536])
def test_every_page_size(folder: Path, size: int) -> None:
    with open_source(files.notes(folder / "source.db", f"PRAGMA page_size={size}")) as source:
        assert len(bodies(source)) == files.ROWS


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_every_encoding(folder: Path, encoding: str) -> None:
    with open_source(files.notes(folder / "source.db", f"PRAGMA encoding='{encoding}'")) as source:
        assert str(bodies(source)[0]).startswith("note 1 笔记 x")


NAMES = [
    "with blanks.db", "what?mode=rwc.db", "a#b.db", "100%25.db", "a;b.db", "-leading.db", "中文 数据.db", "a'b\"c.db",
    "file:x.db", "new\nline.db", "\udcff.db",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_odd_characters_in_the_path(folder: Path, name: str) -> None:
    odd = folder / name.removesuffix(".db")
    odd.mkdir()
    shutil.move(files.notes(folder / "plain.db"), odd / name)
    with open_source(odd / name) as source:
        assert len(bodies(source)) == files.ROWS


def test_a_leading_dash_without_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    files.notes(folder / "-rf.db")
    with open_source("-rf.db") as source:
        assert source.path == Path("-rf.db")
        assert len(bodies(source)) == files.ROWS


def test_a_temporary_folder_with_odd_characters(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "50% ?#;"
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    with open_source(files.notes(folder / "source.db")) as source:
        assert len(bodies(source)) == files.ROWS
    assert list(odd.iterdir()) == []


def test_a_link_is_followed_to_the_log_beside_its_target(folder: Path, work: Path) -> None:
    target = files.with_log(folder / "target.db", work)
    (work / "link.db").symlink_to(target)
    with open_source(work / "link.db") as source:
        assert len(bodies(source)) == 2 * files.ROWS


def test_a_read_only_file_in_a_read_only_folder(folder: Path) -> None:
    path = files.notes(folder / "source.db")
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with open_source(path) as source:
            assert len(bodies(source)) == files.ROWS
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("uncommitted", [False, True])
def test_rows_in_the_log(folder: Path, work: Path, uncommitted: bool) -> None:
    path = files.with_log(folder / "source.db", work, uncommitted)
    with open_source(path) as source:
        found = bodies(source)
    assert len(found) == 2 * files.ROWS
    assert found.count("in the log") == files.ROWS
    assert not any(str(body).startswith("never committed") for body in found)


def test_a_hot_journal_is_rolled_back(folder: Path, work: Path) -> None:
    path = files.with_hot_journal(folder / "source.db", work)
    assert b"never committed" in path.read_bytes()
    with open_source(path) as source:
        found = bodies(source)
    assert len(found) == 2000
    assert not any(str(body).startswith("never committed") for body in found)


def test_the_journal_of_a_killed_writer(folder: Path) -> None:
    path = files.notes(folder / "source.db", rows=2000)
    update = "UPDATE notes SET body = hex(zeroblob(300))"
    with files.held(path, "PRAGMA cache_size=1", "BEGIN", update), pytest.raises(Refused, match="locked"):
        open_source(path, wait=0)
    assert (folder / "source.db-journal").stat().st_size > 0
    with open_source(path) as source:
        assert str(bodies(source)[-1]).startswith("note 2000 ")


def test_a_hot_journal_whose_super_journal_exists(folder: Path, work: Path) -> None:
    """As after a crash in a transaction over several files; the file named is not touched."""
    path = files.with_hot_journal(folder / "source.db", work)
    precious = work / "precious"
    precious.write_text("no list of journals")
    files.name_super_journal(folder / "source.db-journal", precious)
    before = files.state(work)
    with open_source(path) as source:
        assert not any(str(body).startswith("never committed") for body in bodies(source))
    assert files.state(work) == before


def test_a_journal_whose_super_journal_is_gone(folder: Path, work: Path) -> None:
    """Then its transaction was committed, and the journal counts for nothing."""
    path = files.notes(work / "done.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("UPDATE notes SET body = 'committed'")
        shutil.copyfile(f"{path}-journal", folder / "source.db-journal")
        connection.execute("COMMIT")
    shutil.copyfile(path, folder / "source.db")
    files.name_super_journal(folder / "source.db-journal", work / "gone")
    with open_source(folder / "source.db") as source:
        assert set(bodies(source)) == {"committed"}


# -- unchanged


MADE: dict[str, Callable[[Path, Path], Path]] = {
    "plain": lambda path, work: files.notes(path),
    "log": files.with_log,
    "uncommitted log": lambda path, work: files.with_log(path, work, uncommitted=True),
    "hot journal": files.with_hot_journal,
    "booby-trapped": lambda path, work: files.booby_trapped(path),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_the_source_and_its_folder_stay_as_they_are(
    make: Callable[[Path, Path], Path], folder: Path, work: Path, temporary: Path
) -> None:
    path = make(folder / "source.db", work)
    before = files.state(folder)
    with open_source(path) as source:
        assert bodies(source)
        assert len(list(temporary.iterdir())) == 1
        assert files.state(folder) == before
    assert files.state(folder) == before
    assert list(temporary.iterdir()) == []


def test_the_hashes(folder: Path, work: Path) -> None:
    path = files.with_log(folder / "source.db", work)
    with open_source(path) as source:
        whole = source.fingerprint
        assert len(source.sha256) == len(whole) == 64
        assert source.size == path.stat().st_size
        main = source.sha256
    log = folder / "source.db-wal"
    log.write_bytes(log.read_bytes()[:-1])
    with open_source(path) as source:
        assert source.sha256 == main
        assert source.fingerprint != whole
    log.write_bytes(b"")
    with open_source(path) as source:
        emptied = source.fingerprint
    log.unlink()
    with open_source(path) as source:
        assert source.fingerprint == emptied


def test_closing_twice(folder: Path, temporary: Path) -> None:
    source = open_source(files.notes(folder / "source.db"))
    source.close()
    source.close()
    assert list(temporary.iterdir()) == []


def test_the_copy_of_a_killed_process_goes_with_the_next(folder: Path, temporary: Path) -> None:
    path = files.notes(folder / "source.db")
    script = (
        "import os, signal, sys\n"
        "from apps.importer.source import open_source\n"
        "source = open_source(sys.argv[1])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TMPDIR": str(temporary)}
    assert (
        subprocess.run(
            [sys.executable, "-c", script, path], env=environment, cwd=files.ROOT, check=False
        ).returncode
        == -9
    )
    left = list(temporary.iterdir())
    assert [entry.name.startswith(PREFIX) for entry in left] == [True]
    with open_source(path):
        there = set(temporary.iterdir())
        assert len(there) == 1
        assert not there & set(left)
        with open_source(path):
            assert there < set(temporary.iterdir())
