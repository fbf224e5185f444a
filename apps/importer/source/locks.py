"""SQLite's advisory locks on a file that is not opened with SQLite.

A shared lock, as any reader takes it, keeps writers off the main file while it is copied and fails while one
of them writes. The bytes are those that SQLite locks on Unix (os_unix.c). Nothing in the file changes. A
process that has the file open with SQLite as well loses that connection's locks when it closes the file here.
"""

import errno
import fcntl
import os
import struct

PENDING = 0x40000000
SHARED_FIRST = PENDING + 2
SHARED_SIZE = 510

_TYPES = {fcntl.LOCK_SH: fcntl.F_RDLCK, fcntl.LOCK_UN: fcntl.F_UNLCK}
_BUSY = {errno.EACCES, errno.EAGAIN}
_BY_DESCRIPTION: int | None = getattr(fcntl, "F_OFD_SETLK", None)


def lock_shared(descriptor: int) -> bool:
    """Take SQLite's SHARED lock on a file open for reading; False while a writer has it or waits for it.

    True as well where the file system knows no locks. The lock goes with the descriptor.
    """
    if not _lock(descriptor, fcntl.LOCK_SH, PENDING, 1):
        return False
    shared = _lock(descriptor, fcntl.LOCK_SH, SHARED_FIRST, SHARED_SIZE)
    _lock(descriptor, fcntl.LOCK_UN, PENDING, 1)
    return shared


def _lock(descriptor: int, kind: int, start: int, length: int) -> bool:
    """Lock for this open file where the system can: a process loses its locks with any descriptor it closes."""
    try:
        if _BY_DESCRIPTION is None:
            fcntl.lockf(descriptor, kind | fcntl.LOCK_NB, length, start)
        else:
            request = struct.pack("hhqqi4x", _TYPES[kind], os.SEEK_SET, start, length, 0)
            fcntl.fcntl(descriptor, _BY_DESCRIPTION, request)
    except OSError as error:
        return error.errno not in _BUSY
    return True
