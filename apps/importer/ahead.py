"""Reading ahead: the next batch is read and converted while PostgreSQL takes the present one."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
DEPTH = 2
"""Batches that may lie ready; more would only cost memory."""
SWITCH_SECONDS = 0.0005
"""How long the reading thread may keep the interpreter while the other has PostgreSQL's answer: 5 ms by default."""


class _End(Generic[T]):
    """The end of the items, with the error that ended them, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterator[T]) -> Generator[T]:
    """Yield the items of an iterator that runs in a thread of its own, a little ahead.

    An error of the iterator comes up where its item would; when the caller leaves early, the thread ends.
    """
    ready: queue.Queue[T | _End[T]] = queue.Queue(DEPTH)
    left = threading.Event()
    thread = threading.Thread(target=_produce, args=(items, ready, left), name="reader", daemon=True)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        left.set()
        thread.join()
        sys.setswitchinterval(interval)


def _produce(items: Iterator[T], ready: queue.Queue[T | _End[T]], left: threading.Event) -> None:
    end: _End[T] = _End()
    try:
        for item in items:
            if not _put(item, ready, left):
                return
    except BaseException as error:  # comes up in the caller's thread
        end = _End(error)
    _put(end, ready, left)


def _put(item: T | _End[T], ready: queue.Queue[T | _End[T]], left: threading.Event) -> bool:
    while not left.is_set():
        try:
            ready.put(item, timeout=0.05)
            return True
        except queue.Full:
            continue
    return False
