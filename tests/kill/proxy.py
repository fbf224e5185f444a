"""A Unix socket between a command and PostgreSQL that cuts the line when a certain COMMIT goes by."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from apps.embedded_pg.layout import PORT

COMMIT = b"COMMIT"


class Cut(Enum):
    """When the line is cut."""

    BEFORE = "before the server has the COMMIT"
    WITHIN = "as soon as it was sent on"
    AFTER = "after the server has answered, before the answer is passed on"


class Line:
    """One client's connection through the proxy."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(str(proxy.upstream))
        self.silent = False
        """Whether answers are kept back."""
        self.answered = threading.Event()

    def start(self) -> None:
        for work in (self.to_server, self.to_client):
            threading.Thread(target=work, daemon=True).start()

    def to_server(self) -> None:
        """Pass on message by message, with an eye on COMMITs."""
        with contextlib.suppress(OSError, struct.error), self.client.makefile("rb") as stream:
            (size,) = struct.unpack("!i", stream.read(4))
            self.server.sendall(struct.pack("!i", size) + stream.read(size - 4))
            while kind := stream.read(1):
                (size,) = struct.unpack("!i", stream.read(4))
                body = stream.read(size - 4)
                message = kind + struct.pack("!i", size) + body
                if kind == b"Q" and body.rstrip(b"\0") == COMMIT and self.proxy.is_due():
                    self._cut(message)
                    return
                self.server.sendall(message)
        self.close()

    def _cut(self, message: bytes) -> None:
        if self.proxy.when is not Cut.BEFORE:
            self.silent = self.proxy.when is Cut.AFTER
            self.server.sendall(message)
        if self.silent:
            self.answered.wait(30)
        self.close()

    def to_client(self) -> None:
        """Pass answers back; while they are kept back, the first one ends the wait for it."""
        with contextlib.suppress(OSError):
            while data := self.server.recv(1 << 16):
                if self.silent:
                    self.answered.set()
                else:
                    self.client.sendall(data)
        self.close()

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Listens in a folder for clients of the server whose socket is ``upstream``; cuts the COMMIT number ``due``.

    Counted over all its lines; with 0 it only counts.
    """

    def __init__(self, folder: Path, upstream: Path, due: int = 0, when: Cut = Cut.BEFORE) -> None:
        self.folder = folder
        self.upstream = upstream
        self.due = due
        self.when = when
        self.commits = 0
        self.mutex = threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX)

    @property
    def was_cut(self) -> bool:
        """Whether the COMMIT came by."""
        return 0 < self.due <= self.commits

    def is_due(self) -> bool:
        """Count a COMMIT and tell whether it is the one."""
        with self.mutex:
            self.commits += 1
            return self.commits == self.due

    def url(self, user: str, database: str) -> str:
        """The DATABASE_URL through this proxy."""
        return f"postgres://{user}@/{database}?host={self.folder}&port={PORT}"

    def serve(self) -> None:
        """Take clients until the socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                Line(self, client).start()

    @contextlib.contextmanager
    def listening(self) -> Iterator[Proxy]:
        """Listen for as long as the context lasts."""
        self.folder.mkdir(exist_ok=True)
        name = self.folder / f".s.PGSQL.{PORT}"
        name.unlink(missing_ok=True)
        self.socket.bind(str(name))
        self.socket.listen()
        thread = threading.Thread(target=self.serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            thread.join(5)
