"""Commands in forks of a process that has everything imported and nothing begun: none pays for a start.

Run as ``python -m tests.kill.forks COMMAND ...`` it is that process: it makes the commands ready, then reads a
request from each line of its standard input (JSON: trace, step, command, errors), does it in a fork as the
``runner`` would, and answers with two lines: the fork's pid at its start, its exit code (as of ``Popen``) at its
end. It has no thread, no connection and no file of a source, and ends with its input.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import django
from django.core.management import get_commands, load_command_class

from tests.kill import runner

SEEDS = 2
"""Servers that take turns: a command finds what another seed of Python's hashes left, as in life."""
LIFE = 100
"""Forks after which a server gives way to a new one, with a new seed."""


class Fork:
    """A command in a fork, to be waited for and killed like a ``Popen``."""

    def __init__(self, server: Server, pid: int) -> None:
        self.server = server
        self.pid = pid
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit code, -9 where it was killed."""
        if self.returncode is None:
            self.returncode = self.server.answer(timeout)
        return self.returncode

    def kill(self) -> None:
        """Kill it, dead or alive."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class Server:
    """The process that forks, seen from outside; one fork at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.forks = 0
        self.last: Fork | None = None

    def fork(self, request: dict[str, Any]) -> Fork:
        """Start a command."""
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.forks += 1
        self.last = Fork(self, self.answer(None))
        return self.last

    def answer(self, timeout: float | None) -> int:
        """The number in its next line."""
        pipe = self.process.stdout
        if not select.select([pipe], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.process.args, timeout)
        line = pipe.readline()
        assert line, "the process that forks has ended"
        return int(line)

    def is_spent(self) -> bool:
        """Whether another one is to take its place."""
        return self.forks >= LIFE or self.process.poll() is not None

    def end(self) -> None:
        """End it, and a fork that still runs."""
        if self.last:
            self.last.kill()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Forks:
    """The servers of one ground, started when they are needed."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.start = start
        self.servers: deque[Server] = deque()

    def fork(self, **request: Any) -> Fork:
        """Start a command on the server whose turn it is."""
        if len(self.servers) == SEEDS and self.servers[0].is_spent():
            self.servers.popleft().end()
        if len(self.servers) < SEEDS:
            self.servers.appendleft(Server(self.start()))
        server = self.servers[0]
        self.servers.rotate(-1)
        return server.fork(request)

    def end(self) -> None:
        """End all servers."""
        while self.servers:
            self.servers.pop().end()


def make_ready(names: list[str]) -> None:
    """Import what the commands need, and do what they do before they ask PostgreSQL anything."""
    runner.count_on_connections()
    django.setup()
    for name in names:
        command = load_command_class(get_commands()[name], name)
        command.check(tags=command.requires_system_checks)
    gc.freeze()  # the collector of a fork would copy all of it by touching it


def redirect(errors: str) -> None:
    """Take the streams that the ground gives a command: nothing, but for a file of errors."""
    nothing = os.open(os.devnull, os.O_RDWR)
    file = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number, stream in enumerate((nothing, nothing, file)):
        os.dup2(stream, number)
    os.close(nothing)
    os.close(file)


def serve() -> int:
    """Fork for each request; in a fork, run its command and end as any process does."""
    on_interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, on_interrupt)
            redirect(request["errors"])
            return runner.run(request["trace"], request["step"], request["command"])
        answer(pid)
        answer(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    return 0


def answer(number: int) -> None:
    """Tell who asked a number."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    make_ready(sys.argv[1:])
    sys.exit(serve())
