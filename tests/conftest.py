"""What all tests share: a migrated database of their own, and settings that suit a test client."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection

from tests import clone, servers


def pytest_configure() -> None:
    settings.SECURE_SSL_REDIRECT = False  # the test client speaks plain HTTP
    settings.WHITENOISE_USE_FINDERS = False  # every test client would look for all static files
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: object) -> Iterator[None]:
    """In place of pytest-django's: a clone of a template instead of all migrations for each process."""
    with django_db_blocker.unblock(), clone.database():  # type: ignore[attr-defined]
        yield


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database as a DATABASE_URL, for commands that run in a process of their own."""
    there = connection.get_connection_params()
    login = quote(there["user"]) + (f":{quote(there['password'], safe='')}" if there.get("password") else "")
    where = {"host": there["host"], "port": there.get("port") or 5432}
    return f"postgres://{login}@/{connection.settings_dict['NAME']}?{urlencode(where)}"


@pytest.fixture(scope="session")
def tcp_server() -> Iterator[servers.Server]:
    """A PostgreSQL that is reached over TCP with a password, empty but for what its tests make."""
    with servers.tcp_server() as server:
        yield server


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other accounts may pass, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="rehome-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
