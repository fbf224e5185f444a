"""Ctrl-C while SQLite calls back into Python, which swallows it: the import stops all the same, nothing is refused."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from apps.importer.models import ImportRun, RunFile
from apps.importer.source.guard import Guard
from apps.learners.models import User
from tests.importer.legacy import user, write
from tests.importer.test_import import load

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
def test_a_signal_in_a_callback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, part: float
) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(n) for n in range(1, 40)]})
    calls, due = 0, 0
    usual: Any = Guard.allow

    def counting(self: Guard, *given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == due:
            signal.raise_signal(signal.SIGINT)
        return usual(self, *given)

    monkeypatch.setattr(Guard, "allow", counting)
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored where tests run in the background
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    load(path, dry_run=True, batch=5)
    due, calls = max(1, int(part * calls)), 0
    with pytest.raises(KeyboardInterrupt):
        load(path, batch=5)
    assert ImportRun.objects.get().status == "interrupted"
    assert not RunFile.objects.filter(status="refused").exists()
    load(path, batch=5)
    assert ImportRun.objects.get().resumed == 1
    assert User.objects.count() == 39
