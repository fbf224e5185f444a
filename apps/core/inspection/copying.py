"""What PostgreSQL copies out for a query, while it copies: a thread reads, a little ahead of whoever takes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from apps.core.handover import Handover

BLOCK = 1 << 18
"""Bytes after which a block is handed on."""
READY = 4
"""Blocks that may lie ready."""
ESCAPED = {b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t", b"\\b": b"\b", b"\\f": b"\f", b"\\v": b"\v"}
"""What COPY's text format writes for characters that would end a field or a line."""


class Sink:
    """The file that COPY writes to, one line a call; blocks of lines are handed on."""

    def __init__(self, blocks: Handover[bytes]) -> None:
        self._blocks = blocks
        self._lines: list[bytes] = []
        self._size = 0

    def write(self, line: bytes) -> None:
        """Take one line, with its end."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Hand on the lines so far."""
        lines, self._lines, self._size = self._lines, [], 0
        if lines:
            self._blocks.put(b"".join(lines))


def copied(query: str, parameters: Sequence[Any], end: bytes) -> Iterator[bytes]:
    """Yield the texts of a query's only column, each with a line end, in blocks.

    The connection is the thread's that takes them, and busy until the last block is taken; when it leaves
    early, the query is cancelled. An error of PostgreSQL comes out as Django's.
    """
    blocks: Handover[bytes] = Handover(READY)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        statement = f"COPY ({raw.mogrify(query, tuple(parameters)).decode()}) TO STDOUT"

        def read() -> None:
            sink = Sink(blocks)
            raw.copy_expert(statement, sink)
            sink.flush()

        thread = threading.Thread(target=blocks.run, args=(read,), name="copy", daemon=True)
        thread.start()
        try:
            for block in blocks:
                yield _plain(block, end)
        finally:
            blocks.leave()
            if thread.is_alive():
                raw.connection.cancel()
            thread.join()


def _plain(block: bytes, end: bytes) -> bytes:
    """Undo the escapes of COPY's text format in a column of lines."""
    if end != b"\n":
        block = block.replace(b"\n", end)
    if b"\\" not in block:
        return block
    parts = block.split(b"\\\\")
    for escape, character in ESCAPED.items():
        parts = [part.replace(escape, character) for part in parts]
    return b"\\".join(parts)
