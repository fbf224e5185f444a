"""Clusters in folders of their own, and processes that use them."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from apps.embedded_pg.cluster import Cluster

USER = """
import sys
from pathlib import Path
from apps.embedded_pg.cluster import Cluster
print(Cluster(Path(sys.argv[1])).ensure(), flush=True)
sys.stdin.read()
"""
"""A process that uses a cluster until its standard input ends."""


class Processes:
    """Processes that a test starts; none outlives it."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def python(self, code: str, *arguments: object) -> subprocess.Popen[str]:
        """Run Python code beside the project's modules."""
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def user(self, home: Path) -> subprocess.Popen[str]:
        """Start a user of the cluster and wait until it is served."""
        process = self.python(USER, home)
        assert process.stdout is not None
        assert process.stdout.readline(), process.communicate()[1]
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    """Let a user end in the ordinary way; what it wrote to standard error."""
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return errors


@pytest.fixture
def processes() -> Iterator[Processes]:
    found = Processes()
    yield found
    found.end()


@pytest.fixture(scope="session")
def prototype() -> Iterator[Path]:
    """The home of a cluster that was made and stopped, for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="rehome-test-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "home")
    cluster.ensure()
    cluster.leave()
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(prototype: Path) -> Iterator[Path]:
    """The home of a stopped cluster; stopped again at the end, whatever the test did to it."""
    yield prototype
    Cluster(prototype).stop()
