"""Rows that are gone from a source, deleted from PostgreSQL: only when asked, and never by surprise.

Rows that were edited since, that another source has too, or to which rows that stay refer, are kept and
named. What goes is kept as former values, so that an undo of the run brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.db import transaction

from apps.importer import removal
from apps.importer.archive import Archive
from apps.importer.binding import BoundTable, copy_field
from apps.importer.intake import Intake
from apps.importer.models import RunTable
from apps.importer.quarantine import place_of
from apps.importer.removal import Target
from apps.importer.source import SourceFile
from apps.importer.sql import copy, query

LARGEST_SHARE = 0.05
"""The share of a table's rows that may go without a number being given."""
NAMED = 100
BATCH = 10_000

GONE = """
p.stream_id = {stream} AND NOT EXISTS (
    SELECT 1 FROM importer_in_source i WHERE i.stream_id = p.stream_id AND i.identity = p.identity)
AND p.extras -> 'placeholder' IS DISTINCT FROM 'true' AND NOT EXISTS (
    SELECT 1 FROM importer_in_source i WHERE i.stream_id = p.stream_id AND i.identity IS NULL
    AND (i.source_rowid = p.source_rowid OR (i.source_rowid IS NULL AND jsonb_typeof(p.extras -> 'entry') = 'string')))
"""
"""What provenance has of a stream and the source has no more.

A row whose key cannot be read now may be one that was imported from its place, or repaired: that one stays.
"""
FORMER = """
INSERT INTO importer_formerrow AS f (id, run_id, stream_id, identity, former, provenance, deleted)
SELECT gen_random_uuid(), %s, l.stream_id, l.identity, CASE WHEN l.bare THEN '' ELSE t::text END, p::text, true
FROM importer_leaving l JOIN importer_provenance p ON p.stream_id = l.stream_id AND p.identity = l.identity
LEFT JOIN {table} t ON t.{key} = l.pk{cast}
WHERE l.target = %s AND l.kept IS NULL AND p.first_run <> %s
ON CONFLICT (run_id, stream_id, identity) DO UPDATE SET deleted = true
"""
FORMER_ARCHIVED = """
INSERT INTO importer_formerrow AS f (id, run_id, stream_id, identity, former, provenance, deleted)
SELECT gen_random_uuid(), %s, p.stream_id, p.id::text, p::text, '', true FROM importer_archivedrow p
WHERE {gone} AND p.first_run <> %s ON CONFLICT (run_id, stream_id, identity) DO UPDATE SET deleted = true
"""
GONE_ARCHIVED = """
p.stream_id = {stream} AND NOT EXISTS (
    SELECT 1 FROM importer_in_source i WHERE i.stream_id = p.stream_id AND i.identity = p.place)
"""


class Listener(Protocol):
    """Who is told what was refused."""

    def say(self, message: str) -> None:
        """Take a message for a person."""


@dataclass(frozen=True)
class Bounds:
    """How much may go: a share of each table, or a number that a person gave."""

    allowed: int | None

    def refusal(self, gone: int, before: int, rows: int) -> str | None:
        """Return why so many rows of a table must not go; None where they may."""
        if not gone or (self.allowed is not None and gone <= self.allowed):
            return None
        if rows and gone <= before * LARGEST_SHARE:
            return None
        what = "the table came back empty" if not rows else f"more than {LARGEST_SHARE:.0%} of it"
        return f"{gone} of {before} rows would go, {what}; where that is meant, give --allow-deletes {gone}"


@dataclass
class Sync:
    """The deletions of one file: before it is read, so that keys are free for the rows that come in, and after.

    After it is read those rows go, too, to which nothing refers any more now.
    """

    intakes: Sequence[Intake]
    archives: Sequence[Archive]
    allowed: int | None
    listener: Listener
    refused: set[int] = field(default_factory=set)
    """The streams of which too much would go."""

    def begin(self) -> None:
        """Find out what is gone, how much of it may go, and delete what nothing refers to."""
        query("DROP TABLE IF EXISTS pg_temp.importer_in_source")
        query(
            "CREATE TEMPORARY TABLE importer_in_source "
            '(stream_id integer, identity text COLLATE "C", source_rowid bigint)'
        )
        for intake in self.intakes:
            _note_keys(intake.file, intake.bound, intake.stream.pk)
        for archive in self.archives:
            _note_places(archive)
        query("CREATE INDEX ON importer_in_source (stream_id, identity)")
        query("ANALYZE importer_in_source")
        for intake in self.intakes:
            self._judge(intake.record, intake.stream.pk, "importer_provenance p", GONE)
        for archive in self.archives:
            self._judge(archive.record, archive.stream.pk, "importer_archivedrow p", GONE_ARCHIVED)
        self._delete()

    def finish(self) -> None:
        """Delete what is left, and write down what had to stay."""
        self._delete()
        query("DROP TABLE importer_in_source")

    def _judge(self, record: RunTable, stream: int, table: str, gone: str) -> None:
        ((rows, before),) = query(
            f"SELECT count(*) FILTER (WHERE {gone.format(stream=stream)}), count(*) FROM {table} "
            "WHERE p.stream_id = %s",
            [stream],
        )
        message = Bounds(self.allowed).refusal(rows, before, record.source_rows)
        if message is not None:
            self.refused.add(stream)
            self.listener.say(f"{record.source_table}: nothing deleted: {message}")
            refusal = {"gone": rows, "of": before, "message": message}
            record.details = {**record.details, "deletes_refused": refusal}
            record.save(update_fields=["details"])

    def _delete(self) -> None:
        intakes = [intake for intake in self.intakes if intake.stream.pk not in self.refused]
        if intakes:
            with intakes[0].transaction():
                _delete(intakes)
        for archive in self.archives:
            if archive.stream.pk not in self.refused:
                _delete_archived(archive)


def _note_keys(file: SourceFile, bound: BoundTable, stream: int) -> None:
    """Write down by which keys a table's rows are known, reading no more than the key's columns."""
    keys = bound
    if not bound.table.declared.rewrite:
        names = {bound.names[place].lower() for place in bound.key_places}
        columns = tuple(c for c in bound.source.columns if c.name.lower() in names)
        keys = BoundTable(bound.table, replace(bound.source, columns=columns), bound.scope)
    for rows in file.rows(bound.source, keys.names, BATCH):
        lines = ((keys.identity_of(row), row.rowid) for row in rows)
        copy(
            "importer_in_source",
            "stream_id, identity, source_rowid",
            (
                f"{stream}\t{copy_field(identity)}\t{copy_field(None if rowid is None else str(rowid))}\n"
                for identity, rowid in lines
            ),
        )


def _note_places(archive: Archive) -> None:
    for rows in archive.file.rows(archive.table, [], BATCH):
        copy(
            "importer_in_source",
            "stream_id, identity",
            (f"{archive.stream.pk}\t{copy_field(place_of(row))}\n" for row in rows),
        )


def _delete(intakes: Sequence[Intake]) -> None:
    """Delete what is gone and may go from these tables, as one."""
    targets = {t.table: t for t in removal.targets(intake.bound.table.target for intake in intakes)}
    removal.lock([targets[name] for name in sorted(targets)])
    removal.create()
    for intake in intakes:
        removal.add(targets[intake.bound.table.target], GONE.format(stream=int(intake.stream.pk)), [])
    removal.index()
    removal.spare()
    for target in targets.values():
        _keep_former(intakes[0], target)
    removal.delete()
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("SET CONSTRAINTS ALL DEFERRED")
    _write_book(intakes)


def _keep_former(intake: Intake, target: Target) -> None:
    sql = FORMER.format(table=target.name, key=target.key, cast=target.cast)
    query(sql, [str(intake.run.pk), target.table, intake.run.number])


def _write_book(intakes: Sequence[Intake]) -> None:
    found = removal.counts()
    for intake in intakes:
        deleted, kept = found.get(intake.stream.pk, (0, 0))
        record = intake.record
        record.deleted += deleted
        details = {name: said for name, said in record.details.items() if name not in ("kept", "kept_rows")}
        if kept:
            details |= {"kept": removal.kept_rows(intake.stream.pk, NAMED), "kept_rows": kept}
        record.details = details
        record.save(update_fields=["deleted", "details"])


def _delete_archived(archive: Archive) -> None:
    gone = GONE_ARCHIVED.format(stream=int(archive.stream.pk))
    with transaction.atomic():
        query(FORMER_ARCHIVED.format(gone=gone), [str(archive.run.pk), archive.run.number])
        rows = query(f"DELETE FROM importer_archivedrow p WHERE {gone} RETURNING 1")
        archive.record.deleted += len(rows)
        archive.record.save(update_fields=["deleted"])
