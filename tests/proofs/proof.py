"""What a proof is, and what proofs share: Django on a ground of theirs, an import within this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.bench import measure
from tests.kill.ground import FINE, Ground


@dataclass
class Proof:
    """What came of a proof: its figures in words, and whatever was not as it is to be."""

    figures: str = ""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ran:
    """A command that was run by itself: exit code (-1: given up), what it said, peak MB, seconds, its report."""

    code: int
    said: str
    peak: float
    seconds: float
    report: dict[str, Any]


@dataclass(frozen=True)
class Commands:
    """Runs ``manage.py`` as a process of its own, with an eye on its time and memory."""

    environment: dict[str, str]
    folder: Path

    def run(self, *arguments: object, limit: float = 120) -> Ran:
        """Run a command that writes a report."""
        return self._run([str(settings.BASE_DIR / "manage.py"), *map(str, arguments)], limit)

    def step(self, number: int, *arguments: object, limit: float = 120) -> Ran:
        """Run a command that kills itself at a step; 0 for one that counts its steps."""
        runner = ["-m", "tests.kill.runner", str(self.folder / "trace"), str(number)]
        return self._run([*runner, *map(str, arguments)], limit)

    def steps(self) -> list[str]:
        """The steps that the last command of ``step`` took."""
        return (self.folder / "trace").read_text().splitlines()

    def _run(self, arguments: list[str], limit: float) -> Ran:
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, *arguments, "--report", str(report)]
        measured = measure.run(command, self.environment, self.folder, limit, lambda: 0.0)
        said = (self.folder / "log").read_text(errors="replace")
        found = json.loads(report.read_text()) if report.exists() else {}
        return Ran(measured.code, said, measured.peak, measured.seconds, found)


@contextmanager
def django_on(place: Ground) -> Iterator[None]:
    """Let Django's connection of this process be to the database of a ground."""
    before = settings.EMBEDDED_PG_DATA
    _point_to(str(place.home))
    try:
        yield
    finally:
        _point_to(before)


def _point_to(home: str) -> None:
    connection.close()
    settings.EMBEDDED_PG_DATA = home


def imported(*paths: Path, **options: object) -> int:
    """Import files within this process; the exit code of an import that came to its end."""
    try:
        call_command("import_sqlite", *map(str, paths), verbosity=0, **options)
    except SystemExit as end:
        if end.code not in FINE:
            raise
        return int(end.code or 0)
    return 0
