"""What the importer's commands share: they need a usable PostgreSQL, and finish what a dead one left undone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from apps.core.database import Unusable, ensure_usable
from apps.importer import indexes, keys


class ImporterCommand(BaseCommand):
    """A command on imported data; it checks the mappings, and leaves the pages to the commands that serve them."""

    requires_system_checks = ("importer",)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Build indexes that an interrupted import left unbuilt, then do the command's own work."""
        ensure_usable(connection)
        if not indexes.has_book():
            raise Unusable("The database lacks the tables of this project: run `manage.py migrate` first.")
        for built in keys.finish_left_behind():
            self.stderr.write(f"built {built.name} on {built.table}, which an interrupted import had put off")
        return super().execute(*args, **options)
