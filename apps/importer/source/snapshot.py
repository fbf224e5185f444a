"""A consistent private copy of a source file with its write-ahead log and rollback journal.

The original is read like any file, never opened with SQLite: so nothing beside it appears, changes or goes. A
shared lock keeps writers off while it is copied. In write-ahead mode they go on writing; there the copy
counts as consistent when the log was not started anew meanwhile: all that a checkpoint moved is then in the
copied log as well.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from apps.importer.source.background import in_background
from apps.importer.source.errors import Refused
from apps.importer.source.journal import settle_journal
from apps.importer.source.locks import lock_shared
from apps.importer.source.scratch import Scratch, make_scratch

MAGIC = b"SQLite format 3\0"
HEADER_SIZE = 100
COMPANIONS = ("-wal", "-journal")
PAUSE = 0.05
PAUSE_OF_READER = 0.002
CHUNK = 64 * 2**20
BLOCK = 2**20
WORTH_WAITING = 16 * 2**20
"""Bytes of a main file above which it is hashed while it is checked."""
_NO_KERNEL_COPY = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}


@dataclass(frozen=True)
class Snapshot:
    """A copied main file, its bytes and those of all parts, and the SHA-256 of each part that has content."""

    scratch: Scratch
    digests: dict[Path, Future[str]]
    path: Path
    size: int
    total: int

    @property
    def sha256(self) -> str:
        """The SHA-256 of the main file."""
        return self.digests[self.path].result()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all parts that have content."""
        whole = hashlib.sha256()
        for part, digest in self.digests.items():
            whole.update(f"{part.name} {digest.result()}\n".encode())
        return whole.hexdigest()

    def remove(self) -> None:
        """Delete the copy."""
        self.scratch.remove()


def check_file(path: Path) -> None:
    """Refuse at once what is no readable, regular file with a SQLite header; never block on a pipe."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise Refused("not_a_file", f"it cannot be found ({_why(error)}); check the path") from None
    if not stat.S_ISREG(found.st_mode):
        raise Refused("not_a_file", f"it is {_kind(found.st_mode)}; name a SQLite file")
    if found.st_size == 0:
        raise Refused("empty_file", "it has no content at all; take the file from a backup or leave it out")
    _check_header(_read_header(path))


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _read_header(path: Path) -> bytes:
    try:
        descriptor = _open(path)
        with open(descriptor, "rb") as file:
            return file.read(HEADER_SIZE)
    except OSError as error:
        raise Refused(
            "not_a_file", f"it cannot be read ({_why(error)}); give this user the right to read it"
        ) from None


def _open(path: Path) -> int:
    """Open a regular file for reading, not waiting for anyone should it have become a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file")
    return descriptor


def _check_header(header: bytes) -> None:
    if header[: len(MAGIC)] != MAGIC:
        raise Refused(
            "not_sqlite", "it does not begin like a SQLite file; if it is encrypted, decrypt it first"
        )
    if len(header) < HEADER_SIZE:
        raise Refused("corrupt", "it ends within its header; take the file from a backup")
    page_size = int.from_bytes(header[16:18], "big")
    if page_size != 1 and (page_size < 512 or page_size & (page_size - 1)):
        raise Refused("not_sqlite", f"its header gives an impossible page size, {page_size}; take a backup")


def take_snapshot(path: Path, wait: float) -> Snapshot:
    """Copy a source and its companions as of one moment, waiting up to `wait` seconds for writers to let it.

    Refused: "locked" when they do not, "no_space", or "not_a_file" when the file cannot be read.
    """
    main = Path(os.path.realpath(path))
    try:
        scratch = make_scratch(sum(_size(part) for part in _parts(main)))
        try:
            return _take(main, scratch, time.monotonic() + wait, wait)
        except BaseException:
            scratch.remove()
            raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused("no_space", "its private copy fills the disk; free some, or set TMPDIR") from None
        raise Refused(
            "not_a_file", f"it cannot be read or copied ({_why(error)}); check it and its folder"
        ) from None


def _parts(main: Path) -> list[Path]:
    return [main, *(main.with_name(main.name + suffix) for suffix in COMPANIONS)]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _take(main: Path, scratch: Scratch, until: float, wait: float) -> Snapshot:
    problem = "another program holds it for writing"
    while True:
        descriptor = _open(main)
        try:
            if lock_shared(descriptor):
                before = _state(descriptor, main)
                copies = _copy_parts(descriptor, main, scratch.path)
                if _state(descriptor, main) == before:
                    return _describe(scratch, copies)
                problem = "another program keeps changing it"
        finally:
            os.close(descriptor)
        if time.monotonic() >= until:
            raise Refused("locked", f"{problem}, for {wait:g} s now; stop that program or try again later")
        time.sleep(PAUSE)


def _state(descriptor: int, main: Path) -> tuple[Any, ...]:
    """Return what must be the same before and after a copy for it to be of one moment.

    With a write-ahead log that is which log it is, by file and header: the main file may change by
    checkpoints.
    """
    there = main.stat()
    log, journal = (_identity(part) for part in _parts(main)[1:])
    found = os.fstat(descriptor)
    content = log or (found.st_size, found.st_mtime_ns, os.pread(descriptor, HEADER_SIZE, 0))
    return (there.st_dev, there.st_ino, found.st_ino, content, journal and journal[0])


def _identity(part: Path) -> tuple[int, bytes] | None:
    """Return inode and header of a companion, None where there is none."""
    try:
        descriptor = _open(part)
    except FileNotFoundError:
        return None
    try:
        return os.fstat(descriptor).st_ino, os.pread(descriptor, 32, 0)
    finally:
        os.close(descriptor)


def _copy_parts(descriptor: int, main: Path, folder: Path) -> dict[Path, Future[str]]:
    """Copy the main file, then the log and the journal: this order is what makes a log complete.

    Returns the copies, each with its SHA-256.
    """
    copies = [folder / f"source{suffix}" for suffix in ("", *COMPANIONS)]
    for copy in copies:
        copy.unlink(missing_ok=True)
    os.lseek(descriptor, 0, os.SEEK_SET)
    found = {copies[0]: _copy(descriptor, copies[0])}
    for part, copy in zip(_parts(main)[1:], copies[1:], strict=True):
        try:
            companion = _open(part)
        except FileNotFoundError:
            continue
        try:
            found[copy] = _copy(companion, copy)
        finally:
            os.close(companion)
    return found


def _copy(source: int, copy: Path) -> Future[str]:
    target = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    is_whole = threading.Event()
    digest = in_background("hash", partial(_sha256, copy, is_whole))
    try:
        _copy_in_kernel(source, target)
        while block := os.read(source, BLOCK):  # what the kernel would not copy: usually nothing
            _write(target, block)
    finally:
        os.close(target)
        is_whole.set()
    return digest


def _copy_in_kernel(source: int, target: int) -> None:
    try:
        while os.copy_file_range(source, target, CHUNK):
            pass
    except OSError as error:
        if error.errno not in _NO_KERNEL_COPY:
            raise


def _write(target: int, block: bytes) -> None:
    while block:
        block = block[os.write(target, block) :]


def _describe(scratch: Scratch, copies: dict[Path, Future[str]]) -> Snapshot:
    """Describe a copy; a large main file that stands alone is still being hashed while SQLite checks it."""
    main, *companions = copies
    sizes = {copy: copy.stat().st_size for copy in copies}
    if companions or sizes[main] < WORTH_WAITING:
        wait(
            copies.values()
        )  # opening the copy may change it: what log or journal hold goes into the main file
    settle_journal(scratch.path / f"source{COMPANIONS[1]}")
    digests = {copy: digest for copy, digest in copies.items() if copy is main or sizes[copy]}
    return Snapshot(scratch, digests, main, sizes[main], sum(sizes.values()))


def _sha256(path: Path, is_whole: threading.Event) -> str:
    """Hash a file that grows until it is whole."""
    found, room = hashlib.sha256(), memoryview(bytearray(BLOCK))
    with open(path, "rb", buffering=0) as file:
        while True:
            was_whole = is_whole.is_set()  # asked before reading: nothing is written after
            if size := file.readinto(room):
                found.update(room[:size])
            elif was_whole:
                return found.hexdigest()
            else:
                is_whole.wait(PAUSE_OF_READER)
