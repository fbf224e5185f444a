"""Ctrl-C and SIGTERM, kept in mind.

A signal's handler raises wherever Python happens to be, and sqlite3 swallows what is raised in a callback of
its own: an authorizer then denies, a text does not decode, and the file looks damaged. So whoever reads says
``heeding``, and what looks like damage is first asked whether it was a person.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_asked: list[BaseException] = []


def asked() -> BaseException | None:
    """Return what a signal raised since ``heeding`` began, if one came."""
    return _asked[0] if _asked else None


def check() -> None:
    """Raise what a signal raised, should it have been swallowed."""
    if _asked:
        raise _asked[0]


@contextmanager
def heeding() -> Iterator[None]:
    """Keep in mind what signals raise; of use in the main thread, where handlers run, and once at a time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked.clear()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    callable_ones = {number: handler for number, handler in before.items() if callable(handler)}
    for number, handler in callable_ones.items():
        signal.signal(number, _keeping(handler))
    try:
        yield
    finally:
        for number, handler in callable_ones.items():
            signal.signal(number, handler)
        _asked.clear()


def _keeping(handler: Any) -> Any:
    def handle(number: int, frame: Any) -> None:
        try:
            handler(number, frame)
        except BaseException as error:
            _asked.append(error)
            raise

    return handle
