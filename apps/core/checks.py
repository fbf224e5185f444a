"""System checks of the project's surroundings: the database, and what belongs to it."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from apps.core import compose
from apps.core.database import Unusable, ensure_usable


@register(Tags.database)
def database_is_usable(databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """core.E002: the database does not answer, or lacks a pgvector with HNSW."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        try:
            ensure_usable(connections[alias])
        except Unusable as error:
            problems.append(Error(str(error), obj=f"database {alias}", id="core.E002"))
    return problems


@register(Tags.security, deploy=True)
def database_is_no_embedded_one(**kwargs: Any) -> list[CheckMessage]:
    """core.E003: production on the embedded PostgreSQL, which only this checkout's processes reach."""
    if settings.DEBUG or not settings.EMBEDDED:
        return []
    return [
        Error(
            "The embedded PostgreSQL is for one person and one machine.",
            hint="Set DATABASE_URL to a PostgreSQL that is backed up.",
            id="core.E003",
        )
    ]


@register()
def url_agrees_with_compose(**kwargs: Any) -> list[CheckMessage]:
    """core.W004, core.W005: DATABASE_URL and docker-compose.yml speak of different databases.

    Nothing is said as long as the compose file lacks its password: then it is not in use.
    """
    file = settings.BASE_DIR / "docker-compose.yml"
    serves = compose.serves(file.read_text(), os.environ) if file.exists() else {}
    if not serves.get("PASSWORD"):
        return []
    if settings.EMBEDDED:
        return [
            Warning(
                "POSTGRES_PASSWORD is set for docker-compose.yml, but DATABASE_URL is empty: the embedded "
                "PostgreSQL is used, and not that of the compose file.",
                hint="Set DATABASE_URL in .env, or remove the POSTGRES_ variables there.",
                id="core.W004",
            )
        ]
    found = [str(difference) for difference in compose.differences(settings.DATABASES["default"], serves)]
    if not found:
        return []
    return [
        Warning(
            f"DATABASE_URL and docker-compose.yml disagree: {'; '.join(found)}.",
            hint="Make DATABASE_URL and the POSTGRES_ variables in .env say the same.",
            id="core.W005",
        )
    ]
