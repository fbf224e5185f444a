"""Which files are refused, why, and how fast; nothing about them changes."""

import os
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from apps.importer.source import Refused, open_source
from tests.importer import files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a source, and another for private copies, which a refusal must leave empty."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    folder = tmp_path / "legacy"
    folder.mkdir()
    return folder


def refusal(path: Path, **options: float) -> Refused:
    """Open a file that must be refused, at once and in one line; nothing about it changes."""
    before = files.state(path.parent) if path.parent.is_dir() else {}
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        open_source(path, **options)  # type: ignore[arg-type]
    assert time.monotonic() - started < 5
    assert (files.state(path.parent) if path.parent.is_dir() else {}) == before
    assert caught.value.message.isprintable()
    assert os.listdir(tempfile.gettempdir()) == []
    return caught.value


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def bound_socket(path: Path) -> Path:
    os.chdir(path.parent)  # a socket's path is short
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(path.name)
    return path


def link(target: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.symlink_to(target)
        return path

    return make


def content(written: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(written)
        return path

    return make


def new_folder(path: Path) -> Path:
    path.mkdir()
    return path


REFUSED: list[tuple[str, str, Callable[[Path], Path]]] = [
    ("not_a_file", "missing", lambda path: path),
    ("not_a_file", "below a file", lambda path: files.notes(path) / "deeper"),
    ("not_a_file", "folder", new_folder),
    ("not_a_file", "pipe", pipe),
    ("not_a_file", "socket", bound_socket),
    ("not_a_file", "device", lambda path: Path("/dev/null")),
    ("not_a_file", "dangling link", link("nowhere")),
    ("not_a_file", "link to itself", link("source.db")),
    ("not_a_file", "NUL in the path", lambda path: Path(f"{path}\0")),
    ("empty_file", "empty", content(b"")),
    ("not_sqlite", "text", content(b"id,body\n1,note\n" * 50)),
    ("not_sqlite", "one byte", content(b"S")),
    ("not_sqlite", "encrypted", files.encrypted_looking),
    ("not_sqlite", "page size 0", lambda path: files.bad_page_size(path, 0)),
    ("not_sqlite", "page size 256", lambda path: files.bad_page_size(path, 256)),
    ("not_sqlite", "page size 4095", lambda path: files.bad_page_size(path, 4095)),
    ("corrupt", "header cut", content(b"SQLite format 3\0\x10\0")),
    ("corrupt", "cut in the middle", files.truncated),
    ("corrupt", "cut within a page", lambda path: files.truncated(path, 0.93)),
    ("corrupt", "malformed page", files.malformed_page),
    ("corrupt", "malformed schema", files.malformed_schema),
    (
        "corrupt",
        "schema of an index",
        lambda path: files.malformed_schema(path, "CREATE INDEX i ON notes (id)"),
    ),
    ("corrupt", "schema that is no SQL", lambda path: files.malformed_schema(path, "noise")),
    ("corrupt", "schema with a name that is no UTF-8", files.misspelt_name),
    (
        "corrupt",
        "entry under another name",
        lambda path: files.edited_schema(path, "name = 'x' WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "two entries of one name",
        lambda path: files.edited_schema(path, "name = 'NOTES' WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "entry of another kind",
        lambda path: files.edited_schema(path, "type = 'view' WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "entry of no kind",
        lambda path: files.edited_schema(path, "type = 'tablet' WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "entry without name",
        lambda path: files.edited_schema(path, "name = NULL WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "table without root",
        lambda path: files.edited_schema(path, "rootpage = 0 WHERE name = 'more'"),
    ),
    (
        "corrupt",
        "virtual with root",
        lambda path: files.edited_schema(path, "rootpage = 2 WHERE name = 'words'"),
    ),
    ("corrupt", "keys out of order", files.disordered),
]


@pytest.mark.parametrize(
    ("reason", "make"), [pytest.param(reason, make, id=name) for reason, name, make in REFUSED]
)
def test_refused(
    reason: str, make: Callable[[Path], Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert refusal(make(folder / "source.db")).reason == reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(folder: Path) -> None:
    path = files.notes(folder / "source.db")
    path.chmod(0)
    assert refusal(path).reason == "not_a_file"


def test_a_message_is_one_printable_line() -> None:
    shown = Refused("corrupt", "a\nb\x1b[31m\udcff" + "x" * 1000)
    assert shown.message.startswith(r"a\nb\x1b[31m\udcff")
    assert len(shown.message) < 400
    assert str(shown).startswith("corrupt: a")


def test_no_room_for_the_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.notes(folder / "source.db")
    monkeypatch.setattr("apps.importer.source.scratch.SPARE", 2**62)
    assert refusal(path).reason == "no_space"
