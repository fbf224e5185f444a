"""The one session of a run. Its locks hold the run and its source, and what it committed is known to be there.

Django opens a new session when the old one is gone, and goes on: with a run that nobody holds any more, and
whose last commits a crash of the server may have taken. So while a session is pinned, none follows it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection
from django.db.backends.signals import connection_created


class _Pins(threading.local):
    """How often the session of a thread is pinned."""

    def __init__(self) -> None:
        self.count = 0


_pins = _Pins()
_inherited: list[Any] = []
"""Sessions of a parent process, held so that nothing closes them."""


@contextmanager
def pinned() -> Iterator[None]:
    """Let the present session of this thread be the only one."""
    connection_created.connect(_refuse, dispatch_uid="importer.session")
    connection.ensure_connection()
    _pins.count += 1
    try:
        yield
    finally:
        _pins.count -= 1


@contextmanager
def of_worker() -> Iterator[None]:
    """Have one session for all that a forked process does; an error leaves it to the end of the process."""
    with pinned():
        yield
        connection.close()


def inherit_none() -> None:
    """In a forked process, leave the session of the thread to the parent: this one may open its own."""
    _pins.count = 0
    _inherited.append(connection.connection)
    connection.connection = None


def _refuse(connection: Any, **kwargs: Any) -> None:
    if _pins.count:
        connection.close()
        raise OperationalError("server closed the connection that held the run")
