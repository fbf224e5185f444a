"""Processes forked from this one that share a list of tasks; they begin with all that it has in memory.

Knows nothing of imports. A worker never outlives its parent, and leaves what it inherited to it: on PostgreSQL
it opens a session of its own, and it ends without what a process does at its exit.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from apps.importer import session

MOST_TASKS = 1000
"""More of their numbers may not fit a pipe at once."""
NUMBER = struct.Struct("H")
STOPPING = (signal.SIGINT, signal.SIGTERM)
PR_SET_PDEATHSIG, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = 1, -1, -3
KEPT_BYTES, MAPPED_BYTES = 64 * 2**20, 32 * 2**20
ALLOCATED = 50_000
"""Objects between two looks of the collector: a batch has a thousand tuples, none of them in a cycle."""


class WorkerLost(Exception):
    """A worker was killed, or ended without a word; the message says what happened."""

    def __init__(self, code: int) -> None:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"a process of this command {how}, perhaps for want of memory")


class Worker:
    """What a worker has: the numbers of its tasks, and who hears of them."""

    def __init__(self, tasks: int, speech: Connection, leave: mmap.mmap, parent: int) -> None:
        self._tasks = tasks
        self._speech = speech
        self._leave = leave
        self._parent = parent

    def tasks(self) -> Iterator[int]:
        """Take the numbers of tasks that no other worker takes, until there is none or the parent wants no more."""
        while not self.is_over() and (number := os.read(self._tasks, NUMBER.size)):
            yield NUMBER.unpack(number)[0]

    def tell(self, message: Any) -> None:
        """Tell the parent something."""
        self._speech.send(message)

    def is_over(self) -> bool:
        """Whether the parent wants no more, or is gone."""
        return self._leave[0] != 0 or os.getppid() != self._parent


class Workers:
    """The workers of one list of tasks, given by their number, seen from their parent."""

    def __init__(self, work: Callable[[Worker], None], tasks: int) -> None:
        if tasks > MOST_TASKS:
            raise ValueError(f"{tasks} tasks are too many to be handed out")
        self._work = work
        self._tasks, giving = os.pipe()
        os.write(giving, b"".join(map(NUMBER.pack, range(tasks))))
        os.close(giving)
        self._leave = mmap.mmap(-1, 1)
        self._living: dict[Connection, int] = {}
        self.started = 0

    def start(self) -> None:
        """Fork one worker more."""
        hearing, speech = Pipe(duplex=False)
        parent = os.getpid()
        # what a signal raises within fork is printed and lost
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_one(hearing, speech, parent)
            speech.close()
            self._living[hearing] = pid
            self.started += 1
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    def told(self) -> Generator[Any]:
        """Give what the workers tell until all of them have ended; raises the error that ended one of them."""
        while self._living:
            ready = wait(list(self._living))
            for hearing in [one for one in self._living if one in ready]:
                try:
                    message = hearing.recv()
                except EOFError:
                    if code := self._bury(hearing):
                        raise WorkerLost(code) from None
                    continue
                if isinstance(message, _Failed):
                    raise message.error from message.cause
                yield message

    def _bury(self, hearing: Connection) -> int:
        """Wait for the end of a worker that says no more; its exit code, as of ``Popen``."""
        pid = self._living.pop(hearing)
        hearing.close()
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def end(self) -> None:
        """Have the workers finish what they are at, and wait for them."""
        self._leave[0] = 1
        for hearing in list(self._living):
            with suppress(EOFError):
                while True:  # a full pipe would hold the worker
                    hearing.recv()
            self._bury(hearing)
        if self._tasks >= 0:
            os.close(self._tasks)
            self._tasks = -1

    # -- in the worker

    def _be_one(self, hearing: Connection, speech: Connection, parent: int) -> None:
        """Be a worker, to the end of this process."""
        code = 1
        try:
            for number in STOPPING:  # the parent says when to stop
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            for inherited in (hearing, *self._living):
                inherited.close()
            if sys.platform == "linux":
                _settle_in()
            if os.getppid() != parent:
                os._exit(1)
            gc.freeze()  # the collector would copy all that was inherited by touching it
            gc.set_threshold(ALLOCATED)
            session.inherit_none()
            try:
                self._work(Worker(self._tasks, speech, self._leave, parent))
            except BaseException as error:
                speech.send(_Failed(error))
            code = 0
        finally:
            os._exit(code)


class _Failed:
    """An error on its way from a worker to its parent, with its cause, by which the errors of PostgreSQL are known."""

    def __init__(self, error: BaseException) -> None:
        self.error = _sendable(error)
        self.cause = error.__cause__ and _sendable(error.__cause__)


def _sendable(error: BaseException) -> BaseException:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (its own)
    except Exception:  # whatever an error holds
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _settle_in() -> None:
    """Have the kernel kill this process when its parent dies, and keep the memory that a batch took for the next.

    Elsewhere a worker sees between batches that its parent is gone, and malloc has rules of its own.
    """
    import ctypes  # nobody else needs it

    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if hasattr(libc, "mallopt"):  # glibc's: else each batch would unmap megabytes and have them cleared again
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)
