"""Where changes can be made: the tables that files filled, their columns, and by what their rows are named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.importer import archive
from apps.importer.findings import Findings
from apps.importer.mapping import LegacySystem, ResolvedTable, load_systems
from apps.importer.models import Stream
from apps.importer.source import SourceFile, encode_value
from apps.importer.sql import query, quote
from apps.importer.verify import verify_source
from tests.kill import material
from tests.proofs.steps import FORMS, Form

COLUMNS = """
SELECT a.attname, regexp_replace(format_type(a.atttypid, NULL), '^character varying$', 'varchar'), NOT a.attnotnull,
    EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY(i.indkey))
FROM pg_attribute a WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
"""
DERIVED = ("tsvector",)
"""Types of columns that PostgreSQL computes from others."""


@dataclass(frozen=True)
class Column:
    """A column of a table in PostgreSQL."""

    name: str
    type: str
    nullable: bool
    unique: bool

    @property
    def form(self) -> Form:
        return FORMS[self.type]

    @property
    def read(self) -> str:
        """The expression that reads its value."""
        return self.form.read.format(f"t.{quote(self.name)}")

    @property
    def write(self) -> str:
        """The expression that makes a value of it from a parameter."""
        return self.form.write.format(self.type)


@dataclass
class Opened:
    """A file that was imported, open to be compared."""

    path: Path
    file: SourceFile
    system: LegacySystem
    tables: dict[str, ResolvedTable]

    def verify(self, only: set[str] | None = None) -> list[Findings]:
        """Compare its tables, all or some."""
        with transaction.atomic():
            return verify_source(self.file, self.system, self.tables, self.path.name, only)


@dataclass
class Site:
    """A table that was filled from a file, where changes can be made."""

    opened: Opened
    stream: Stream
    rows: int = 0
    changes: int = 0

    @property
    def target(self) -> str:
        return quote(self.stream.target_table)

    @property
    def is_archive(self) -> bool:
        return self.stream.target_table == archive.TARGET

    @cached_property
    def pk(self) -> str:
        return "id" if self.is_archive else self.opened.tables[self.stream.source_table].pk

    @cached_property
    def columns(self) -> list[Column]:
        found = [Column(*row) for row in query(COLUMNS, [self.target])]
        return [c for c in found if c.type not in DERIVED and (not self.is_archive or c.name == "raw")]

    @property
    def key(self) -> Column:
        found = query(COLUMNS, [self.target])
        return next(Column(*row) for row in found if row[0] == self.pk)

    @property
    def own(self) -> str:
        """The condition on its rows ``t``."""
        return f"t.stream_id = {self.stream.pk}" if self.is_archive else "TRUE"

    def key_of(self, pk: str) -> str:
        """The legacy key by which verification is to name a row, as JSON."""
        if self.is_archive:
            ((place,),) = query("SELECT place FROM importer_archivedrow WHERE id = %s", [pk])
            return same(json.loads(place))
        ((identity, rowid),) = query(
            "SELECT identity, source_rowid FROM importer_provenance WHERE stream_id = %s "
            "AND coalesce(target_pk, identity) = %s",
            [self.stream.pk, pk],
        )
        names = self.opened.tables[self.stream.source_table].key
        if not names:
            return same({"rowid": rowid})
        with closing(sqlite3.connect(self.opened.path)) as file:
            where, values = "rowid = ?", [rowid]
            if rowid is None:
                where, values = " AND ".join(f"{quote(name)} = ?" for name in names), [identity]
                values = json.loads(identity) if len(names) > 1 else values
            listed = ", ".join(map(quote, names))
            (found,) = file.execute(
                f"SELECT {listed} FROM {quote(self.stream.source_table)} WHERE {where}", values
            )
        return same({name: encode_value(value) for name, value in zip(names, found, strict=True)})


def same(key: Any) -> str:
    """A key in one spelling: names of columns may be written in another case."""
    if isinstance(key, dict):
        key = {name.lower(): value for name, value in key.items()}
    return json.dumps(key, sort_keys=True, ensure_ascii=False)


def material_of(folder: Path, system: str, rows: int) -> Path:
    """Write a system's file in which some rows also have values in columns that no mapping knows."""
    path = material.make(folder, system, rows)
    with closing(sqlite3.connect(path)) as file, file:
        for table in load_systems()[system].resolved.values():
            if file.execute(
                "SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'", [table.source]
            ).fetchone():
                name = quote(table.source)
                file.execute(f"ALTER TABLE {name} ADD COLUMN colour")
                file.execute(f"UPDATE {name} SET colour = 'red' || rowid WHERE rowid % 4 = 1")
    return path


def sites(opened: Opened) -> Iterator[Site]:
    """The tables with rows that a file filled."""
    for stream in Stream.objects.filter(source__name=opened.path.name, source__system=opened.system.name):
        site = Site(opened, stream)
        ((site.rows,),) = query(f"SELECT count(*) FROM {site.target} t WHERE {site.own}")
        if site.rows:
            yield site
