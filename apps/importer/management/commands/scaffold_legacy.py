"""``manage.py scaffold_legacy``: the app and the mapping of a legacy system that nobody has modelled yet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.importer.mapping import load_systems
from apps.importer.progress import Progress
from apps.importer.recognise import score
from apps.importer.scaffold.code import printable
from apps.importer.scaffold.plan import make_plan
from apps.importer.scaffold.project import Unfit, check_app, put_in_place, taken_relations
from apps.importer.scaffold.shape import Plan
from apps.importer.scaffold.write import counted, remarks
from apps.importer.source import Refused, SourceFile, open_source

WRONG_USAGE, REFUSED = 2, 4
SHOWN = 20
"""How many of the things that were not sure are told; all stand in the remarks."""


class Command(BaseCommand):
    """Write an app from a file: models, admin, migration and mapping."""

    help = (
        "Reads any SQLite file and writes a Django app for it: models with types judged from all the values, admin "
        "pages, a migration, and the mapping by which import_sqlite takes the file. Exit codes: 0, 2 for a name that "
        "will not do, 4 for a file that is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("path", metavar="PATH", help="a SQLite file")
        parser.add_argument(
            "--app", required=True, metavar="NAME", help="name of the app, and of the legacy system"
        )
        parser.add_argument(
            "--title", metavar="T", help="what people call the system; default: from the name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, write the app, say what was not sure and what to do next."""
        app = options["app"]
        title = options["title"] or app.replace("_", " ").capitalize()
        try:
            check_app(app)
            with open_source(options["path"]) as file:
                _refuse_known(file)
                progress = Progress(sys.stderr, options["verbosity"] > 0)
                plan = make_plan(file, app, title, taken_relations(), progress)
            if not plan.models:
                raise Unfit(f"{options['path']} has no table that a model could take: {_reasons(plan)}")
            written = put_in_place(plan)
        except Unfit as error:
            raise CommandError(str(error), returncode=WRONG_USAGE) from error
        except Refused as error:
            raise CommandError(
                f"{options['path']}: refused ({error.reason}): {error.message}", returncode=REFUSED
            ) from error
        self._tell(plan, written, options["path"])

    def _tell(self, plan: Plan, written: list[Path], path: str) -> None:
        for one in written:
            self.stdout.write(f"wrote {one.relative_to(settings.BASE_DIR)}")
        found = unsure(plan)
        for line in found[:SHOWN]:
            self.stdout.write(printable(f"not sure: {line}"))
        if len(found) > SHOWN:
            self.stdout.write(f"not sure: {len(found) - SHOWN:,} things more, see the remarks in models.py")
        for name, reason in plan.archived.items():
            self.stdout.write(printable(f"left to the archive: {name}, since {reason}"))
        rows = sum(model.survey.rows for model in plan.models)
        models = counted(len(plan.models), "model")
        self.stdout.write(f"{models} for {counted(rows, 'row')}. Look at the remarks in models.py, then:")
        self.stdout.write("  python manage.py migrate")
        self.stdout.write(f"  python manage.py import_sqlite {path}")


def _refuse_known(file: SourceFile) -> None:
    """Refuse a file that an existing mapping knows as well as a new one would."""
    tables = sum(1 for table in file.tables.values() if table.kind == "table")
    for system in load_systems().values():
        if tables and score(file, system) >= tables:
            raise Unfit(f"{file.path} is a file of {system.title} already: import it")


def _reasons(plan: Plan) -> str:
    return (
        "; ".join(f"{name}: {reason}" for name, reason in plan.archived.items()) or "it has no table at all"
    )


def unsure(plan: Plan) -> list[str]:
    """Return what was not sure, a line for each: the table, the column, and what was seen."""
    return [
        line
        for model in plan.models
        for line in (
            *(f"{model.survey.name}: {note}" for note in model.notes),
            *(
                f"{model.survey.name}.{found.survey.name}: {note}"
                for found in model.fields
                for note in remarks(found)
            ),
        )
    ]
