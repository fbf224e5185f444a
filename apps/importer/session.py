"""The one session of a run. Its locks hold the run and its source, and what it committed is known to be there.

Django opens a new session when the old one is gone, and goes on: with a run that nobody holds any more, and
whose last commits a crash of the server may have taken. So while a session is pinned, none follows it.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import OperationalError
from django.db.backends.signals import connection_created


class _Pins(threading.local):
    """What pins the session of a thread."""

    def __init__(self) -> None:
        self.reasons: set[str] = set()


_pins = _Pins()


def pin(reason: str) -> None:
    """From now on the session of this thread is the only one."""
    connection_created.connect(_refuse, dispatch_uid="importer.session")
    _pins.reasons.add(reason)


def unpin(reason: str) -> None:
    """Let go; once more does nothing."""
    _pins.reasons.discard(reason)


def _refuse(connection: Any, **kwargs: Any) -> None:
    if _pins.reasons:
        connection.close()
        raise OperationalError("server closed the connection that held the run")
