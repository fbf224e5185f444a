from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from apps.core.checks import database_is_no_embedded_one, database_is_usable, url_agrees_with_compose
from config import env
from tests.commands import manage
from tests.servers import Server

Use = Callable[[str], None]


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compose file is in use."""
    for name, value in {"USER": "sam", "PASSWORD": "p:w", "DB": "attic", "PORT": "5544"}.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)


@pytest.fixture
def use(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Lets the settings name a database; nobody connects to it."""

    def name(url: str) -> None:
        settings.EMBEDDED = not url
        monkeypatch.setitem(settings.DATABASES, "default", env.database(url))

    return name


@pytest.mark.django_db
def test_e002_is_silent_on_a_usable_database() -> None:
    assert database_is_usable(databases=["default"]) == []


def test_e002_is_silent_when_no_database_is_asked_for() -> None:
    assert database_is_usable(databases=None) == []


def test_e002_tells_why_a_database_cannot_be_used(tcp_server: Server) -> None:
    url = tcp_server.url(password="guess")
    run = manage("check", "--database", "default", DATABASE_URL=url, DJANGO_SECRET_KEY="for tests only")
    assert run.returncode == 1
    assert "(core.E002) PostgreSQL at 127.0.0.1" in run.stderr
    assert "refuses the password of user rehome" in run.stderr


@pytest.mark.parametrize(
    ("debug", "embedded", "found"), [(False, True, 1), (True, True, 0), (False, False, 0)]
)
def test_e003_is_about_production_only(settings: Any, debug: bool, embedded: bool, found: int) -> None:
    settings.DEBUG, settings.EMBEDDED = debug, embedded
    assert [problem.id for problem in database_is_no_embedded_one()] == ["core.E003"] * found


def test_nothing_is_said_while_the_compose_file_is_not_in_use(
    use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTGRES_PASSWORD", raising=False)
    for url in ("", "postgres://anyone:x@db.example/thing"):
        use(url)
        assert url_agrees_with_compose() == []


def test_nothing_is_said_without_a_compose_file(
    use: Use, settings: Any, composed: None, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path
    use("postgres://anyone:x@db.example/thing")
    assert url_agrees_with_compose() == []


def test_w004_finds_a_compose_file_that_nobody_connects_to(use: Use, composed: None) -> None:
    use("")
    assert [problem.id for problem in url_agrees_with_compose()] == ["core.W004"]


def test_w005_finds_what_differs(use: Use, composed: None) -> None:
    use("postgres://sam:p%3Aw@127.0.0.1:5544/attic")
    assert url_agrees_with_compose() == []
    use("postgres://pam:p%3Aw@127.0.0.1/attic")
    (problem,) = url_agrees_with_compose()
    assert problem.id == "core.W005"
    assert problem.msg == (
        "DATABASE_URL and docker-compose.yml disagree: the port is 5432 in DATABASE_URL, but 5544 in "
        "docker-compose.yml; the user is pam in DATABASE_URL, but sam in docker-compose.yml."
    )


def test_the_checks_are_run(use: Use, composed: None) -> None:
    use("")
    found = {problem.id for problem in run_checks(include_deployment_checks=True)}
    assert {"core.E003", "core.W004"} <= found
