"""Work done by a thread meanwhile, whose result is asked for later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def in_background(name: str, work: Callable[[], Result]) -> Future[Result]:
    """Do work in a thread that does not keep the process alive; its error comes up where the result is asked for."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
