"""A run whose session is gone ends, and never goes on in another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, OperationalError, connection

from apps.importer import session
from apps.importer.load import Loader
from apps.importer.models import ImportRun
from apps.importer.sql import query
from apps.learners.models import User
from tests.importer.legacy import user, write
from tests.importer.test_import import load

pytestmark = pytest.mark.django_db(transaction=True)


def end_sessions() -> None:
    """End the server's processes of all connections to the test's database, from beside."""
    parameters = connection.get_connection_params()
    known = {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
    link = psycopg2.connect(**known)
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    link.close()


def test_a_pinned_session_is_the_only_one() -> None:
    with session.pinned():
        connection.close()
        with pytest.raises(OperationalError):
            query("SELECT 1")
    assert query("SELECT 1") == [(1,)]


def test_a_session_lost_behind_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL refuses a batch, and is gone before the batch is taken back."""
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(n) for n in range(1, 30)]})
    usual, calls = Loader.insert_passed, 0

    def refused(self: Loader, *given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            try:
                query("SELECT 1 / (SELECT count(*) FROM importer_importrun WHERE number = -1)")
            except Exception as error:
                end_sessions()
                raise IntegrityError("refused") from error.__cause__
        usual(self, *given)

    monkeypatch.setattr(Loader, "insert_passed", refused)
    with pytest.raises(OperationalError):
        load(path, batch=5)
    monkeypatch.setattr(Loader, "insert_passed", usual)
    assert ImportRun.objects.get().status == "running"
    load(path, batch=5)
    assert ImportRun.objects.get().resumed == 1
    assert User.objects.count() == 29
