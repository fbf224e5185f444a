"""Django's PostgreSQL backend on a server that is started when somebody connects.

The vendor stays ``postgresql``: everything that knows PostgreSQL takes this for one.
"""

import time
from typing import Any

from django.db.backends.postgresql import base

from apps.embedded_pg import cluster
from apps.embedded_pg.backend.client import DatabaseClient
from apps.embedded_pg.layout import PORT

PATIENCE = 60.0
"""Seconds that a connection waits for a server that recovers from a crash of one of its sessions."""
PASSING = ("the database system is", "server closed the connection", "Connection refused", "No such file")
"""What a refused connection says when the server restarts; a wrong database name says something else."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Connections to the embedded PostgreSQL."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        self.settings_dict["HOST"] = str(cluster.current().ensure())
        self.settings_dict["PORT"] = str(PORT)  # PGPORT of the environment is about another server
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return super().get_new_connection(conn_params)
            except self.Database.OperationalError as error:
                if not _is_passing(error) or time.monotonic() > deadline:
                    raise
            conn_params["host"] = str(cluster.current().revive())
            time.sleep(0.02)


def _is_passing(error: Exception) -> bool:
    return any(sign in str(error) for sign in PASSING)
