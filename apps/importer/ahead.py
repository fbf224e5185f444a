"""Reading ahead: the next batch is read and converted while PostgreSQL takes the present one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

from apps.core.handover import Handover

T = TypeVar("T")
DEPTH = 2
"""Batches that may lie ready."""
SWITCH_SECONDS = 0.0005
"""How long the reading thread may keep the interpreter while the other has PostgreSQL's answer: 5 ms by default."""


def ahead(items: Iterator[T]) -> Generator[T]:
    """Yield the items of an iterator that runs in a thread of its own, a little ahead.

    An error of the iterator comes up where its item would; when the caller leaves early, the thread ends.
    """
    handover: Handover[T] = Handover(DEPTH)

    def read() -> None:
        for item in items:
            handover.put(item)

    thread = threading.Thread(target=handover.run, args=(read,), name="reader", daemon=True)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    thread.start()
    try:
        yield from handover
    finally:
        handover.leave()
        thread.join()
        sys.setswitchinterval(interval)
