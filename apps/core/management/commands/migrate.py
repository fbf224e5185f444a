"""Django's migrate, on a database that was found usable, and one at a time."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from apps.core.database import ensure_usable

LOCK = 7_241_009
"""Number of the advisory lock of whoever migrates; a second one waits and then finds nothing left to do."""


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> Any:
        ensure_usable(connections[options["database"]])
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            super().handle(*args, **options)
        finally:
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
