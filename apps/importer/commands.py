"""What the importer's commands share: they need a usable PostgreSQL, and finish what a dead one left undone."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from apps.core.database import Unusable, ensure_usable
from apps.importer import indexes, keys

MOST_JOBS = 8


def whole(lowest: int, highest: int | None = None) -> Any:
    """Return an argument type: a whole number within bounds."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if number < lowest or (highest is not None and number > highest):
            bounds = f"from {lowest} to {highest}" if highest is not None else f"of {lowest} or more"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {bounds}")
        return number

    return read


def cores() -> int:
    """Return how many cores this process may use; of the machine, where the system tells of it alone."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def add_jobs(parser: CommandParser, what: str) -> None:
    """Declare how many processes a command may use."""
    parser.add_argument(
        "--jobs",
        type=whole(1, MOST_JOBS),
        default=min(cores(), MOST_JOBS),
        metavar="N",
        help=f"{what} (default: one for each core)",
    )


class ImporterCommand(BaseCommand):
    """A command on imported data; it checks the mappings, and leaves the pages to the commands that serve them."""

    requires_system_checks = ("importer",)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """See that the database is whole, then do the command's own work."""
        ensure_usable(connection)
        if not indexes.has_book():
            raise Unusable("The database lacks the tables of this project: run `manage.py migrate` first.")
        self.finish_left_behind(options)
        return super().execute(*args, **options)

    def finish_left_behind(self, options: Mapping[str, Any]) -> None:
        """Build what an interrupted import left unbuilt."""
        for built in keys.finish_left_behind(say=self.stderr.write):
            self.stderr.write(keys.told(built))
