"""The sample files, each made once and read by all tests here."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from apps.samples.catalogue import SAMPLES, sample
from apps.samples.writer import write_sample
from tests.samples.reading import opened

ROWS = 120

Open = Callable[..., sqlite3.Connection]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every sample, and a folder `clean` in it with every sample without faults."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "clean").mkdir()
    for one in SAMPLES:
        write_sample(one, folder, ROWS)
        write_sample(one, folder / "clean", ROWS, clean=True)
    return folder


@pytest.fixture
def db(made: Path) -> Iterator[Open]:
    """Opens a sample of `made` for reading: `db("sparkle")`, `db("agentos", "stuck_v24", clean=True)`."""
    with ExitStack() as stack:

        def open_sample(system: str, variant: str = "standard", clean: bool = False) -> sqlite3.Connection:
            folder = made / "clean" if clean else made
            return stack.enter_context(opened(folder / sample(system, variant).filename))

        yield open_sample
