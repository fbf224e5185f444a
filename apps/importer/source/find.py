"""Which files of a folder are sources."""

from __future__ import annotations

import os
from pathlib import Path

from apps.importer.source.errors import Refused
from apps.importer.source.snapshot import COMPANIONS, MAGIC

SUFFIXES = (".db", ".db3", ".sqlite", ".sqlite3")


def find_sources(path: str | os.PathLike[str]) -> list[Path]:
    """Return the sources meant by a path: itself, or in a folder (not below it) every SQLite file, by name.

    In a folder a file counts by its first bytes, whatever it is called; and by its suffix, whatever is in it:
    an empty, damaged or encrypted one is to be refused aloud, not passed over. Refused ("not_a_file") for an
    unreadable folder.
    """
    path = Path(path)
    if not os.path.isdir(path):
        return [path]
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise Refused(
            "not_a_file",
            f"its folder cannot be listed ({error.strerror}); give this user the right to read it",
        ) from None
    companions = {name + suffix for name in names for suffix in (*COMPANIONS, "-shm")}
    return [path / name for name in names if name not in companions and _is_source(path / name)]


def _is_source(path: Path) -> bool:
    if os.path.isdir(path):
        return False
    return path.name.lower().endswith(SUFFIXES) or _begins_like_sqlite(path)


def _begins_like_sqlite(path: Path) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
