import os
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_no_url_means_the_embedded_database() -> None:
    assert env.database("")["ENGINE"] == "apps.embedded_pg.backend"


def test_windows_needs_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(env.WrongURL, match="set DATABASE_URL to postgres://"):
        env.database("")
    assert env.database("postgres://u:p@h/n")["NAME"] == "n"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "psql", "pgsql"])
def test_a_url_is_read_whole(scheme: str) -> None:
    found = env.database(f"{scheme}://us%40er:p%3Aw%2F%23d@db.example:6543/na%20me?sslmode=require")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "us@er",
        "PASSWORD": "p:w/#d",
        "HOST": "db.example",
        "PORT": 6543,
        "NAME": "na me",
        "OPTIONS": {"sslmode": "require", "connect_timeout": 10},
        "CONN_HEALTH_CHECKS": True,
    }


def test_a_socket_is_named_by_host() -> None:
    found = env.database("postgres:///name?host=/var/run/postgresql&port=5433&connect_timeout=3")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/var/run/postgresql", 5433, "name")
    assert found["OPTIONS"] == {"connect_timeout": 3}


@pytest.mark.parametrize(
    ("url", "beginning"),
    [
        ("sqlite:///db.sqlite3", "DATABASE_URL has sqlite, but only PostgreSQL with pgvector will do: write"),
        ("mysql://u:p@h/n", "DATABASE_URL has mysql, but only PostgreSQL"),
        ("postgis://u:p@h/n", "DATABASE_URL has postgis, but only PostgreSQL"),
        ("db.sqlite3", "DATABASE_URL has no scheme, but only PostgreSQL"),
        ("postgres://u:p@h", "DATABASE_URL names no database: write postgres://"),
        ("postgres://u:p@h/", "DATABASE_URL names no database: write postgres://"),
        ("postgres://u:p@h:port/n", "DATABASE_URL cannot be read (Port could not be cast"),
        ("postgres://u:p@h:99999/n", "DATABASE_URL cannot be read (Port out of range"),
        ("postgres://u:p@[h/n", "DATABASE_URL cannot be read (Invalid IPv6 URL"),
    ],
)
def test_a_wrong_url_is_refused_in_a_sentence_that_shows_no_password(url: str, beginning: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        env.database(url)
    assert str(caught.value).startswith(beginning)
    assert ":p@" not in str(caught.value)


def test_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    key = env.secret_key("", "", tmp_path)
    assert len(key) >= 50
    assert env.secret_key("", "", tmp_path) == key
    assert stat.S_IMODE((tmp_path / ".data" / "secret_key").stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path / ".data")) == [".gitignore", "secret_key"]
    assert (tmp_path / ".data" / ".gitignore").read_text() == "*\n"


def test_the_first_of_two_makers_of_a_key_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"

    def slow(_length: int) -> str:
        path.write_text("the other's")
        return "mine"

    monkeypatch.setattr("secrets.token_urlsafe", slow)
    assert env._kept_key(path) == "the other's"


def test_a_given_key_is_taken_and_none_is_kept(tmp_path: Path) -> None:
    assert env.secret_key("given", "", tmp_path) == "given"
    assert env.secret_key("given", "postgres://h/n", tmp_path) == "given"
    assert not (tmp_path / ".data").exists()


def test_a_database_of_ones_own_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY is missing"):
        env.secret_key("", "postgres://h/n", tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".data").write_text("in the way")
    with pytest.raises(ImproperlyConfigured, match=r"cannot be kept in .* set DJANGO_SECRET_KEY"):
        env.secret_key("", "", tmp_path)


def test_paths_are_separated_as_in_path() -> None:
    assert env.paths("", Path("/default")) == ["/default"]
    assert env.paths(f"/a b{os.pathsep}c{os.pathsep}", Path("/default")) == ["/a b", "c"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes folders for others")
def test_what_root_makes_belongs_to_the_owner_of_the_checkout(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    env.secret_key("", "", tmp_path)
    made = [tmp_path / ".data", tmp_path / ".data" / ".gitignore", tmp_path / ".data" / "secret_key"]
    assert {path.stat().st_uid for path in made} == {54321}
