"""The command line as a person meets it."""

import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests.commands import manage


@pytest.mark.parametrize("command", ["migrate", "check", "import_sqlite"])
@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://root:secret@127.0.0.1/shop"])
def test_another_database_is_refused_in_one_line(command: str, url: str) -> None:
    run = manage(command, DATABASE_URL=url)
    assert run.returncode == 5
    assert run.stdout == ""
    assert run.stderr.startswith(f"DATABASE_URL has {url.partition(':')[0]}, but only PostgreSQL")
    assert run.stderr.count("\n") == 1


def test_a_missing_key_is_told_in_one_line() -> None:
    run = manage("check", DATABASE_URL="postgres://a:b@127.0.0.1/c")
    assert run.returncode == 2
    assert run.stderr.startswith("DJANGO_SECRET_KEY is missing")
    assert run.stderr.count("\n") == 1


def test_help_needs_no_database() -> None:
    run = manage("help")
    assert run.returncode == 0
    assert "migrate" in run.stdout


def test_an_unknown_command_is_not_ours_to_explain() -> None:
    run = manage("nonsense")
    assert run.returncode == 1
    assert run.stderr.startswith("Unknown command: 'nonsense'")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_being_stopped_is_no_defect(number: int, code: int) -> None:
    program = "print('there', flush=True); import time; time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (code, "")


def test_a_reader_that_goes_is_no_defect() -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "manage.py", "help", "--commands"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 141
