"""Items handed from one thread to another, a few ahead of who takes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
PATIENCE = 0.05
"""Seconds after which a giver that finds no room looks whether anybody is there still."""


class Left(Exception):
    """Nobody takes the rest."""


class _End:
    """The end of the items, with the error that ended them, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Handover(Generic[T]):
    """Room for ``depth`` items between a thread that gives and one that takes: more would only cost memory.

    The giver calls ``run``; the taker iterates, and calls ``leave`` at its end, early or not.
    """

    def __init__(self, depth: int) -> None:
        self._ready: queue.Queue[T | _End] = queue.Queue(depth)
        self._left = threading.Event()

    def run(self, work: Callable[[], None]) -> None:
        """Do what ``put``s the items; its error comes up where its next item would, in the taker's thread."""
        end = _End()
        try:
            work()
        except Left:
            return
        except BaseException as error:
            end = _End(error)
        with suppress(Left):
            self._put(end)

    def put(self, item: T) -> None:
        """Hand an item on, when there is room; raises ``Left`` where nobody takes it."""
        self._put(item)

    def _put(self, item: T | _End) -> None:
        while not self._left.is_set():
            with suppress(queue.Full):
                self._ready.put(item, timeout=PATIENCE)
                return
        raise Left

    def __iter__(self) -> Iterator[T]:
        """Take the items one after another."""
        while not isinstance(item := self._ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    def leave(self) -> None:
        """Take no more."""
        self._left.set()
