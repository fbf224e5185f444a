"""Each way in which a PostgreSQL can be unusable, on servers that are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from apps.core import database
from apps.core.database import Unusable, ensure_usable, explain, recognise
from config import env
from tests.commands import manage
from tests.servers import Server, free_port

KEY = {"DJANGO_SECRET_KEY": "for tests only"}


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def connect(url: str) -> DatabaseWrapper:
    """Django's connection to a URL, not yet opened."""
    described = {**connection.settings_dict, "HOST": "", "PORT": "", **env.database(url)}
    return DatabaseWrapper(described, alias="default")


def refusal(url: str) -> str:
    """Why a database cannot be used."""
    wrapper = connect(url)
    try:
        with pytest.raises(Unusable) as caught:
            ensure_usable(wrapper)
    finally:
        wrapper.close()
    return str(caught.value)


@pytest.fixture
def vector_of(place: Path) -> Any:
    """Makes the server offer a pgvector of another version: options for a connection."""

    def offer(version: str | None) -> str:
        folder = place / "extension"
        folder.mkdir()
        if version:
            (folder / "vector.control").write_text(f"default_version = '{version}'\nrelocatable = true\n")
            (folder / f"vector--{version}.sql").write_text("SELECT 1;")
        return f"-c extension_control_path={place}"

    return offer


def test_a_server_with_a_recent_vector_is_usable(tcp_server: Server) -> None:
    wrapper = connect(tcp_server.url())
    ensure_usable(wrapper)
    wrapper.close()


def test_a_wrong_password(tcp_server: Server) -> None:
    assert refusal(tcp_server.url(password="guess")) == (
        f"PostgreSQL at 127.0.0.1 port {tcp_server.port} refuses the password of user rehome: "
        "correct it in DATABASE_URL."
    )


def test_no_such_user_is_told_as_a_wrong_password(tcp_server: Server) -> None:
    assert "refuses the password of user nobody" in refusal(tcp_server.url(user="nobody"))


def test_no_password(tcp_server: Server) -> None:
    assert "asks for a password: put it into DATABASE_URL." in refusal(tcp_server.url(password=""))


def test_no_such_database(tcp_server: Server) -> None:
    assert refusal(tcp_server.url("elsewhere")).endswith(
        "has no database elsewhere: create it there, or correct DATABASE_URL."
    )


def test_nobody_listens() -> None:
    port = free_port()
    assert refusal(f"postgres://a:b@127.0.0.1:{port}/c") == (
        f"PostgreSQL at 127.0.0.1 port {port} does not answer: start it, or correct host and port in "
        "DATABASE_URL."
    )


def test_no_such_host() -> None:
    assert refusal("postgres://a:b@nowhere.invalid/c") == (
        "There is no host nowhere.invalid: correct the host in DATABASE_URL."
    )


def test_no_such_socket(tmp_path: Path) -> None:
    assert f"PostgreSQL on the socket {tmp_path}/.s.PGSQL.5432 does not answer" in refusal(
        f"postgres://a:b@/c?host={tmp_path}"
    )


def test_encryption_that_the_server_does_not_speak(tcp_server: Server) -> None:
    assert "disagree on encryption" in refusal(tcp_server.url() + "?sslmode=require")


def test_no_vector(tcp_server: Server, vector_of: Any) -> None:
    assert refusal(tcp_server.url(options=vector_of(None))).startswith(
        "This PostgreSQL has no pgvector: install pgvector 0.5 or newer"
    )


def test_a_vector_too_old_for_hnsw(tcp_server: Server, vector_of: Any) -> None:
    assert refusal(tcp_server.url(options=vector_of("0.4.4"))).startswith(
        "The pgvector of this PostgreSQL is 0.4.4, too old for HNSW indexes: install pgvector 0.5 or newer"
    )


def test_an_old_vector_in_the_database_though_the_server_has_a_new_one(
    tcp_server: Server, vector_of: Any
) -> None:
    tcp_server.run("CREATE DATABASE aged")
    aged = tcp_server.url("aged", options=vector_of("0.4.4"))
    wrapper = connect(aged)
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE EXTENSION vector")
    wrapper.close()
    assert refusal(tcp_server.url("aged")) == (
        "The pgvector of this database is 0.4.4, too old for HNSW indexes: run ALTER EXTENSION vector UPDATE "
        "in it."
    )
    assert "too old for HNSW indexes: install pgvector 0.5" in refusal(aged)


def test_versions_are_compared_as_numbers() -> None:
    assert database.parse("0.10.1") > database.parse("0.5") > database.parse("0.4.4")


def test_commands_say_it_in_one_line_and_end_with_5(tcp_server: Server, vector_of: Any) -> None:
    wrong = manage("showmigrations", DATABASE_URL=tcp_server.url(password="guess"), **KEY)
    assert (wrong.returncode, wrong.stdout) == (5, "")
    assert wrong.stderr.count("\n") == 1
    assert "refuses the password of user rehome" in wrong.stderr
    bare = manage("migrate", DATABASE_URL=tcp_server.url(options=vector_of(None)), **KEY)
    assert (bare.returncode, bare.stdout) == (5, ""), bare.stderr
    assert bare.stderr.startswith("This PostgreSQL has no pgvector")
    assert bare.stderr.count("\n") == 1


def test_commands_say_what_a_database_without_tables_needs(tcp_server: Server) -> None:
    run = manage("changepassword", "somebody", DATABASE_URL=tcp_server.url(), **KEY)
    assert run.returncode == 5
    assert run.stderr == "The database lacks the table auth_user: run python manage.py migrate.\n"


def test_the_development_server_does_not_start_on_it(tcp_server: Server) -> None:
    run = manage("runserver", free_port(), DATABASE_URL=tcp_server.url(password="guess"), **KEY)
    assert run.returncode == 5
    assert "refuses the password" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_traceback_is_there_for_the_asking(tcp_server: Server) -> None:
    run = manage("showmigrations", "--traceback", DATABASE_URL=tcp_server.url(password="guess"), **KEY)
    assert run.returncode == 1
    assert "Traceback" in run.stderr


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ('FATAL:  role "x" does not exist', "PostgreSQL has no user x: create it there"),
        ('FATAL:  no pg_hba.conf entry for host "::1"', "PostgreSQL does not let this user in"),
        ("FATAL:  sorry, too many clients already", "PostgreSQL takes no more connections"),
        ("FATAL:  the database system is starting up", "PostgreSQL is starting up: run the command again"),
        (
            "server closed the connection unexpectedly\n\tThis probably means",
            "PostgreSQL ended the connection",
        ),
        ("terminating connection due to administrator command", "PostgreSQL ended the connection"),
        ("connection already closed", "PostgreSQL ended the connection"),
        ('permission denied to create extension "vector"', "The database user may not create the extension"),
        (
            "PostgreSQL 14 or later is required (found 13.4).",
            "This PostgreSQL is 13.4: 14 or later is needed.",
        ),
        ('access method "hnsw" does not exist', "The pgvector of this database is too old for HNSW"),
        (
            'type "vector" does not exist',
            "The database lacks the extension vector: run python manage.py migrate",
        ),
        ("permission denied for schema public", "The database user lacks rights on the schema public"),
        ("could not extend file: No space left on device", "The disk of PostgreSQL is full"),
        ("cannot execute INSERT in a read-only transaction", "This PostgreSQL is read-only"),
    ],
)
def test_what_servers_say(message: str, sentence: str) -> None:
    assert explain(OperationalError(message)).startswith(sentence)


def test_other_errors_are_told_by_their_first_line_or_left_alone() -> None:
    assert recognise(OperationalError("odd\nmore")) == "PostgreSQL cannot be used: odd"
    assert recognise(InterfaceError("")) == "PostgreSQL cannot be used: InterfaceError"
    assert recognise(ProgrammingError('syntax error at or near "selct"')) is None
    assert explain(ProgrammingError("syntax error\nLINE 1")) == "PostgreSQL refused: syntax error"


def test_another_kind_of_database_is_refused() -> None:
    from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

    wrapper = SQLite({**connection.settings_dict, "NAME": ":memory:"}, alias="default")
    with pytest.raises(Unusable, match="The database is SQLite, but only PostgreSQL with pgvector will do"):
        ensure_usable(wrapper)


def test_environ_keeps_what_a_url_escapes(tcp_server: Server) -> None:
    assert environ.Env.db_url_config(tcp_server.url())["PASSWORD"] == tcp_server.password
