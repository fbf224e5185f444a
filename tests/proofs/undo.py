"""Runs taken back: after each undo the database is as it was before the run, row for row.

Of each system: an import; an import of a changed file, whose rows it updates, adds and repairs; the same after
five edits by hand, which stay, with what they are referred to by; the same with the undo killed at a step and
given again.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from django.db import DatabaseError, transaction

from apps.importer.mapping import ResolvedTable, load_systems, logical
from apps.importer.models import ImportRun
from apps.importer.sql import query, quote
from tests.kill import content, material
from tests.kill.ground import FINE, HELD
from tests.proofs.proof import Commands, Proof, Ran
from tests.proofs.sites import COLUMNS

BOOK = "importrun|runfile|runtable|importsource|stream|verification"
"""What an undo adds to and takes nothing from: which runs there were, of which sources."""
PICTURED = f"""
SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')
AND relname !~ '^(django|auth)_|^importer_({BOOK})$' ORDER BY 1
"""
SCHEMA = ("index", "constraint", "trigger", "table")
KEPT = 3
"""Exit code of an undo that leaves rows."""
EDITS = 5

Picture = dict[str, Any]
Rows = dict[str, dict[str, str]]


def picture() -> Picture:
    """Every row of every table but the book of runs, of every materialized view, and the schema."""
    found: Picture = {}
    for (table,) in query(PICTURED):
        (found[table],) = query(f"SELECT {content.HASHES.format('t::text')} FROM {table} t")
    for part in SCHEMA:
        found |= {f"{part} {name}": rest for name, *rest in query(content.PARTS[part])}
    return found


def rows_of(tables: list[ResolvedTable]) -> Rows:
    """The rows of tables, by key, as text."""
    return {
        table.target: dict(query(f"SELECT {quote(table.pk)}::text, t::text FROM {quote(table.target)} t"))
        for table in tables
    }


@dataclass
class Edit:
    """An edit by hand: the row's table and key, and what it says now; None for a row that was deleted."""

    table: str
    pk: str
    text: str | None


@dataclass
class Undoing:
    """The trials of one system's file, which comes in two versions."""

    commands: Commands
    system: str
    rows: int
    chance: Random
    undone: int = 0
    kills: int = 0
    kept: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = material.make(self.commands.folder / f"undo-{self.system}", self.system, self.rows)
        mapped = load_systems()[self.system].resolved.values()
        self.tables = list({table.target: table for table in mapped}.values())
        self.versions = reduced(self.path, mapped), changed(self.path, mapped)

    def run(self, kills: int) -> None:
        """Do all trials on an empty database."""
        nothing = picture()
        self._bring(0)
        self._undo_and_compare("an import", nothing)
        self._bring(0)
        before, rows = picture(), rows_of(self.tables)
        self._bring(1)
        ((updated, added),) = query(
            "SELECT sum(updated), sum(imported) FROM importer_runtable t JOIN importer_runfile f ON f.id = t.file_id "
            "JOIN importer_importrun r ON r.id = f.run_id WHERE r.number = %s",
            [self._last()],
        )
        if not updated or not added:
            self.wrong.append(f"{self.system}: the changed file updates {updated} rows and adds {added}")
        steps = self._count_steps(before)
        for number in range(kills):
            self._bring(1)
            stretch = max(1, steps // kills)
            self._kill(1 + number * steps // kills + self.chance.randrange(stretch), before)
        self._bring(1)
        self._edit_and_undo(rows)

    def _bring(self, version: int) -> None:
        self.path.write_bytes(self.versions[version])
        ran = self.commands.run("import_sqlite", self.path, "--no-progress")
        assert ran.code in FINE, ran.said

    def _last(self) -> int:
        """The number of the last import."""
        return int(ImportRun.objects.filter(kind="import").latest("number").number)

    def _undo(self) -> Ran:
        """Give the command, again while a dead one's session still holds the source."""
        for _ in range(100):
            ran = self.commands.run("undo_import", self._last())
            if ran.code != HELD:
                break
            time.sleep(0.1)
        return ran

    def _undo_and_compare(self, what: str, before: Picture) -> None:
        self._compare(what, self._undo(), before)

    def _compare(self, what: str, ran: Ran, before: Picture) -> None:
        self.undone += 1
        if ran.code != 0 or "Traceback" in ran.said:
            self.wrong.append(f"{self.system}: undo of {what}: exit {ran.code}: {ran.said[-800:]}")
        self.wrong += [
            f"{self.system}: undo of {what}: {line}" for line in content.compare(picture(), before)
        ]

    def _count_steps(self, before: Picture) -> int:
        """Undo an updating import undisturbed; the number of steps that it takes."""
        ran = self.commands.step(0, "undo_import", self._last())
        self._compare("an updating import", ran, before)
        return len(self.commands.steps())

    def _kill(self, step: int, before: Picture) -> None:
        killed = self.commands.step(step, "undo_import", self._last())
        self.kills += killed.code == -9
        labels = self.commands.steps() or ["?"]
        self._undo_and_compare(f"an updating import, killed at step {step} ({labels[-1]})", before)

    # -- edits by hand

    def _edit_and_undo(self, before: Rows) -> None:
        """What was edited stays as it was edited; all else is as before the run, but for what is named as kept."""
        edits = list(self._edits(self._last()))
        if len(edits) != EDITS:
            self.wrong.append(f"{self.system}: only {len(edits)} edits were possible: {edits}")
        edited = rows_of(self.tables)
        ran = self._undo()
        self.undone += 1
        found = rows_of(self.tables)
        tables = [table for source in ran.report["sources"] for table in source["tables"]]
        kept = {
            (table["target_table"], row["target_pk"]) for table in tables for row in table.get("kept", [])
        }
        self.kept += len(kept)
        if ran.code != KEPT or not kept:
            self.wrong.append(f"{self.system}: undo after edits: exit {ran.code}: {ran.said[-800:]}")
        ours = {(edit.table, edit.pk) for edit in edits}
        for table in before:
            for pk in before[table].keys() | edited[table].keys() | found[table].keys():
                stays = (table, pk) in ours | kept
                wanted = (edited if stays else before)[table].get(pk)
                if found[table].get(pk) != wanted:
                    self.wrong.append(
                        f"{self.system}: after edits: {table} {pk}: {found[table].get(pk)}, not {wanted}"
                    )

    def _edits(self, run: int) -> Iterator[Edit]:
        """Five edits: of a row that the run updated, of one that it added, of an old one; a row less, a row more."""
        write = "UPDATE {table} SET {column} = {column} || '.' WHERE {pk}::text = %s"
        remove = "DELETE FROM {table} WHERE {pk}::text = %s"
        copy = (
            "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('{bare}', "
            "gen_random_uuid()))).* FROM {table} t WHERE {pk}::text = %s"
        )
        added, updated = f"p.first_run = {run}", f"p.first_run < {run} AND p.last_run = {run}"
        old = f"p.last_run < {run}"
        for condition, statement in (
            (updated, write),
            (added, write),
            (old, write),
            (added, remove),
            (old, copy),
        ):
            if edit := self._edit(condition, statement):
                yield edit

    def _edit(self, condition: str, statement: str) -> Edit | None:
        for table in self.chance.sample(self.tables, len(self.tables)):
            target, pk = quote(table.target), quote(table.pk)
            columns = [
                name for name, kind, _, unique in query(COLUMNS, [target]) if kind == "text" and not unique
            ]
            rows = query(
                f"SELECT t.{pk}::text FROM {target} t JOIN importer_provenance p ON t.{pk}::text = "
                "coalesce(p.target_pk, p.identity) JOIN importer_stream s ON s.id = p.stream_id "
                f"AND s.target_table = %s WHERE {condition} AND t.xmin = p.xmin ORDER BY 1 LIMIT 3",
                [table.target],
            )
            for column in map(quote, columns):
                for (key,) in rows:
                    before = rows_of([table])[table.target]
                    sql = statement.format(table=target, column=column, pk=pk, bare=table.pk)
                    after = self._changed(table, sql, key)
                    for changed in (k for k in after.keys() | before.keys() if after.get(k) != before.get(k)):
                        return Edit(table.target, changed, after.get(changed))
        return None

    def _changed(self, table: ResolvedTable, sql: str, key: str) -> dict[str, str]:
        """Do what a person might do; where PostgreSQL forbids it, nothing."""
        try:
            with transaction.atomic():
                query(sql, [key])
                query("SET CONSTRAINTS ALL IMMEDIATE")
        except DatabaseError:
            pass
        return rows_of([table])[table.target]


def reduced(path: Path, tables: Iterable[ResolvedTable]) -> bytes:
    """The file without every seventh row, and so with children that miss their parents."""
    return _edited(path, tables, "DELETE FROM {table} WHERE rowid % 7 = 3")


def changed(path: Path, tables: Iterable[ResolvedTable]) -> bytes:
    """The file with every fifth row of each table changed."""
    return _edited(path, tables, "UPDATE {table} SET {column} = {column} || ' changed' WHERE rowid % 5 = 2")


def _edited(path: Path, tables: Iterable[ResolvedTable], statement: str) -> bytes:
    original = path.read_bytes()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA foreign_keys = off")
        for table in tables:
            taken = {*table.key, *(r.column for r in table.references), *chain.from_iterable(table.uniques)}
            for column in table.columns:
                if (
                    logical(column.converter) == "text"
                    and column.type == "text"
                    and column.source not in taken
                ):
                    with suppress(sqlite3.OperationalError):  # the file lacks it
                        file.execute(statement.format(table=quote(table.source), column=quote(column.source)))
                        break
    found, _ = path.read_bytes(), path.write_bytes(original)
    return found


def prove(
    commands: Commands, fresh: Callable[[], Any], count: int, seed: int, rows: int, systems: Sequence[str]
) -> Proof:
    """Do the trials of systems; so many undos are killed in all."""
    done = []
    for number, system in enumerate(systems):
        fresh()
        done.append(Undoing(commands, system, rows, Random(f"{system} {seed}")))
        done[-1].run((count + number) // len(systems))
    undone, kills, kept = (sum(getattr(one, name) for one in done) for name in ("undone", "kills", "kept"))
    return Proof(
        f"{undone} undos on {len(done)} systems, {kills} killed in their middle first; {EDITS} edits by hand each, "
        f"{kept} rows kept and named",
        [line for one in done for line in one.wrong],
    )
