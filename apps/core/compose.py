"""What docker-compose.yml makes of the environment, compared with where DATABASE_URL points."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PLACES = {
    "USER": r"^\s*POSTGRES_USER:\s*(.+?)\s*$",
    "PASSWORD": r"^\s*POSTGRES_PASSWORD:\s*(.+?)\s*$",
    "NAME": r"^\s*POSTGRES_DB:\s*(.+?)\s*$",
    "PORT": r"^\s*-\s*(\S+):5432\"?\s*$",
}
"""Key in Django's description of a database, and where the compose file says it."""
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


@dataclass(frozen=True)
class Difference:
    """One thing that DATABASE_URL and the compose file say differently; a password is never shown."""

    what: str
    url: str
    compose: str

    def __str__(self) -> str:
        if self.what == "password":
            return "the password differs"
        return f"the {self.what} is {self.url} in DATABASE_URL, but {self.compose} in docker-compose.yml"


def serves(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """User, password, name and port of the database that the compose file makes in an environment."""
    found = {key: re.search(pattern, text, re.MULTILINE) for key, pattern in PLACES.items()}
    values = {key: _fill(match[1].strip("\"'"), environment) if match else "" for key, match in found.items()}
    return {**values, "PORT": values["PORT"].rpartition(":")[2]}


def differences(database: Mapping[str, Any], compose: Mapping[str, str]) -> Iterator[Difference]:
    """Where the database that Django uses is not the one of the compose file."""
    host = database.get("HOST") or "a socket"
    if host not in LOOPBACK:
        yield Difference("host", host, "127.0.0.1")
    for what, key in (("port", "PORT"), ("user", "USER"), ("password", "PASSWORD"), ("database", "NAME")):
        given = str(database.get(key) or ("5432" if key == "PORT" else "none"))
        if given != compose[key]:
            yield Difference(what, given, compose[key])


def _fill(value: str, environment: Mapping[str, str]) -> str:
    """Replace ${NAME}, ${NAME:-default} and ${NAME:?message} as compose does; a message is no value."""

    def replacement(match: re.Match[str]) -> str:
        default = match[2] if ":-" in match[0] else ""
        return environment.get(match[1]) or default or ""

    return VARIABLE.sub(replacement, value)
