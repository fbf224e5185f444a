"""Private folders for the copies of source files.

The owner holds a lock on its folder; a folder of ours that nobody holds was left behind by a killed process, and
goes when the next one is made.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.importer.source.errors import Refused

PREFIX = "rehome-copy-"
SPARE = 64 * 2**20
"""Bytes that stay free beside a copy: recovery of a journal or a write-ahead log may need some."""


@dataclass(frozen=True)
class Scratch:
    """A private folder, held as long as its descriptor is open."""

    path: Path
    descriptor: int

    def remove(self) -> None:
        """Delete the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.descriptor)


def make_scratch(size: int) -> Scratch:
    """Make a private folder where `size` bytes have room; Refused ("no_space") where no folder has."""
    for parent in _parents():
        _sweep(parent)
        if shutil.disk_usage(parent).free >= size + SPARE:
            return _make(parent)
    places = ", ".join(map(str, _parents()))
    raise Refused(
        "no_space", f"its private copy needs {size + SPARE} bytes; free them in {places}, or set TMPDIR"
    )


def _parents() -> list[Path]:
    """The usual temporary folder, then the one that is never in memory."""
    return [path for path in dict.fromkeys([Path(tempfile.gettempdir()), Path("/var/tmp")]) if path.is_dir()]  # noqa: S108


def _make(parent: Path) -> Scratch:
    """Hold the folder before it gets the name by which sweeping finds it."""
    fresh = Path(tempfile.mkdtemp(prefix="rehome-new-", dir=parent))
    descriptor = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return Scratch(fresh.rename(parent / fresh.name.replace("rehome-new-", PREFIX)), descriptor)


def _sweep(parent: Path) -> None:
    for folder in _left_behind(parent):
        shutil.rmtree(folder, ignore_errors=True)


def _left_behind(parent: Path) -> Iterator[Path]:
    """Find folders of this user that no living process holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
        except OSError:
            continue
        finally:
            os.close(descriptor)
