"""A file that nobody here designed becomes an app, a migration, a mapping and pages, without a touch to the code.

It happens in a copy of the project with a database of its own, by the commands that a person would use.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from apps.importer.mapping import load_systems
from apps.importer.scaffold.plan import make_plan
from apps.importer.scaffold.project import Unfit, check_app, put_in_place
from apps.importer.source import open_source
from tests import clone
from tests.importer import files, strangers
from tests.importer.legacy import quoted, write

LEFT = shutil.ignore_patterns(
    ".*_cache", ".git", ".venv", ".data", ".env", "__pycache__", ".hypothesis", "locale"
)

LOOK = """
import json
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from apps.core.inspection.keys import list_url, row_url
from apps.importer.models import ArchivedRow
from tests.factories import factories
admin.autodiscover()
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.create_superuser("looker"))
made = factories()
found = {}
for app in ("oldsite", "odd"):
    for model in apps.get_app_config(app).get_models():
        rows = model.objects.order_by(*admin.site._registry[model].ordering)
        count, row = rows.count(), rows.first() or made[model]()
        pages = [client.get(list_url(model)), client.get(row_url(model, row.pk))]
        assert row_url(model, row.pk) in pages[0].content.decode(), model
        found[model._meta.label] = [count, *(page.status_code for page in pages)]
found["archive"] = [ArchivedRow.objects.count(), client.get(list_url(ArchivedRow)).status_code]
assert all(made[model]().pk for app in ("oldsite", "odd") for model in apps.get_app_config(app).get_models())
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Copy:
    """A copy of the project, and the database that its commands use."""

    folder: Path
    url: str

    def run(self, *command: object) -> CompletedProcess[str]:
        """Run a command in the copy to its end."""
        decided = {"DATABASE_URL": self.url, "DJANGO_SECRET_KEY": "of the copy", "DJANGO_HTTPS": "off"}
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=self.folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **decided},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def manage(self, *arguments: object) -> str:
        """Run manage.py; what it printed, where it ended well."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def database(db: None) -> Iterator[str]:
    """An empty copy of the template database, as a DATABASE_URL."""
    there = connection.get_connection_params()
    original = connection.settings_dict["NAME"].removeprefix("test_").rsplit("_", 2)[0]
    name = f"test_{original}_{os.getpid()}_{secrets.token_hex(3)}"
    with connection._nodb_cursor() as cursor, clone.locked(cursor):
        template = clone.ensure_template(cursor, original)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        keeper = clone.occupy(name)
    login = quote(there["user"]) + (f":{quote(there['password'], safe='')}" if there.get("password") else "")
    where = {"host": there["host"], "port": there.get("port") or 5432}
    yield f"postgres://{login}@/{name}?{urlencode(where)}"
    keeper.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def copy(tmp_path: Path, database: str) -> Copy:
    """A copy of the project that a test may write to."""
    return Copy(Path(shutil.copytree(settings.BASE_DIR, tmp_path / "copy", ignore=LEFT)), database)


def rows_of(path: Path) -> dict[str, int]:
    """How many rows each ordinary table of a file has."""
    with closing(sqlite3.connect(path)) as file:
        listed = file.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        names = [name for (name,) in listed if not name.startswith("sqlite_")]
        return {name: file.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for name in names}


@pytest.mark.slow
def test_from_a_strange_file_to_its_pages(copy: Copy, tmp_path: Path) -> None:
    site, odd = strangers.site(tmp_path / "site.sqlite3"), strangers.oddities(tmp_path / "odd.db")
    written = copy.manage("scaffold_legacy", site, "--app", "oldsite", "--title", "The old site")
    assert "wrote apps/oldsite/migrations/0001_initial.py" in written
    written = copy.manage("scaffold_legacy", odd, "--app", "odd")
    assert "not sure: order items._day__: 99 of 100 values are dates; row 17 holds 'soon'" in written
    assert "left to the archive: kept, since its rows have no rowid, and no key" in written

    copy.manage("migrate", "--verbosity", "0")
    copy.manage("import_sqlite", site, odd, "--verbosity", "0", "--report", tmp_path / "report.json")
    sources = json.loads((tmp_path / "report.json").read_text())["sources"]
    assert [source["system"] for source in sources] == ["oldsite", "odd"]
    for source, path in zip(sources, (site, odd), strict=True):
        counts = {table["source_table"]: table["imported"] for table in source["tables"]}
        assert {name: counts[name] for name in rows_of(path)} == rows_of(path)
        assert source["totals"]["imported"] == source["totals"]["source_rows"]

    # a second file of the same system: its numbers are other rows
    other = strangers.oddities(tmp_path / "other.db", first=500)
    copy.manage("import_sqlite", other, "--verbosity", "0")
    copy.manage("verify_import", site, odd, other, "--verbosity", "0")

    found: dict[str, list[int]] = json.loads(copy.manage("shell", "--no-imports", "-c", LOOK))
    assert found["oldsite.AuthUser"] == [30, 200, 200]
    assert found["odd.Customers"] == [200, 200, 200]
    assert found["odd.Fee"] == [4, 200, 200]
    assert found["odd.Child"] == [40, 200, 200]
    assert found["archive"] == [2, 200]
    assert all(status == 200 for _, *pages in found.values() for status in pages)


@pytest.mark.slow
def test_what_was_written_passes_the_projects_own_checks(copy: Copy, tmp_path: Path) -> None:
    copy.manage("scaffold_legacy", strangers.oddities(tmp_path / "odd.db"), "--app", "odd")
    copy.manage("makemigrations", "--check", "--dry-run", "odd")
    written = ["apps/odd", "apps/importer/systems/odd.py", "tests/factories/odd.py"]
    for command in (["check"], ["format", "--check"]):
        done = copy.run("-m", "ruff", *command, "--no-cache", *written)
        assert done.returncode == 0, done.stdout
    contracts = tomllib.loads((copy.folder / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    places = [{name.strip() for name in layer.split("|")} for layer in layers]
    assert "odd" in next(names for names in places if "knowledge" in names)
    packages = {path.parent.name for path in (copy.folder / "apps").glob("*/__init__.py")}
    assert set.union(*places) == packages


# -- what is not written


@pytest.mark.parametrize(
    "app", ["knowledge", "sparkle", "admin", "Old", "2nd", "old__site", "class", "", "a" * 31]
)
def test_names_that_will_not_do(tmp_path: Path, app: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("scaffold_legacy", str(files.notes(tmp_path / "notes.db")), "--app", app)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not_sqlite") as refusal:
        call_command("scaffold_legacy", str(files.encrypted_looking(tmp_path / "x.db")), "--app", "fifth")
    assert refusal.value.returncode == 4


def test_a_known_system_needs_no_second_app(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [], "plans": []})
    with pytest.raises(CommandError, match="is a file of Sparkle already"):
        call_command("scaffold_legacy", str(path), "--app", "fifth")


def test_a_file_without_tables(tmp_path: Path) -> None:
    path = files.write(tmp_path / "empty.db", "CREATE VIEW v AS SELECT 1")
    with pytest.raises(CommandError, match="it has no table at all"):
        call_command("scaffold_legacy", str(path), "--app", "fifth")


def tree(folder: Path) -> dict[str, Any]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_nothing_is_left_of_what_failed(tmp_path: Path, settings: Any) -> None:
    project = tmp_path / "project"
    for folder in ("apps/importer/systems", "tests/factories"):
        (project / folder).mkdir(parents=True)
    (project / "pyproject.toml").write_text('layers = [\n    "importer",\n    """\n    a | b\n    """,\n]\n')
    settings.BASE_DIR = project  # no package that Python would find: the app cannot be loaded
    before, labels, systems = tree(project), {c.label for c in apps.get_app_configs()}, set(load_systems())
    check_app("fifth")
    with open_source(files.notes(tmp_path / "notes.db")) as file:
        plan = make_plan(file, "fifth", "Fifth", set())
    with pytest.raises(ModuleNotFoundError):
        put_in_place(plan)
    assert tree(project) == before
    assert not (project / "apps" / "fifth").exists()
    assert ({c.label for c in apps.get_app_configs()}, set(load_systems())) == (labels, systems)
    (project / "apps" / "fifth").mkdir()
    with pytest.raises(Unfit, match="is there already"):
        check_app("fifth")
