"""The server process: is it there, does it answer, start it, stop it.

Whether a server lives is asked of the kernel, never of ``postmaster.pid``: the server and all its children
hold a file lock. The pid in that file may be stale, cut short or by now another program's; it is used only to
send a signal, and only after the process has shown that it works in the data folder.

All functions that change something expect the caller to hold the gate (``cluster.py``).
"""

import os
import re
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from apps.embedded_pg import locks
from apps.embedded_pg.account import Account
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.layout import PORT, Layout, binary

PROC = Path("/proc")
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""First message of a client that would like to encrypt; every server that works answers it with one byte."""
ANSWER_WITHIN = 1.0
"""Seconds."""
END_WITHIN = 3.0
"""Seconds that a process has to end after a signal, before it gets a stronger one."""
LARGEST_LOG = 10 * 1024 * 1024
LAUNCHER = '"$@" >>"$0" 2>&1 </dev/null &'
"""Shell: run the other arguments in the background, so that nobody's child is left as a zombie."""
PARAMETERS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    # /dev/shm is 64 MiB in many containers, too little for a parallel index build
    "dynamic_shared_memory_type": "mmap",
    "logging_collector": "off",
}
"""What holds at each start, whatever postgresql.conf says."""


class State(Enum):
    """What can be said of the server from outside."""

    STOPPED = "stopped"
    UNKNOWN = "alive, but its pid is not known"
    ORPHANED = "dead, but children of it live"
    BUSY = "starting or stopping"
    SILENT = "alive, but not answering"
    READY = "ready"


@dataclass(frozen=True)
class PidFile:
    """The lines of ``postmaster.pid`` that matter."""

    pid: int
    socket_folder: Path
    status: str


def read_pid_file(layout: Layout) -> PidFile | None:
    """What the server wrote about itself; None when that is missing or incomplete."""
    try:
        lines = os.fsdecode(layout.pid_file.read_bytes()).splitlines()
        return PidFile(int(lines[0]), Path(lines[4]), lines[7].strip())
    except (FileNotFoundError, IndexError, ValueError):
        return None


def observe(layout: Layout) -> State:
    """The state of the server now."""
    if not locks.is_held(layout.server):
        return State.STOPPED
    note = read_pid_file(layout)
    if note is None:
        return State.UNKNOWN
    if not works_in(note.pid, layout.data):
        return State.ORPHANED
    if note.status not in ("ready", "standby"):
        return State.BUSY
    return State.READY if answers(note.socket_folder) else State.SILENT


def works_in(pid: int, folder: Path) -> bool:
    """Whether a process lives (a zombie does not), is a PostgreSQL and has the folder as its working directory."""
    if not PROC.exists():
        return _exists(pid)
    process = PROC / str(pid)
    try:
        return (process / "cwd").samefile(folder) and (process / "comm").read_text() == "postgres\n"
    except OSError:  # gone, a zombie, or of a user whose processes are not ours to see
        return False


def workers(folder: Path) -> Iterator[int]:
    """The pids of all PostgreSQL processes that work in the folder."""
    if not PROC.exists():
        return
    for entry in PROC.iterdir():
        if entry.name.isdigit() and works_in(int(entry.name), folder):
            yield int(entry.name)


def answers(socket_folder: Path) -> bool:
    """Whether a server answers on the socket: accepting alone is no sign of life."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_WITHIN)
        try:
            client.connect(os.fsencode(socket_folder / f".s.PGSQL.{PORT}"))
            client.sendall(SSL_REQUEST)
            return client.recv(1) in (b"N", b"S")
        except OSError:
            return False


def launch(layout: Layout, account: Account) -> None:
    """Start the server and return at once; the server lock passes to it."""
    _check_version(layout)
    _sweep(layout)
    _rotate(layout.log)
    _make_socket_folder(layout.socket_folder, account)
    folder = str(layout.socket_folder).replace('"', '""')
    parameters = {**PARAMETERS, "unix_socket_directories": f'"{folder}"'}
    settings = [word for name, value in parameters.items() for word in ("-c", f"{name}={value}")]
    lock = locks.open_file(layout.server)
    try:
        _take(lock, layout)
        command: list[str | Path] = [
            "/bin/sh",
            "-c",
            LAUNCHER,
            layout.log,
            binary("postgres"),
            "-D",
            layout.data,
            *settings,
        ]
        run_as(account, command, cwd=layout.home, start_new_session=True, pass_fds=(lock,))
    finally:
        os.close(lock)


def _take(lock: int, layout: Layout) -> None:
    """Take the server lock, which somebody who asks for its state may hold for a moment."""
    deadline = time.monotonic() + END_WITHIN
    while not locks.take_exclusive(lock):
        if time.monotonic() > deadline:
            raise _held_elsewhere(layout)
        time.sleep(0.001)


def run_as(
    account: Account, command: list[str | Path], **options: object
) -> subprocess.CompletedProcess[bytes]:
    """Run a program as the account, in an environment that nobody's PG variables or language reach."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    arguments: dict[str, object] = {"env": environment, "umask": 0o077, **account.popen_options(), **options}
    return subprocess.run(command, check=True, **arguments)  # type: ignore[call-overload, no-any-return]


def stop(layout: Layout, patience: float = 60.0) -> None:
    """Shut the server down and wait until it is gone.

    Sessions are ended at once; a server that takes longer than ``patience`` seconds to write what it has in
    memory is told to leave without (it recovers at its next start).
    """
    note = read_pid_file(layout)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        for pid in _receivers(layout, number):
            _send(pid, number)
        if _gone(layout, patience if number == signal.SIGINT else END_WITHIN):
            _remove_socket_folder(layout, note)
            return
    raise _held_elsewhere(layout)


def clear(layout: Layout) -> None:
    """End what is left of a server that died."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in list(workers(layout.data)):
            _send(pid, number)
        if _gone(layout, END_WITHIN):
            return
    raise _held_elsewhere(layout)


def failure(layout: Layout, since: int) -> ClusterError:
    """Why the server did not start, from what it wrote to its log after a position in bytes."""
    with layout.log.open("rb") as log:
        log.seek(since)
        messages = [_message(line) for line in log.read().decode(errors="replace").splitlines()]
    reason = ": ".join(messages[-2:]) or "it wrote nothing"
    return ClusterError(f"The embedded PostgreSQL does not start: {reason} (its log: {layout.log}).")


def _message(line: str) -> str:
    """A line of the log without time, process and level."""
    return re.sub(r"^.*? (?:LOG|WARNING|HINT|DETAIL|FATAL|PANIC): +", "", line)


def _held_elsewhere(layout: Layout) -> ClusterError:
    return ClusterError(
        f"A process that cannot be seen from here (in another container?) holds {layout.home}: stop it there."
    )


def _receivers(layout: Layout, number: int) -> list[int]:
    """Who is to get a signal: the server alone, or, once that did not help, all that works in its folder."""
    note = read_pid_file(layout)
    if number == signal.SIGINT and note and works_in(note.pid, layout.data):
        return [note.pid]
    return list(workers(layout.data))


def _gone(layout: Layout, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while locks.is_held(layout.server):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sweep(layout: Layout) -> None:
    """Remove what a dead server left: its pid file and its socket with the lock beside it."""
    name = f".s.PGSQL.{PORT}"
    for path in (layout.pid_file, layout.socket_folder / name, layout.socket_folder / f"{name}.lock"):
        path.unlink(missing_ok=True)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def _check_version(layout: Layout) -> None:
    version = (layout.data / "PG_VERSION").read_text().strip()
    if not binary("postgres").parent.parent.name.endswith(version):
        raise ClusterError(
            f"{layout.data} was made by PostgreSQL {version}, which these binaries cannot read: dump it with "
            "that version, or delete the folder to begin anew."
        )


def _remove_socket_folder(layout: Layout, note: PidFile | None) -> None:
    if note and note.socket_folder != layout.home:
        with suppress(OSError):  # gone already, or not empty: somebody else's
            note.socket_folder.rmdir()


def _make_socket_folder(folder: Path, account: Account) -> None:
    """Make a socket folder outside the home private; one that somebody else laid there is refused."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if found.st_uid != account.uid or found.st_mode & 0o077:
        raise ClusterError(
            f"{folder}, the folder of the PostgreSQL socket, is not private to user {account.name}: "
            "remove it, or set EMBEDDED_PG_DATA to a shorter path."
        )
