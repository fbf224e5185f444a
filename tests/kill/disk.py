"""A disk that fills up: a small file system in memory, which only root can make."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 2**20


def unavailable() -> str:
    """Why no file system can be made here; empty where it can."""
    if os.geteuid() != 0:
        return "not root: no small file system can be made, a full disk is left out"
    return ""


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes, gone afterwards."""
    folder.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", folder)
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder)


def resize(folder: Path, size: int) -> None:
    """Give a file system another size."""
    _run("mount", "-o", f"remount,size={size}", folder)


def fill(folder: Path, spare: int) -> Path:
    """Fill a file system but for so many bytes; the file that does it."""
    ballast = folder / "ballast"
    found = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, found.f_bavail * found.f_frsize - spare))
    return ballast


def used(folder: Path) -> int:
    """Bytes in use."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
