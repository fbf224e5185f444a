"""Indexes for the admin's search: made on demand, since they take space and slow down later imports."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import admin
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from apps.core.inspection.registry import inspected_models
from apps.core.inspection.search import LARGE, TextIndex, built, worth_an_index


class Command(BaseCommand):
    """Make, remove or list the indexes of text for the admin's search."""

    help = "Makes searching large tables in the admin quick: build, drop or status."

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

    def _chosen(self, tables: list[str], action: str) -> list[TextIndex]:
        every = {index.table: index for index in text_indexes()}
        unknown = sorted(set(tables) - every.keys())
        if unknown:
            raise CommandError(f"No table with text to search: {', '.join(unknown)}", returncode=2)
        if tables:
            return [every[name] for name in tables]
        if action == "build":
            return [index for index, _rows in worth_an_index(list(every.values()))]
        present = built([index.name for index in every.values()])
        return [index for index in every.values() if index.name in present]

    def _status(self, chosen: list[TextIndex]) -> None:
        present = built([index.name for index in chosen])
        for index in chosen:
            size = filesizeformat(present[index.name]) if index.name in present else "not built"
            self.stdout.write(f"{index.table} ({', '.join(index.columns)}): {size}")
        if not chosen:
            self.stdout.write("No index is built.")


def text_indexes() -> list[TextIndex]:
    """Return the text index of every model that the admin shows, built or not."""
    admin.autodiscover()
    found = [admin.site._registry[model].text_index for model in inspected_models() if model._meta.managed]
    return [index for index in found if index.columns]
