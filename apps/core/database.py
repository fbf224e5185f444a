"""Whether the PostgreSQL can be used, and in plain words why not."""

import re
from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

OLDEST_VECTOR = (0, 5)
"""First version of pgvector with HNSW indexes."""


class Unusable(Exception):
    """The database cannot be used; the message is a sentence that says what to do."""


def sqlstate(error: Error) -> str:
    """Return PostgreSQL's code for an error (``psycopg2.errorcodes`` names them); empty where it has none."""
    return getattr(error.__cause__, "pgcode", None) or ""


Sentence = Callable[[re.Match[str]], str]

PLACE = r'connection to server (?:at "(?P<host>[^"]*)"|on socket "(?P<socket>[^"]*)")'


def _place(match: re.Match[str]) -> str:
    found = re.search(PLACE + r"(?:[^,]*, port (?P<port>\d+))?", match.string)
    if not found:
        return "PostgreSQL"
    if found["socket"]:
        return f"PostgreSQL on the socket {found['socket']}"
    return f"PostgreSQL at {found['host']}" + (f" port {found['port']}" if found["port"] else "")


UPGRADE_VECTOR = "install pgvector 0.5 or newer on that server (the image pgvector/pgvector:pg18 has it)"

SENTENCES: tuple[tuple[str, Sentence], ...] = (
    (
        r'password authentication failed for user "([^"]*)"',
        lambda m: f"{_place(m)} refuses the password of user {m[1]}: correct it in DATABASE_URL.",
    ),
    (
        r"no password supplied",
        lambda m: f"{_place(m)} asks for a password: put it into DATABASE_URL.",
    ),
    (
        r'database "([^"]*)" does not exist',
        lambda m: f"{_place(m)} has no database {m[1]}: create it there, or correct DATABASE_URL.",
    ),
    (
        r'role "([^"]*)" does not exist',
        lambda m: f"{_place(m)} has no user {m[1]}: create it there, or correct DATABASE_URL.",
    ),
    (
        r"no pg_hba\.conf entry|authentication failed for user|role \"[^\"]*\" is not permitted to log in",
        lambda m: f"{_place(m)} does not let this user in: see its pg_hba.conf, or correct DATABASE_URL.",
    ),
    (
        r"could not translate host name \"([^\"]*)\"",
        lambda m: f"There is no host {m[1]}: correct the host in DATABASE_URL.",
    ),
    (
        r"Connection refused|No such file or directory|timeout expired|timed out|No route to host"
        r"|unreachable",
        lambda m: f"{_place(m)} does not answer: start it, or correct host and port in DATABASE_URL.",
    ),
    (
        r"SSL was required|SSL error|certificate",
        lambda m: f"{_place(m)} and DATABASE_URL disagree on encryption: correct sslmode there.",
    ),
    (
        r"too many (?:clients|connections)|remaining connection slots",
        lambda m: f"{_place(m)} takes no more connections: close some, or raise max_connections.",
    ),
    (
        r"the database system is (.*)",
        lambda m: f"{_place(m)} is {m[1].strip('. ')}: run the command again in a moment.",
    ),
    (
        r"server closed the connection|terminating connection|connection already closed|connection is closed"
        r"|could not (?:send data to|receive data from) server|connection not open"
        r"|SSL connection has been closed",
        lambda m: "PostgreSQL ended the connection: see its log, and run the command again.",
    ),
    (
        r'extension "vector" is not available|could not open extension control file.*vector',
        lambda m: f"This PostgreSQL has no pgvector: {UPGRADE_VECTOR}.",
    ),
    (
        r'permission denied to create extension "vector"',
        lambda m: (
            "The database user may not create the extension vector: let a superuser run CREATE EXTENSION "
            "vector in this database once."
        ),
    ),
    (
        r'access method "hnsw" does not exist|operator class "vector_cosine_ops" does not exist',
        lambda m: (
            f"The pgvector of this database is too old for HNSW indexes: {UPGRADE_VECTOR}, then run ALTER "
            "EXTENSION vector UPDATE."
        ),
    ),
    (
        r'type "vector" does not exist',
        lambda m: "The database lacks the extension vector: run python manage.py migrate.",
    ),
    (
        r'relation "([^"]*)" does not exist',
        lambda m: f"The database lacks the table {m[1]}: run python manage.py migrate.",
    ),
    (
        r"PostgreSQL (\d+) or later is required \(found ([^)]*)\)",
        lambda m: f"This PostgreSQL is {m[2]}: {m[1]} or later is needed.",
    ),
    (
        r"permission denied for (schema|database|table) (\S+)",
        lambda m: (
            f"The database user lacks rights on the {m[1]} {m[2]}: grant them, or correct DATABASE_URL."
        ),
    ),
    (
        r"No space left on device",
        lambda m: "The disk of PostgreSQL is full: make room, and run the command again.",
    ),
    (
        r"in a read-only transaction",
        lambda m: "This PostgreSQL is read-only (a standby?): point DATABASE_URL to the primary.",
    ),
)
"""Pattern in an error of PostgreSQL or its client library, and the sentence about it; the first that fits."""


def recognise(error: Exception) -> str | None:
    """The sentence about an error that a person can act on; None for others, which may be defects of ours."""
    sentence = getattr(error, "sentence", None)
    if isinstance(sentence, str):
        return sentence
    if isinstance(error, Unusable):
        return str(error)
    for pattern, tell in SENTENCES:
        if match := re.search(pattern, str(error)):
            return tell(match)
    if isinstance(error, OperationalError | InterfaceError):
        return f"PostgreSQL cannot be used: {first_line(error)}"
    return None


def explain(error: Exception) -> str:
    """One sentence about any error of the database."""
    return recognise(error) or f"PostgreSQL refused: {first_line(error)}"


def first_line(error: Exception) -> str:
    """What the error says first, without what libpq repeats for each address it tried."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def ensure_usable(connection: BaseDatabaseWrapper) -> None:
    """Raise Unusable unless this is a PostgreSQL that answers and has a pgvector with HNSW."""
    if connection.vendor != "postgresql":
        raise Unusable(
            f"The database is {connection.display_name}, but only PostgreSQL with pgvector will do."
        )
    try:
        installed, available = vector_versions(connection)
    except Error as error:
        raise Unusable(explain(error)) from error
    if installed and parse(installed) < OLDEST_VECTOR:
        remedy = "run ALTER EXTENSION vector UPDATE in it" if _is_recent(available) else UPGRADE_VECTOR
        raise Unusable(f"The pgvector of this database is {installed}, too old for HNSW indexes: {remedy}.")
    if not installed and not available:
        raise Unusable(f"This PostgreSQL has no pgvector: {UPGRADE_VECTOR}.")
    if not installed and not _is_recent(available):
        raise Unusable(
            f"The pgvector of this PostgreSQL is {available}, too old for HNSW indexes: {UPGRADE_VECTOR}."
        )


def vector_versions(connection: BaseDatabaseWrapper) -> tuple[str, str]:
    """Version of pgvector in the database, and the one that the server offers; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'vector'"
        )
        row = cursor.fetchone() or ("", "")
    return row[0] or "", row[1] or ""


def parse(version: str) -> tuple[int, ...]:
    """A version as numbers, to be compared."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _is_recent(version: str) -> bool:
    return bool(version) and parse(version) >= OLDEST_VECTOR
