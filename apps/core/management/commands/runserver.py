"""Django's runserver, after a look whether the database can be used.

With the embedded PostgreSQL the look also makes the process that watches the files a user of the server: it
goes on through every reload, and is stopped at the end however the reloaded process ends.
"""

from typing import Any

from django.db import connection
from whitenoise.runserver_nostatic.management.commands import runserver

from apps.core.database import ensure_usable


class Command(runserver.Command):  # type: ignore[misc]
    def run(self, **options: Any) -> None:
        ensure_usable(connection)
        connection.close()
        super().run(**options)
