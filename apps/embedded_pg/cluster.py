"""Who uses the embedded PostgreSQL: the first user starts it, the last one stops it.

Users are counted by the kernel: each process shares a lock for as long as it lives, however it ends.
A process that is killed stops nothing, and the next one that ends finds itself the last.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from django.conf import settings

from apps.embedded_pg import creation, locks, postmaster
from apps.embedded_pg.account import account_for
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.layout import Layout
from apps.embedded_pg.postmaster import State

logger = logging.getLogger(__name__)

PATIENCE = {State.UNKNOWN: 5.0, State.ORPHANED: 0.0, State.SILENT: 30.0}
"""Seconds that a state may last before something is done; the others last as long as they need."""


@cache
def at(home: Path) -> "Cluster":
    """The cluster of a home folder: one object for each process."""
    return Cluster(home)


def current() -> "Cluster":
    """The cluster that the settings name."""
    return at(Path(settings.EMBEDDED_PG_DATA))


class Cluster:
    """One embedded PostgreSQL as seen by this process."""

    def __init__(self, home: Path) -> None:
        self.layout = Layout(home)
        self._mutex = threading.RLock()
        self._user: int | None = None
        self._socket_folder: Path | None = None
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._end)

    def ensure(self) -> Path:
        """Join the users, make and start the server when needed; the folder of its socket."""
        with self._mutex:
            return self._socket_folder or self.revive()

    def revive(self) -> Path:
        """As ensure(), for a server that may have died since this process joined."""
        with self._mutex:
            try:
                self._socket_folder = self._bring_up()
            except OSError as error:
                raise ClusterError(
                    f"The embedded PostgreSQL in {self.layout.home} cannot be used ({error}): set EMBEDDED_PG_DATA "
                    "to a folder on a disk of this machine, or DATABASE_URL to a PostgreSQL of your own."
                ) from error
            return self._socket_folder

    def leave(self) -> None:
        """No longer be a user; the last one stops the server, unless it is to be kept."""
        with self._mutex:
            if self._user is None:
                return
            descriptor, self._user, self._socket_folder = self._user, None, None
            try:
                with locks.exclusive(self.layout.gate):
                    if locks.take_exclusive(descriptor) and not self.layout.keep.exists():
                        postmaster.stop(self.layout)
            except FileNotFoundError:  # the home folder is gone, and with it what could be stopped
                pass
            finally:
                os.close(descriptor)

    def is_alive(self) -> bool:
        """Whether the server answers now."""
        return postmaster.observe(self.layout) is State.READY

    def keep_running(self) -> None:
        """Start the server and let it run when its last user goes."""
        self.ensure()
        os.close(locks.open_file(self.layout.keep))

    def stop(self) -> None:
        """Stop the server now, whoever uses it, and do not keep it any longer."""
        self.layout.keep.unlink(missing_ok=True)
        if not self.layout.home.exists():
            return
        with self._mutex, locks.exclusive(self.layout.gate):
            self._socket_folder = None
            if locks.is_held(self.layout.server):
                postmaster.stop(self.layout)

    def _bring_up(self) -> Path:
        account = account_for(self.layout.home)
        creation.prepare(self.layout, account)
        with locks.exclusive(self.layout.gate) as gate, self._joined():
            creation.create(self.layout, account, gate)
            _serve(self.layout, lambda: postmaster.launch(self.layout, account))
            note = postmaster.read_pid_file(self.layout)
        return note.socket_folder if note else self.layout.socket_folder

    def _end(self) -> None:
        """Leave at the end of the process; what goes wrong then can only be told."""
        try:
            self.leave()
        except (ClusterError, OSError) as error:
            logger.warning("%s", error)

    @contextmanager
    def _joined(self) -> Iterator[None]:
        """Be a user from now on, unless there turns out to be no server to use."""
        joined = self._user
        if joined is None:
            self._user = locks.open_file(self.layout.users)
            locks.take_shared(self._user)
        try:
            yield
        except (ClusterError, OSError):
            if joined is None and self._user is not None:
                os.close(self._user)
                self._user = None
            raise

    def _forget(self) -> None:
        """In a forked child: the lock is the parent's; the child joins for itself when it connects."""
        self._mutex = threading.RLock()
        descriptor, self._user, self._socket_folder = self._user, None, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _serve(layout: Layout, launch: Callable[[], None]) -> None:
    """Bring the server from whatever state it is in to answering."""
    launched, logged = False, 0
    state, since = State.STOPPED, time.monotonic()
    while (now := postmaster.observe(layout)) is not State.READY:
        if now is not state:
            state, since = now, time.monotonic()
        if now is State.STOPPED:
            if launched:
                raise postmaster.failure(layout, logged)
            logged = layout.log.stat().st_size if layout.log.exists() else 0
            launch()
            launched = True
        elif now in PATIENCE and time.monotonic() - since > PATIENCE[now]:
            _mend(layout, now)
        time.sleep(0.005)


def _mend(layout: Layout, state: State) -> None:
    if state is State.SILENT:
        raise ClusterError(
            f"The embedded PostgreSQL in {layout.home} does not answer: `manage.py pg stop --force` ends it "
            f"(its log: {layout.log})."
        )
    postmaster.clear(layout)
