"""File locks that the kernel keeps: they end with the last process that holds their descriptor.

A lock belongs to the open file, not to the process: a child that inherits the descriptor holds it too.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_file(path: Path) -> int:
    """Open a lock file, made when missing; as root it is given to the owner of its folder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        folder = os.stat(path.parent)
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def take_exclusive(descriptor: int) -> bool:
    """Take the lock alone, without waiting; False when another holds it in any way."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take_shared(descriptor: int) -> None:
    """Take the lock together with others; waits for one who holds it alone."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """Hold a lock alone, waiting for it; yields the descriptor for children that shall hold it as well."""
    descriptor = open_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock alone. Several may ask at once: asking takes it shared for a moment."""
    if not path.exists():
        return False
    descriptor = open_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holders(path: Path) -> set[int]:
    """Pids of the processes that took the lock, as far as the system tells (Linux)."""
    table = Path("/proc/locks")
    if not (table.exists() and path.exists()):
        return set()
    found = path.stat()
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    rows = [line.split() for line in table.read_text().splitlines()]
    return {int(row[4]) for row in rows if row[1] == "FLOCK" and row[5] == place}
