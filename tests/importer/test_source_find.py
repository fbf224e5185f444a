"""Which files of a folder are sources."""

import os
from pathlib import Path

from apps.importer.source import find_sources
from tests.importer import files


def test_the_sources_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    files.with_log(tmp_path / "b.db", tmp_path / "folder.db")
    files.notes(tmp_path / "no suffix")
    files.notes(tmp_path / "a.backup")
    (tmp_path / "empty.sqlite3").touch()
    (tmp_path / "ENCRYPTED.DB").write_bytes(b"\x9a" * 4096)
    (tmp_path / "readme.txt").write_text("SQLite format 3 is meant")
    (tmp_path / "b.db-shm").write_bytes(b"\0" * 100)
    (tmp_path / "gone.db").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    names = [path.name for path in find_sources(tmp_path)]
    assert names == ["ENCRYPTED.DB", "a.backup", "b.db", "empty.sqlite3", "gone.db", "no suffix"]


def test_a_path_that_is_no_folder_stands_for_itself(tmp_path: Path) -> None:
    assert find_sources(str(tmp_path / "missing.db")) == [tmp_path / "missing.db"]
    assert find_sources(tmp_path) == []
