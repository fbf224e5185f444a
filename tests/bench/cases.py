"""A workload made ready: its legacy file, the files that psql copies, and what a right import looks like.

All of it is made once and kept for as long as the code that makes it, and the target's schema, stay the same.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from apps.samples.writer import write_sample
from tests.bench import columns, samples
from tests.bench.columns import Plan
from tests.bench.content import Content, contents
from tests.bench.server import CHECKOUT, Server

MADE_BY = ("apps/samples", *(f"tests/bench/{name}.py" for name in ("samples", "columns", "cases", "content")))
NO_GRAPH = ("DROP INDEX IF EXISTS idx_knowledge_nodes_embedding_hnsw",)

Targets = tuple[tuple[str, str], ...]
LEARNING: Targets = (
    ("users", "learners.User"),
    ("tasks", "planning.Task"),
    ("chat_messages", "tutoring.ChatMessage"),
)
NODES: Targets = (("subjects", "knowledge.Subject"), ("knowledge_nodes", "knowledge.KnowledgeNode"))


@dataclass(frozen=True)
class Kind:
    """A kind of case: its sample, the models of its tables in the order of loading, and what is special.

    ``changes`` are made to every fresh database; ``good`` tells the rows that a right import brings in, which
    are read from the file of ``clean``.
    """

    sample: str
    targets: Targets
    changes: tuple[str, ...] = ()
    good: str = ""
    clean: str = ""


KINDS = {
    "chat": Kind("chat", LEARNING),
    "bad": Kind(
        "bad",
        LEARNING,
        good=f"chat_messages: (rowid - 1) % {samples.BAD_EVERY} <> {samples.BAD_AT}",
        clean="chat",
    ),
    "audits": Kind("audits", (("tasks", "agents.Task"), ("task_audits", "agents.TaskAudit"))),
    "vectors": Kind("vectors", NODES, changes=NO_GRAPH),
    "blobs": Kind("blobs", NODES, changes=NO_GRAPH),
    "graph": Kind("blobs", NODES),
    "atlas": Kind("atlas", ()),
}


@dataclass(frozen=True)
class Case:
    """A case of a number of rows: the file, the plans and copy files of its tables, the right contents."""

    kind: Kind
    rows: int
    folder: Path
    source: Path
    plans: tuple[Plan, ...]
    expected: dict[str, Content]

    def copy_file(self, plan: Plan) -> Path:
        """The file of a table that psql copies."""
        return self.folder / f"{plan.target}.copy"

    @property
    def plan_file(self) -> Path:
        """The plans as JSON, for loaders that run by themselves."""
        return self.folder / "plans.json"


def prepare(name: str, rows: int, cache_folder: Path, server: Server) -> Case:
    """The case of a kind and size, made where it is not there."""
    kind = KINDS[name]
    source = legacy_file(kind.sample, rows, cache_folder)
    folder = kept_folder(f"ready-{name}-{rows}", cache_folder)
    plans = tuple(plan_of(source, *target) for target in kind.targets)
    case = Case(kind, rows, folder, source, plans, {})
    looked_at = folder / f"{server.template}.json"
    if not looked_at.exists():
        read_from = legacy_file(kind.clean, rows, cache_folder) if kind.clean else source
        for plan in plans:
            write_copy_file(read_from, plan, case.copy_file(plan), kind.good)
        case.plan_file.write_text(json.dumps([asdict(plan) for plan in plans]))
        expected = _load_and_look(case, server) if plans else {}
        save_contents(looked_at, expected)
    return Case(kind, rows, folder, source, plans, read_contents(looked_at))


def legacy_file(sample: str, rows: int, cache_folder: Path) -> Path:
    """The legacy file of a sample and size."""
    described = samples.SAMPLES[sample]
    folder = kept_folder(f"file-{sample}-{rows}", cache_folder)
    path = folder / described.filename
    if not path.exists():
        write_sample(described, folder, rows, clean=True)
    return path


def kept_folder(name: str, cache_folder: Path) -> Path:
    """The folder of a name for the present code."""
    folder = cache_folder / f"{name}-{made_by()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sweep(cache_folder: Path) -> None:
    """Remove what older code made."""
    for kind in ("file", "ready"):
        for folder in cache_folder.glob(f"{kind}-*"):
            if not folder.name.endswith(made_by()):
                shutil.rmtree(folder)


@cache
def made_by() -> str:
    """Digest of the code that makes the cases."""
    digest = hashlib.sha256()
    for place in MADE_BY:
        path = CHECKOUT / place
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


# -- what goes where


def plan_of(source: Path, table: str, label: str) -> Plan:
    """The plan of a legacy table: every column it has goes to the model's column of the same name."""
    model: type[Model] = apps.get_model(label)
    fields = {field.column: field for field in model._meta.concrete_fields}
    with closing(sqlite3.connect(source)) as connection:
        names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    kinds = tuple((name, kind_of(fields[name])) for name in names)
    return Plan(table, model._meta.db_table, label, model._meta.pk.column, kinds)


def kind_of(field: Field[Any, Any]) -> str:
    """The kind of a column's values: a reference's is that of the key it points at."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field.get_internal_type()


def rows_of(source: Path, plan: Plan, condition: str = "") -> Iterator[tuple[Any, ...]]:
    """The stored rows of a legacy table."""
    names = ", ".join(f'"{name}"' for name in plan.names)
    with closing(sqlite3.connect(source)) as connection:
        yield from connection.execute(f'SELECT {names} FROM "{plan.source}" WHERE {condition or 1}')


def write_copy_file(source: Path, plan: Plan, path: Path, good: str) -> None:
    """Write what psql copies."""
    table, _, condition = good.partition(": ")
    texts = plan.texts()
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows_of(source, plan, condition if table == plan.source else ""):
            values = [None if v is None else text(v) for v, text in zip(row, texts, strict=True)]
            file.write(columns.line(values))


def copy_commands(case: Case) -> Iterator[str]:
    """The commands of psql that copy a case's tables."""
    for plan in case.plans:
        names = ", ".join(f'"{name}"' for name in plan.names)
        yield f"\\copy {plan.target} ({names}) from '{case.copy_file(plan)}'"


# -- what is right


def _load_and_look(case: Case, server: Server) -> dict[str, Content]:
    """Load a case by psql, without the graph of neighbours, which says nothing of the content and takes long."""
    script = case.folder / "load.sql"
    script.write_text("\n".join(copy_commands(case)) + "\n")
    name = server.fresh((*case.kind.changes, *NO_GRAPH))
    subprocess.run(server.psql(name, script), env=server.environment(name), check=True)
    found = contents(server, name, case.plans, by_column=True)
    server.drop()
    return found


def save_contents(path: Path, found: dict[str, Content]) -> None:
    path.write_text(json.dumps({table: asdict(content) for table, content in found.items()}))


def read_contents(path: Path) -> dict[str, Content]:
    return {table: Content(**content) for table, content in json.loads(path.read_text()).items()}
