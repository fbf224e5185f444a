"""The super-journal that a rollback journal may name, settled before SQLite sees the copy of the journal.

A transaction over several files ends each of their journals with the path of one super-journal. SQLite's
rule: while that exists, the transaction was not committed and is rolled back; once it is gone, it was, and
the journal counts for nothing. SQLite would also open, and at last delete, whatever file a forged journal
names; here it is only looked for.
"""

from __future__ import annotations

import os
from pathlib import Path

MAGIC = bytes.fromhex("d9d505f920a163d7")
LONGEST_NAME = 8192
MASK = 0xFFFFFFFF


def settle_journal(journal: Path) -> None:
    """Cut the name of a super-journal off a copied journal, or drop a journal that is committed."""
    name = _super_journal(_tail(journal)) if journal.exists() else None
    if name is None:
        return
    if os.path.lexists(name):
        os.truncate(journal, journal.stat().st_size - len(name) - 20)
    else:
        journal.unlink()


def _tail(journal: Path) -> bytes:
    with open(journal, "rb") as file:
        file.seek(max(0, journal.stat().st_size - LONGEST_NAME - 20))
        return file.read()


def _super_journal(tail: bytes) -> bytes | None:
    """Read the record at a journal's end: page number, name, its length and checksum, magic number."""
    length = int.from_bytes(tail[-16:-12], "big")
    if tail[-8:] != MAGIC or not 0 < length <= len(tail) - 20:
        return None
    name = tail[-16 - length : -16]
    checksums = {sum(name) & MASK, sum(byte - 256 if byte > 127 else byte for byte in name) & MASK}
    return name if int.from_bytes(tail[-12:-8], "big") in checksums and b"\0" not in name else None
