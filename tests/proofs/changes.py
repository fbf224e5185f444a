"""Single changes in PostgreSQL after an import, each by the smallest step there is: verification names every one.

A change is made, the table is compared with its file (now and then all tables of the file), and the change is
taken back. What is to be named is read from the file and from the provenance, not from what verification says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from apps.importer import archive
from apps.importer.recognise import recognise
from apps.importer.source import open_source
from apps.importer.sql import query, quote
from tests.proofs.proof import Proof
from tests.proofs.sites import COLUMNS, Column, Opened, Site, same, sites
from tests.proofs.steps import FORMS, reordered

WHOLE_EVERY = 20
"""After every so many changes all tables of the file are compared, not only the one that was changed."""
ATTEMPTS = 3
"""How often a kind is tried everywhere before it is given up."""
WHOLE = ("bigint", "integer", "smallint")
"""Types of keys that are numbers."""
MOST_SWAPPED = 8
"""Columns that two rows exchange, so that verification has room to name them all."""

Named = tuple[str, str, "str | None"]
"""A difference: its kind, the row's key as JSON, the column."""


@dataclass
class Change:
    """A change that was made, and what is to be named."""

    kind: str
    what: str
    named: set[Named]
    silent: bool = False
    """Whether the digest of a certificate leaves it out: a row beside those of the file, what is kept beside a row."""


@dataclass
class Changer:
    """Makes one change at a site, or none where the site has no place for it."""

    site: Site
    chance: Random

    def rows(self, condition: str = "TRUE", count: int = 1, read: str = "NULL") -> list[tuple[str, Any]]:
        """Some rows, each with its key in PostgreSQL and a value."""
        return query(
            f"SELECT t.{quote(self.site.pk)}::text, {read} FROM {self.site.target} t WHERE ({condition}) "
            f"AND {self.site.own} ORDER BY md5(t.{quote(self.site.pk)}::text || %s) LIMIT {count}",
            [str(self.chance.random())],
        )

    def set(self, pk: str, column: Column, value: Any) -> None:
        """Write one cell."""
        where = f"{quote(self.site.pk)}::text = %s"
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.site.target} SET {quote(column.name)} = {column.write} WHERE {where}",
                [value, pk],
            )
            assert cursor.rowcount == 1

    def cell(self, kind: str, column: Column, condition: str, value: Callable[[str], Any]) -> Change | None:
        """Change one cell among those that fulfil a condition on it."""
        name = quote(column.name)
        for pk, found in self.rows(condition.format(f"t.{name}"), read=column.read):
            other = value(found)
            if other == found:
                return None
            if column.name == self.site.pk:
                return self._key(pk, column, other)
            key = self.site.key_of(pk)
            self.set(pk, column, other)
            if self._read(pk, column) == found:  # PostgreSQL cut off the blank that was added
                return None
            return Change(kind, f"{column.name} of {pk}: {other!r}", {("different", key, column.name)})
        return None

    def _read(self, pk: str, column: Column) -> Any:
        ((value,),) = query(
            f"SELECT {column.read} FROM {self.site.target} t WHERE t.{quote(self.site.pk)}::text = %s", [pk]
        )
        return value

    def _key(self, pk: str, column: Column, other: str) -> Change:
        named = {("missing", self.site.key_of(pk), None), ("extra", same({column.name: other}), None)}
        self.set(pk, column, other)
        return Change("key", f"key {pk} became {other}", named)

    # -- kinds of changes

    def step(self, column: Column) -> Change | None:
        """A cell by its smallest step."""
        return self.cell(
            column.type, column, "{} IS NOT NULL", lambda found: column.form.step(found, self.chance) or found
        )

    def gone(self) -> Change | None:
        """A row less."""
        for pk, _ in self.rows():
            named = {("missing", self.site.key_of(pk), None)}
            query(f"DELETE FROM {self.site.target} WHERE {quote(self.site.pk)}::text = %s", [pk])
            return Change("row gone", pk, named)
        return None

    def added(self) -> Change | None:
        """A row more: a copy with another key, and another value wherever values must differ."""
        key = self.site.key
        columns = {column.name: column for column in (key, *self.site.columns)}
        names = [name for name, *_ in query(COLUMNS, [self.site.target])]
        for pk, found in self.rows(read=key.read):
            other = {key.name: key.form.step("-9" if key.type in WHOLE else found, self.chance)}
            for column in self.site.columns:
                if column.unique and column.name != key.name:
                    value = self._read(pk, column)
                    other[column.name] = value and column.form.step(value, self.chance)
            cells = [columns[name].write if name in other else f"t.{quote(name)}" for name in names]
            query(
                f"INSERT INTO {self.site.target} ({', '.join(map(quote, names))}) SELECT {', '.join(cells)} "
                f"FROM {self.site.target} t WHERE t.{quote(self.site.pk)}::text = %s",
                [*(other[name] for name in names if name in other), pk],
            )
            named = {("extra", same({key.name: str(other[key.name])}), None)}
            return Change("row added", f"beside {pk}", named, silent=True)
        return None

    def beside(self) -> Change | None:
        """A value of a column that no mapping knows, which is kept beside its row."""
        kept = (
            "importer_provenance p WHERE p.stream_id = %s AND coalesce(p.target_pk, p.identity) = "
            f"t.{quote(self.site.pk)}::text AND p.extras ? 'colour'"
        )
        stream = self.site.stream.pk
        for pk, _ in self.rows(f"EXISTS (SELECT 1 FROM {kept.replace('%s', str(stream))})"):
            other = self.chance.choice(('{"t": "red"}', '{"t": ""}', "null"))
            query(
                "UPDATE importer_provenance SET extras = extras || jsonb_build_object('colour', %s::jsonb) "
                "WHERE stream_id = %s AND coalesce(target_pk, identity) = %s",
                [other, stream, pk],
            )
            return Change(
                "column beside", f"colour of {pk}", {("different", self.site.key_of(pk), "colour")}, True
            )
        return None

    def swapped(self) -> Change | None:
        """The values of two rows, but for their keys, exchanged."""
        columns = [c for c in self.site.columns if not c.unique]
        two = self.rows(count=2)
        if len(two) < 2 or not columns:
            return None
        self.chance.shuffle(columns)
        (one, _), (other, _) = two
        pairs = [(c, *self._both(c, one, other)) for c in columns]
        differing = [(c, a, b) for c, a, b in pairs if a != b][:MOST_SWAPPED]
        if not differing:
            return None
        named = {
            ("different", self.site.key_of(pk), column.name)
            for pk in (one, other)
            for column, *_ in differing
        }
        for column, a, b in differing:
            self.set(one, column, b)
            self.set(other, column, a)
        return Change("two rows swapped", f"{one} and {other}", named)

    def _both(self, column: Column, one: str, other: str) -> tuple[Any, Any]:
        select = f"(SELECT {column.read} FROM {self.site.target} t WHERE t.{quote(self.site.pk)}::text = %s)"
        ((a, b),) = query(f"SELECT {select}, {select}", [one, other])
        return self._written(column, a), self._written(column, b)

    def _written(self, column: Column, value: Any) -> Any:
        return json.loads(value) if column.type == "text[]" and value is not None else value


class ArchiveChanger(Changer):
    """Makes changes to the archive, whose rows hold a legacy row in one cell."""

    def cell(self, kind: str, column: Column, condition: str, value: Callable[[str], Any]) -> Change | None:
        """Change one stored value of an archived row."""
        for pk, _ in self.rows():
            ((raw,),) = query("SELECT raw::text FROM importer_archivedrow WHERE id = %s", [pk])
            stored: dict[str, Any] = json.loads(raw)
            name = self.chance.choice(list(stored))
            if stored[name] is None:
                stored[name] = {"t": ""}
            else:
                ((tag, text),) = stored[name].items()
                stored[name] = {tag: FORMS["text"].step(text, self.chance) or f"{text}0"}
            key = self.site.key_of(pk)
            self.set(pk, column, json.dumps(stored))
            return Change("archived value", f"{name} of {pk}", {("different", key, name)})
        return None

    def beside(self) -> None:
        """An archived row has all its columns in one place."""

    def added(self) -> Change | None:
        """An archived row more, said to come from a place that the file does not have."""
        query(
            f"INSERT INTO importer_archivedrow ({archive.COLUMNS}) SELECT gen_random_uuid(), stream_id, source_table, "
            "-5, %s, raw, digest, first_run, last_run FROM importer_archivedrow WHERE stream_id = %s LIMIT 1",
            ['{"i": "-5"}', self.site.stream.pk],
        )
        return Change("row added", "place -5", {("extra", same({"i": "-5"}), None)})

    def swapped(self) -> Change | None:
        """Two archived rows exchanged."""
        two = self.rows(count=2)
        if len(two) < 2:
            return None
        (one, _), (other, _) = two
        ((a, b),) = query(
            "SELECT a.raw::text, b.raw::text FROM importer_archivedrow a, importer_archivedrow b "
            "WHERE a.id = %s AND b.id = %s",
            [one, other],
        )
        names = [name for name in json.loads(a) if json.loads(a)[name] != json.loads(b)[name]]
        named = {("different", self.site.key_of(pk), name) for pk in (one, other) for name in names}
        self.set(one, self.site.columns[0], b)
        self.set(other, self.site.columns[0], a)
        return Change("two rows swapped", f"{one} and {other}", named)


Attempt = Callable[[Changer, "Column | None"], "Change | None"]


@dataclass(frozen=True)
class Kind:
    """A kind of change: the columns that it fits, none for changes of whole rows, and how it is made."""

    name: str
    make: Attempt
    fits: Callable[[Column], bool] | None = None


def _cell(name: str, fits: Callable[[Column], bool], condition: str, value: Callable[[str], Any]) -> Kind:
    return Kind(name, lambda changer, column: changer.cell(name, column, condition, value), fits)  # type: ignore[arg-type]


def _is_text(column: Column) -> bool:
    return column.type in ("text", "varchar")


def _is_optional_text(column: Column) -> bool:
    return _is_text(column) and column.nullable


def _is_optional_json(column: Column) -> bool:
    return column.type == "jsonb" and column.nullable


ZEROS = {
    **dict.fromkeys(("integer", "bigint", "smallint", "double precision"), "0"),
    **{"boolean": "false", "date": "2000-01-01", "timestamp with time zone": "2000-01-01 00:00:00+00"},
    **{
        "uuid": "00000000-0000-0000-0000-000000000000",
        "bytea": "",
        "jsonb": "{}",
        "text": "0",
        "varchar": "0",
    },
}


def _step(kind: str) -> Kind:
    def fits(column: Column) -> bool:
        return column.type == kind

    return Kind(kind, lambda changer, column: changer.step(column), fits)  # type: ignore[arg-type]


KINDS = (
    *map(_step, FORMS),
    _cell("'' for NULL", _is_optional_text, "{} IS NULL", lambda _: ""),
    _cell("NULL for ''", _is_optional_text, "{} = ''", lambda _: None),
    _cell("NULL for a value", lambda c: c.nullable and not c.unique, "{} IS NOT NULL", lambda _: None),
    Kind(
        "a value for NULL",
        lambda changer, column: changer.cell(
            "a value for NULL", column, "{} IS NULL", lambda _: ZEROS[column.type]
        ),  # type: ignore[arg-type, union-attr]
        lambda c: c.nullable and c.type in ZEROS,
    ),
    _cell("JSON null for NULL", _is_optional_json, "{} IS NULL", lambda _: "null"),
    _cell("NULL for JSON null", _is_optional_json, "{} = 'null'", lambda _: None),
    Kind("row gone", lambda changer, _: changer.gone()),
    Kind("row added", lambda changer, _: changer.added()),
    Kind("column beside", lambda changer, _: changer.beside()),
    Kind("two rows swapped", lambda changer, _: changer.swapped()),
)


@dataclass
class Changes:
    """The run: sites by how often they were changed, and what came of it."""

    sites: list[Site]
    chance: Random
    made: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    harmless: int = 0
    wrong: list[str] = field(default_factory=list)
    digests: dict[tuple[str, str], str] = field(default_factory=dict)

    def run(self, count: int) -> None:
        """Make so many changes, kind after kind, each where the fewest were made so far."""
        self._expect_none()
        spent: set[str] = set()
        while sum(self.made.values()) < count and len(spent) < len(KINDS):
            for kind in KINDS:
                if sum(self.made.values()) < count and kind.name not in spent and not self._one(kind):
                    spent.add(kind.name)

    def _expect_none(self) -> None:
        """Before anything is changed nothing may differ."""
        for opened in {site.opened.path: site.opened for site in self.sites}.values():
            for findings in opened.verify():
                self.digests[opened.path.name, findings.source_table] = findings.digest
                self.wrong += [f"unchanged: {one}" for one in findings.differences]

    def _one(self, kind: Kind) -> bool:
        """Make one change of a kind wherever there is room for it; False where there is none."""
        places = sorted(self.sites, key=lambda s: (s.changes, self.chance.random()))
        for site in places * ATTEMPTS:
            columns: Sequence[Column | None] = [None]
            if kind.fits:
                columns = [c for c in site.columns if kind.fits(c)]
            for column in self.chance.sample(columns, len(columns)):
                if self._attempt(kind, site, column):
                    return True
        return False

    def _attempt(self, kind: Kind, site: Site, column: Column | None) -> bool:
        changer = (ArchiveChanger if site.is_archive else Changer)(site, self.chance)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    query("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
                    change = kind.make(changer, column)
            except (DataError, IntegrityError):  # nothing that PostgreSQL could hold
                change = None
            if change is not None:
                query("SET LOCAL session_replication_role = origin")
                self._judge(site, change)
                site.changes += 1
                self.made[change.kind] += 1
                self.types.update([column.type] if column else [])
            transaction.set_rollback(True)
        return change is not None

    def _judge(self, site: Site, change: Change) -> None:
        whole = sum(self.made.values()) % WHOLE_EVERY == 0
        found = site.opened.verify(None if whole else {site.stream.source_table})
        named = {
            (one["kind"], same(one["key"]), one["column"]) for table in found for one in table.differences
        }
        counted = sum(table.different + table.missing + table.extra for table in found)
        if named != change.named or counted != len({(kind, key) for kind, key, _ in change.named}):
            where = f"{site.stream.source_table}: {change.kind}: {change.what}"
            self.wrong.append(
                f"{where}: named {sorted(map(str, named))}, not {sorted(map(str, change.named))}"
            )
        for table in found:
            digest = self.digests[site.opened.path.name, table.source_table]
            changed = table.source_table == site.stream.source_table and not change.silent
            if (table.digest != digest) != changed:
                self.wrong.append(
                    f"{table.source_table}: {change.kind}: {change.what}: digest {table.digest}"
                )

    def rewrite(self, count: int) -> None:
        """Write documents anew with their keys in another order, which is no change: nothing may be named."""
        places = [
            (site, c)
            for site in self.sites
            for c in site.columns
            if c.type == "jsonb" and not site.is_archive
        ]
        self.chance.shuffle(places)
        for site, column in places:
            if self.harmless == count:
                return
            changer = Changer(site, self.chance)
            with transaction.atomic():
                for pk, found in changer.rows(f"t.{quote(column.name)} IS NOT NULL", read=column.read):
                    changer.set(pk, column, reordered(found))
                    self.harmless += 1
                    for table in site.opened.verify({site.stream.source_table}):
                        self.wrong += [f"keys in another order: {one}" for one in table.differences]
                transaction.set_rollback(True)


def prove(paths: Sequence[Path], count: int, seed: int) -> Proof:
    """Make changes to what was imported from files, on Django's connection; nothing of them stays."""
    with ExitStack() as stack:
        found = []
        for path in paths:
            file = stack.enter_context(open_source(path))
            system, variant = recognise(file, None)
            found += sites(Opened(path, file, system, system.of_variant(variant)))
        changes = Changes(found, Random(seed))
        changes.run(count)
        changes.rewrite(max(3, count // 20))
    return _proof(changes, count)


def _proof(changes: Changes, count: int) -> Proof:
    made = sum(changes.made.values())
    wrong = list(changes.wrong)
    if made < count:
        wrong.append(f"only {made} changes were possible")
    if count >= len(changes.sites):
        wrong += [f"{s.stream.source_table}: never changed" for s in changes.sites if not s.changes]
    present = {c.type for site in changes.sites for c in site.columns}
    wrong += [f"no column of type {name} was changed" for name in sorted(present - changes.types.keys())]
    kinds = ", ".join(f"{name} {n}" for name, n in sorted(changes.made.items()))
    touched = sum(bool(site.changes) for site in changes.sites)
    return Proof(
        f"{made - len(changes.wrong)} of {made} changes named, in {touched} of {len(changes.sites)} tables with rows; "
        f"{changes.harmless} harmless rewritings, no alarm; {kinds}",
        wrong,
    )
