"""A plan put into the project: its files written, its migration made, the list of layers completed.

All of it stands, or nothing: whatever fails, what was written is taken away again.
"""

from __future__ import annotations

import importlib
import keyword
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter

from apps.importer.mapping import load_systems
from apps.importer.scaffold.factories import factory_file
from apps.importer.scaffold.shape import Plan
from apps.importer.scaffold.write import app_files, mapping_file

LONGEST_APP = 30
APP = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*").fullmatch
EXTENSION = ("core", "0001_vector")
"""The migration that every migration with a vector column needs before it."""
DOMAINS = re.compile(r'(layers = \[\s*"importer",\s*"""\n)(.*?)(\n\s*""")', re.DOTALL)


class Unfit(Exception):
    """What is asked for cannot be written; the message says why and what to do."""


def check_app(app: str) -> None:
    """Raise Unfit unless an app of this name may be written."""
    if not APP(app) or keyword.iskeyword(app) or len(app) > LONGEST_APP:
        raise Unfit(
            f"{app!r} is no name for an app: take up to {LONGEST_APP} small letters, digits and single underscores, "
            "a letter first"
        )
    labels = {config.label for config in apps.get_app_configs()}
    there = [p for p in (app_folder(app), system_path(app), factories_path(app)) if p.exists()]
    if app in labels or app in load_systems() or there:
        what = f"{there[0]} is there" if there else f"there is an app or a legacy system {app}"
        raise Unfit(f"{what} already: choose another name, or remove it first")


def app_folder(app: str) -> Path:
    """Return where an app lies."""
    return Path(settings.BASE_DIR) / "apps" / app


def system_path(app: str) -> Path:
    """Return where the mapping of a legacy system lies."""
    return Path(settings.BASE_DIR) / "apps" / "importer" / "systems" / f"{app}.py"


def factories_path(app: str) -> Path:
    """Return where the factories of an app lie, for the tests."""
    return Path(settings.BASE_DIR) / "tests" / "factories" / f"{app}.py"


def taken_relations() -> set[str]:
    """Return the names of the tables, indexes and constraints that the project's models have."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        found.add(model._meta.db_table)
        found |= {one.name for one in (*model._meta.indexes, *model._meta.constraints)}
    return found


def put_in_place(plan: Plan) -> list[Path]:
    """Write everything that the plan's app needs; return the files."""
    written: list[Path] = []
    with _all_or_nothing(written):
        folder = app_folder(plan.app)
        for name, text in app_files(plan).items():
            _write(folder / name, text, written)
        _write(system_path(plan.app), mapping_file(plan), written)
        if factories_path(plan.app).parent.is_dir():
            _write(factories_path(plan.app), factory_file(plan), written)
        with _installed(plan.app):
            _write(folder / "migrations" / "0001_initial.py", _migration(plan.app), written)
            _check(plan.app)
        _list_layer(plan.app)
    return written


def _write(path: Path, text: str, written: list[Path]) -> None:
    path.parent.mkdir(exist_ok=True)
    written.append(path)
    path.write_text(text, encoding="utf-8")


@contextmanager
def _all_or_nothing(written: list[Path]) -> Iterator[None]:
    project = Path(settings.BASE_DIR) / "pyproject.toml"
    before = project.read_bytes() if project.exists() else None
    try:
        yield
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        if written:
            shutil.rmtree(written[0].parent, ignore_errors=True)
        if before is not None:
            project.write_bytes(before)
        raise


@contextmanager
def _installed(app: str) -> Iterator[None]:
    """Let this process know the app, as the next one will."""
    importlib.invalidate_caches()
    load_systems.cache_clear()
    try:
        apps.set_installed_apps([*settings.INSTALLED_APPS, f"apps.{app}"])
        yield
    finally:
        apps.unset_installed_apps()
        load_systems.cache_clear()


def _migration(app: str) -> str:
    """Return the app's first migration, as Django's own autodetector makes it."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    questioner = NonInteractiveMigrationQuestioner(specified_apps={app})
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
    changes = detector.changes(graph=loader.graph, trim_to_apps={app}, convert_apps={app})
    (migration,) = changes[app]
    text = MigrationWriter(migration).as_string()
    if "pgvector" in text:
        migration.dependencies = [EXTENSION, *migration.dependencies]  # type: ignore[misc]
        text = MigrationWriter(migration).as_string()
    return text


def _check(app: str) -> None:
    """Run Django's checks and the importer's own: what was written must be sound."""
    config = apps.get_app_config(app)
    found = [*run_checks(app_configs=[config]), *run_checks(tags=["importer"])]
    problems = [str(problem) for problem in found if problem.level >= ERROR]
    if problems:
        raise Unfit(f"the app that came of it is not sound: {problems[0]}")


def _list_layer(app: str) -> None:
    """Name the app among the domains, so that the import contracts know its place."""
    project = Path(settings.BASE_DIR) / "pyproject.toml"
    text = project.read_text(encoding="utf-8") if project.exists() else ""
    layers = DOMAINS.search(text)
    if layers:
        listed = f"{layers[1]}{layers[2]} |\n    {app}{layers[3]}"
        project.write_text(text.replace(layers[0], listed, 1), encoding="utf-8")
