"""Loaders as people write them, each a program: ``python -m tests.bench.loaders NAME [FILE PLANS BATCH]``.

They read the legacy file, convert what the benchmark knows to be in it, and commit each batch. ``idle`` loads
nothing: it starts Django, connects and ends; so does ``checked``, after the system checks of any command.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.columns import Plan


def batches(source: str, plan: Plan, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The stored rows of a table, so many at a time."""
    names = ", ".join(f'"{name}"' for name in plan.names)
    rows = sqlite3.connect(source).execute(f'SELECT {names} FROM "{plan.source}"')
    while batch := list(islice(rows, size)):
        yield batch


def read(row: tuple[Any, ...], readers: list[Callable[[Any], Any]]) -> list[Any]:
    """Convert a row; None stays."""
    return [None if value is None else reader(value) for value, reader in zip(row, readers, strict=True)]


def bulk_create(source: str, plans: list[Plan], size: int) -> None:
    """Model instances, and ``bulk_create`` of each batch."""
    import django

    django.setup()
    from django.apps import apps

    for plan in plans:
        model = apps.get_model(plan.model)
        attributes = {field.column: field.attname for field in model._meta.concrete_fields}
        names = [attributes[name] for name in plan.names]
        readers = plan.natives()
        for rows in batches(source, plan, size):
            made = [model(**dict(zip(names, read(row, readers), strict=True))) for row in rows]
            model.objects.bulk_create(made, batch_size=size)


def execute_values(source: str, plans: list[Plan], size: int) -> None:
    """One INSERT of many rows for each batch, all values as text."""
    import psycopg2
    from psycopg2.extras import execute_values as insert

    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    for plan in plans:
        names = ", ".join(f'"{name}"' for name in plan.names)
        statement = f'INSERT INTO "{plan.target}" ({names}) VALUES %s'
        readers = plan.texts()
        for rows in batches(source, plan, size):
            with connection, connection.cursor() as cursor:
                insert(cursor, statement, [read(row, readers) for row in rows], page_size=size)
    connection.close()


def idle(checks: bool) -> None:
    """What any command of ``manage.py`` does, and connect."""
    import django
    from django.core.management import BaseCommand

    class Idle(BaseCommand):
        requires_system_checks = "__all__" if checks else []

        def handle(self, *args: Any, **options: Any) -> None:
            from django.db import connection

            connection.ensure_connection()

    django.setup()
    Idle().run_from_argv(["manage.py", "idle"])


def main(name: str, *arguments: str) -> None:
    """Run the loader of a name."""
    if name in ("idle", "checked"):
        idle(checks=name == "checked")
        return
    from tests.bench.columns import read_plans

    source, plans, size = arguments
    load = {"bulk_create": bulk_create, "execute_values": execute_values}[name]
    load(source, read_plans(Path(plans)), int(size))


if __name__ == "__main__":
    main(*sys.argv[1:])
