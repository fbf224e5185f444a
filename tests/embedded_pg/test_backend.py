"""Django on the embedded PostgreSQL."""

import io
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from apps.embedded_pg import cluster as module
from apps.embedded_pg.backend.base import DatabaseWrapper
from apps.embedded_pg.layout import Layout
from apps.embedded_pg.postmaster import State, observe, read_pid_file
from tests.commands import manage


@pytest.fixture
def wrapper(home: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[DatabaseWrapper]:
    """A connection of Django to the cluster, not yet opened."""
    settings.EMBEDDED_PG_DATA = str(home)
    described = {"NAME": "rehome", "USER": "rehome", "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": {}}
    defaults = {
        "TIME_ZONE": None,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "AUTOCOMMIT": True,
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": None},
    }
    wrapper = DatabaseWrapper({**defaults, **described}, alias="default")
    wrapper.inc_thread_sharing()
    yield wrapper
    wrapper.close()
    module.current().leave()
    module.at.cache_clear()


def one(wrapper: DatabaseWrapper, statement: str) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    """These connections are the tests' own; the project's test database is not touched."""
    with django_db_blocker.unblock():
        yield


def test_connecting_starts_the_server(wrapper: DatabaseWrapper, home: Path) -> None:
    assert wrapper.vendor == "postgresql"
    assert observe(Layout(home)) is State.STOPPED
    assert one(wrapper, "SELECT current_database()") == "rehome"
    assert observe(Layout(home)) is State.READY


def test_variables_of_another_server_do_not_matter(
    wrapper: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere.invalid", "PGUSER": "x", "PGDATABASE": "y"}.items():
        monkeypatch.setenv(name, value)
    assert one(wrapper, "SELECT 1") == 1


def test_connecting_again_after_the_server_was_killed_starts_it_anew(
    wrapper: DatabaseWrapper, home: Path
) -> None:
    one(wrapper, "SELECT 1")
    note = read_pid_file(Layout(home))
    assert note is not None
    os.kill(note.pid, signal.SIGKILL)
    wrapper.close()
    assert one(wrapper, "SELECT 1") == 1


def test_connecting_waits_while_the_server_recovers_from_a_killed_session(wrapper: DatabaseWrapper) -> None:
    session = one(wrapper, "SELECT pg_backend_pid()")
    os.kill(session, signal.SIGKILL)
    wrapper.close()
    with suppress(ProcessLookupError):
        while True:  # a connection made before the server knows is closed when it does
            os.kill(session, 0)
            time.sleep(0.005)
    assert one(wrapper, "SELECT 1") == 1


def test_a_refusal_that_does_not_pass_is_not_waited_for(wrapper: DatabaseWrapper) -> None:
    wrapper.settings_dict["NAME"] = "elsewhere"
    with pytest.raises(OperationalError, match="does not exist"):
        wrapper.ensure_connection()


def test_dbshell_brings_its_own_psql(home: Path) -> None:
    run = manage("dbshell", "--", "-Atc", "SHOW data_directory", EMBEDDED_PG_DATA=str(home), PATH="/bin")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{home}/cluster\n", "")


def test_what_needs_no_database_starts_none(home: Path) -> None:
    code = "import json; from django.conf import settings; print(json.dumps(settings.EMBEDDED_PG_DATA))"
    run = manage("shell", "--no-imports", "-c", code, EMBEDDED_PG_DATA=str(home / "other"))
    assert json.loads(run.stdout) == str(home / "other")
    assert not (home / "other").exists()


def pg(*arguments: str) -> str:
    """Run ``pg`` in this process; what it prints."""
    output = io.StringIO()
    call_command("pg", *arguments, stdout=output)
    return output.getvalue()


def test_people_start_look_at_and_stop_it(
    wrapper: DatabaseWrapper, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "state   stopped" in pg("status")
    assert "until `manage.py pg stop`" in pg("start")
    module.current().leave()
    status = pg("status")
    assert "state   ready" in status
    assert "kept    yes, until pg stop" in status
    pg("psql", "--", "-Atc", "SELECT 6 * 7")
    assert capfd.readouterr().out == "42\n"
    module.current().leave()
    assert "ready to accept connections" in pg("log")
    assert pg("stop") == "PostgreSQL is stopped.\n"
    assert observe(Layout(home)) is State.STOPPED


def test_a_server_in_use_is_stopped_by_force_only(wrapper: DatabaseWrapper) -> None:
    one(wrapper, "SELECT 1")
    with pytest.raises(CommandError, match=f"Processes use it: {os.getpid()}"):
        pg("stop")
    pg("stop", "--force")
    wrapper.close()
    assert one(wrapper, "SELECT 1") == 1


def test_the_errors_of_psql_are_its_own(wrapper: DatabaseWrapper) -> None:
    with pytest.raises(CommandError, match="psql ended with 1"):
        pg("psql", "--", "-Atc", "SELEC")
