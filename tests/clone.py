"""Test databases made in a moment: migrated once into a template, then cloned for each test process.

The template is kept between runs for as long as migrations and models stay the same. Every run has a database
of its own, so several may go on at once; one that was killed leaves a database that the next run removes.
"""

import hashlib
import importlib
import inspect
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

MADE_BY_MIGRATIONS = ("django_content_type", "auth_permission")
LOCK = 7_241_008
"""Number of the advisory lock that whoever makes or removes test databases holds."""


@contextmanager
def database(keep_as: str | None = None) -> Iterator[str]:
    """Connect Django to a fresh, migrated database of this process; its name.

    It is dropped at the end, unless it is to be kept under another name and all went well.
    """
    original = connection.settings_dict["NAME"]
    name = f"test_{original}_{os.getpid()}_{secrets.token_hex(3)}"
    connection.close()
    with connection._nodb_cursor() as cursor, locked(cursor):
        template = ensure_template(cursor, original)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        keeper = occupy(name)
    point_to(name)
    empty_quickly()
    end = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    try:
        yield name
        end = f'ALTER DATABASE "{name}" RENAME TO "{keep_as}"' if keep_as else end
    finally:
        connection.close()
        keeper.close()
        point_to(original)
        with connection._nodb_cursor() as cursor:
            cursor.execute(end)


@contextmanager
def kept(name: str) -> Iterator[bool]:
    """Connect Django to a database that stays for the next time, if there is one; whether there is."""
    original = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        found = cursor.fetchone() is not None
    if found:
        point_to(name)
    try:
        yield found
    finally:
        point_to(original)


@contextmanager
def locked(cursor: Any) -> Iterator[None]:
    """Be the only one on this server who makes or removes test databases."""
    cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def ensure_template(cursor: Any, original: str) -> str:
    """Name of the template for the present migrations and models, made when missing."""
    prefix = f"test_{original}_"
    template = f"{prefix}template_{fingerprint()}"
    present = unused(cursor, prefix)
    for name in present - {template}:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    if template not in present:
        cursor.execute(f'CREATE DATABASE "{prefix}making"')
        point_to(f"{prefix}making")
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        point_to(original)
        cursor.execute(f'ALTER DATABASE "{prefix}making" RENAME TO "{template}"')
    return template


def unused(cursor: Any, prefix: str) -> set[str]:
    """Databases with the prefix that nobody is connected to."""
    cursor.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s) AND NOT EXISTS (SELECT 1"
        " FROM pg_stat_activity a WHERE a.datid = d.oid AND backend_type = 'client backend')",
        [prefix],
    )
    return {name for (name,) in cursor.fetchall()}


def fingerprint() -> str:
    """Digest of what a migrated database depends on: migrations, what they import, models' permissions."""
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(migration_files()):
        digest.update(path.read_bytes())
    for model in apps.get_models():
        options = model._meta
        digest.update(f"{options.label} {options.verbose_name} {options.permissions}".encode())
    return digest.hexdigest()[:12]


def migration_files() -> set[Path]:
    """The files of all migrations, and of the project's modules that these import."""
    files: set[Path] = set()
    for migration in MigrationLoader(None).disk_migrations.values():
        module = importlib.import_module(migration.__module__)
        files.update(path for path in Path(str(module.__file__)).parent.iterdir() if path.is_file())
        owners = {inspect.getmodule(value) for value in vars(module).values()}
        files.update(
            Path(str(owner.__file__)) for owner in owners if owner and owner.__name__.startswith("apps.")
        )
    return files


def occupy(name: str) -> BaseDatabaseWrapper:
    """A connection that shows others that the database is in use."""
    keeper = connection.copy()
    keeper.settings_dict["NAME"] = name
    keeper.inc_thread_sharing()
    keeper.connect()
    return keeper


def empty_quickly() -> None:
    """Let the flush after a test that commits delete from the few tables with rows, not truncate all of them.

    Content types and permissions stay: they are what the migrations made. A user who is no superuser cannot
    leave out the foreign keys, and gets Django's flush.
    """
    truncate = connection.ops.sql_flush

    def sql_flush(style: Any, tables: list[str], **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0] or options.get("reset_sequences"):
                return list(truncate(style, tables, **options))
            names = [connection.ops.quote_name(table) for table in tables if table not in MADE_BY_MIGRATIONS]
            cursor.execute(
                " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (TABLE {name})" for name in names)
            )
            deletes = [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]
        return deletes and ["SET LOCAL session_replication_role = replica", *deletes]

    connection.ops.sql_flush = sql_flush


def point_to(name: str) -> None:
    """Let Django's default connection, and settings that are read anew, name this database.

    It is closed first: handlers of ``connection_created`` open it unasked when another connection is made.
    """
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
