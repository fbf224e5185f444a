"""``manage.py dbshell`` with the psql of the wheel: a machine needs none of its own."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client

from apps.embedded_pg import cluster
from apps.embedded_pg.layout import PORT, binary


class DatabaseClient(client.DatabaseClient):
    """psql on the embedded PostgreSQL, which runs for as long as the shell is open."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        there = {**settings_dict, "HOST": str(cluster.current().ensure()), "PORT": str(PORT)}
        (_, *arguments), environment = super().settings_to_cmd_args_env(there, parameters)
        return [str(binary("psql")), *arguments], environment
