"""A PostgreSQL that is not the embedded one: reached over TCP, with a password, made for a test run."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from apps.embedded_pg.account import account_for
from apps.embedded_pg.creation import Layout, initdb, prepare
from apps.embedded_pg.layout import binary
from apps.embedded_pg.postmaster import run_as

PASSWORD = "p@ss:w/rd #1"
"""With characters that a URL has to write otherwise."""


@dataclass(frozen=True)
class Server:
    """Where a server listens."""

    port: int
    user: str = "rehome"
    password: str = PASSWORD

    def url(self, database: str = "postgres", **changes: str) -> str:
        """A DATABASE_URL; ``changes`` are user, password, port, options, host."""
        user, password = changes.get("user", self.user), changes.get("password", self.password)
        host, port = changes.get("host", "127.0.0.1"), changes.get("port", str(self.port))
        options = f"?options={quote(changes['options'])}" if "options" in changes else ""
        return f"postgres://{user}:{quote(password, safe='')}@{host}:{port}/{database}{options}"

    def run(self, *statements: str) -> None:
        """Run statements in the database ``postgres``."""
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=self.user, password=self.password, dbname="postgres"
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()


@contextmanager
def tcp_server() -> Iterator[Server]:
    """A server with a password on a free port of this machine, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rehome-tcp-"))
    folder.chmod(0o755)
    home = folder / "home"
    account = account_for(home)
    prepare(Layout(home), account)
    word = home / "password"
    word.write_text(PASSWORD)
    os.chown(word, account.uid, account.gid)
    command = [part for part in initdb(home / "data") if part != "--auth=trust"]
    secret = ["--auth=scram-sha-256", f"--pwfile={word}", "--no-sync"]
    run_as(account, [*command, *secret], cwd=home, stdout=subprocess.DEVNULL)
    server = Server(free_port())
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", f"unix_socket_directories={home}"]
    start = [binary("postgres"), "-D", home / "data", "-p", str(server.port), *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            start, cwd=home, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **account.popen_options()
        )
    try:
        wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: Server) -> None:
    """Wait until the server lets somebody in."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return server.run("SELECT 1")
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
