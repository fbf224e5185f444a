"""Indexes for the admin's search and its filters by JSON: on demand, since they take space and slow down imports."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import admin
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from apps.core.inspection.indexes import LARGE, OptionalIndex, built, worth_an_index
from apps.core.inspection.registry import inspected_models


class Command(BaseCommand):
    """Make, remove or list the indexes of text and of JSON."""

    help = (
        "Makes searching large tables, and filtering them by JSON, quick in the admin: build, drop or status."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and tables."""
        parser.add_argument("action", choices=("build", "drop", "status"))
        parser.add_argument("tables", nargs="*", help=f"tables; default: those of {LARGE:,} rows and more")

    def handle(self, *, action: str, tables: list[str], **options: Any) -> None:
        """Do it."""
        chosen = self._chosen(tables, action)
        if action == "status":
            self._status(chosen)
            return
        for index in chosen:
            start = time.monotonic()
            index.build() if action == "build" else index.drop()
            if options["verbosity"]:
                self.stdout.write(f"{index.table}: {action} {index.name}, {time.monotonic() - start:.1f} s")

    def _chosen(self, tables: list[str], action: str) -> list[OptionalIndex]:
        every = optional_indexes()
        unknown = sorted(set(tables) - {index.table for index in every})
        if unknown:
            raise CommandError(f"No table with text or JSON to search: {', '.join(unknown)}", returncode=2)
        if tables:
            return [index for index in every if index.table in tables]
        if action == "build":
            return [index for index, _rows in worth_an_index(every)]
        present = built([index.name for index in every])
        return [index for index in every if index.name in present]

    def _status(self, chosen: list[OptionalIndex]) -> None:
        present = built([index.name for index in chosen])
        for index in chosen:
            size = filesizeformat(present[index.name]) if index.name in present else "not built"
            self.stdout.write(f"{index.table} ({', '.join(index.columns)}): {size}")
        if not chosen:
            self.stdout.write("No index is built.")


def optional_indexes() -> list[OptionalIndex]:
    """Return the indexes that may be made for every model that the admin shows, built or not."""
    admin.autodiscover()
    models = [model for model in inspected_models() if model._meta.managed]
    return [index for model in models for index in admin.site._registry[model].indexes]
