"""Every cell of PostgreSQL against the file it came from, and a certificate of what was found equal.

Reads only (temporary tables apart). The file is converted again; the comparison itself is PostgreSQL's, on
stored values: floats and vectors by their bits, jsonb by its text, so that 1.0 is not 1. The converters
that both sides share are judged by the tests' tables of cases and by an independent judgement of each type.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.importer import archive, mapping, session
from apps.importer.ahead import ahead
from apps.importer.binding import BoundTable, Ready, Rejected, Scope, copy_field
from apps.importer.compare import archive_digest, compare
from apps.importer.findings import SHOWN, Findings
from apps.importer.mapping import LegacySystem, ResolvedTable
from apps.importer.matching import Matcher, stored_fields
from apps.importer.models import ImportRun, ImportSource, RunFile, Stream, Verification
from apps.importer.recognise import recognise, roles
from apps.importer.source import Range, Refused, SourceFile, SourceTable, open_source
from apps.importer.sql import cast, copy, query, quote
from apps.importer.standing import standing_of
from apps.importer.workers import Worker, Workers

LEAST_ROWS = 5000
"""Rows of a range that are worth a process."""
RANGES = 4
"""Ranges for each process: they end at about the same time, though some rows are longer than others."""


def verify_file(
    shown: str, path: Path, source_name: str | None, system_name: str | None, jobs: int = 1
) -> dict[str, Any]:
    """Compare one file with what was imported from it; a file that cannot be read is ``refused``.

    With ``jobs``, so many processes compare a large table, each on a connection of its own.
    """
    report: dict[str, Any] = {"path": shown, "source_name": source_name or path.name, "status": "done"}
    report |= {"reason": None, "message": None, "system": None, "variant": None, "sha256": None, "tables": []}
    try:
        with open_source(path) as file, transaction.atomic():
            system, variant = recognise(file, system_name)
            tables = system.of_variant(variant)
            report |= {
                "system": system.name,
                "variant": variant.name if variant else system.standard,
                "sha256": file.sha256,
                "mapping": mapping.fingerprint(tables),
            }
            found = verify_source(file, system, tables, report["source_name"], jobs=jobs)
            report["tables"] = [vars(findings) for findings in found]
    except Refused as refused:
        report |= {"status": "refused", "reason": refused.reason, "message": refused.message}
    return report


def remember(report: dict[str, Any]) -> None:
    """Keep what a verification of a source found, for the home page."""
    source = ImportSource.objects.filter(system=report["system"], name=report["source_name"]).first()
    counts = ("compared", "different", "missing", "extra")
    for table in report["tables"] if source else ():
        Verification.objects.update_or_create(
            source=source,
            source_table=table["source_table"],
            defaults={
                "target_table": table["target_table"],
                "checked_at": timezone.now(),
                **{name: table[name] for name in counts},
            },
        )


def verify_source(
    file: SourceFile,
    system: LegacySystem,
    tables: dict[str, ResolvedTable],
    name: str,
    only: Set[str] | None = None,
    jobs: int = 1,
) -> list[Findings]:
    """Compare the tables of a file, all or only some, each with its target or with the archive."""
    source = ImportSource.objects.filter(system=system.name, name=name).first()
    if source is None:
        raise Refused(
            "not_imported", f"nothing was imported from a source {name}; import it first, or name it"
        )
    scope = Scope(system.name, name, source.number, _zone(source))
    known = {table_name.lower(): table for table_name, table in tables.items()}
    streams = {stream.source_table: stream for stream in source.streams.all()}
    found = []
    for source_table, skip in roles(file, system, tables):
        if only is not None and source_table.name not in only:
            continue
        if skip is None:
            bound = BoundTable(known[source_table.name.lower()], source_table, scope)
            if stream := streams.get(bound.table.source):
                found.append(TableVerifier(file, bound, stream, jobs).run())
        elif skip == "unknown_table":
            stream = streams.get(source_table.name)
            if stream and stream.target_table == archive.TARGET:
                found.append(_verify_archived(file, source_table, stream))
    return found


def _verify_archived(file: SourceFile, table: SourceTable, stream: Stream) -> Findings:
    findings = Findings(table.name, archive.TARGET, file.count(table))
    compare(file, table, stream, findings)
    findings.digest = archive_digest(stream)
    return findings


def _zone(source: ImportSource) -> str:
    """Return the zone with which the source was last imported."""
    read = RunFile.objects.filter(source=source, status=RunFile.Status.DONE, run__kind=ImportRun.Kind.IMPORT)
    last = read.order_by("-run__number").first()
    return str(last.run.options.get("zone", "UTC")) if last else "UTC"


class TableVerifier:
    """Compares one legacy table with its target: a large one by several processes, each a range of its rows."""

    def __init__(self, file: SourceFile, bound: BoundTable, stream: Stream, jobs: int) -> None:
        self.file = file
        self.bound = bound
        self.stream = stream
        self.table = bound.table
        self.jobs = jobs
        self._standing = standing_of([stream], [bound.table])[stream.pk]
        self._matcher = Matcher(file, bound, stream, self._standing)
        self.loader = self._matcher.loader
        self.findings = self._matcher.findings
        self.findings.source_rows = file.count(bound.source)

    def run(self) -> Findings:
        """Compare every row, then look for rows that the file does not have."""
        rows = self.findings.source_rows
        count = min(self.jobs * RANGES, rows // LEAST_ROWS) if self.jobs > 1 else 1
        if count > 1 and self.bound.source.rowid_name:
            self._compare_ranges(count)
        else:
            self._matcher.compare(ahead(self._matcher.converted()))
        self._find_extra()
        self.findings.digest = table_digest(self.stream, self.table)
        return self.findings

    def _compare_ranges(self, count: int) -> None:
        ranges = self.file.ranges(self.bound.source, count)
        workers = Workers(partial(self._work, ranges), len(ranges))
        try:
            for _ in range(min(self.jobs, len(ranges))):
                workers.start()
            parts = dict(workers.told())
        finally:
            workers.end()
        for number in sorted(parts):
            found, matched = parts[number]
            self.findings.add(found)
            self._matcher.matched += matched

    def _work(self, ranges: Sequence[Range], worker: Worker) -> None:
        """Compare range after range, until none is left or nobody waits for it."""
        with session.of_worker():
            file = self.file.beside()  # not closed: what it shares with the parent's is the parent's
            for number in worker.tasks():
                matcher = Matcher(file, self.bound, self.stream, self._standing)
                wanted = takewhile(lambda _: not worker.is_over(), matcher.converted(*ranges[number]))
                with transaction.atomic():
                    matcher.compare(wanted)
                worker.tell((number, (matcher.findings, matcher.matched)))

    # -- rows of PostgreSQL that the file does not have

    def _find_extra(self) -> None:
        ((rows,),) = query(f"SELECT count(*) FROM {quote(self.table.target)}")
        if rows == self._matcher.matched:
            return
        self._note_seen()
        pk = quote(self.table.pk)
        kind = cast(next(f for f in self._pk_types()))
        extra = query(
            f"SELECT t.{pk}::text FROM {quote(self.table.target)} t WHERE NOT EXISTS (SELECT 1 FROM importer_seen s "
            f"WHERE s.pk{kind} = t.{pk}) AND NOT EXISTS (SELECT 1 FROM importer_provenance p WHERE "
            f"p.stream_id = ANY(%s) AND p.identity = t.{pk}::text AND p.target_pk IS NULL) AND NOT EXISTS "
            f"(SELECT 1 FROM importer_provenance p WHERE p.stream_id = ANY(%s) AND p.target_pk = t.{pk}::text) "
            "AND NOT EXISTS (SELECT 1 FROM importer_provenance p WHERE p.stream_id = %s AND "
            f"coalesce(p.target_pk, p.identity) = t.{pk}::text AND (jsonb_typeof(p.extras -> 'entry') = 'string' "
            "OR p.extras -> 'placeholder' = 'true'))",
            [self._other_streams(), self._other_streams(), self.stream.pk],
        )
        self.findings.extra = len(extra)
        for (key,) in extra[:SHOWN]:
            self.findings.tell("extra", {self.table.pk: key})

    def _pk_types(self) -> list[str]:
        return [mapping.pg_type(self.table.model._meta.pk)]

    def _other_streams(self) -> list[int]:
        streams = Stream.objects.filter(target_table=self.table.target).exclude(pk=self.stream.pk)
        return list(streams.values_list("pk", flat=True))

    def _note_seen(self) -> None:
        """Put the keys of every row of the file, those in quarantine too, into a temporary table."""
        query("DROP TABLE IF EXISTS pg_temp.importer_seen")
        query("CREATE TEMPORARY TABLE importer_seen (pk text) ON COMMIT DROP")
        for _, converted in ahead(self._matcher.converted()):
            ready = [c for c in converted if isinstance(c, Ready)]
            self.loader.finish(ready, digests=False)
            keys = [] if self.table.surrogate else [r.pk for r in ready]
            kept = [self.bound.identity_of(c.row) for c in converted if isinstance(c, Rejected)]
            kept += [r.identity for r in ready] if self.table.surrogate else []
            keys += [known.target_pk for known in self.loader.known([i for i in kept if i]).values()]
            copy("importer_seen", "pk", (f"{copy_field(key)}\n" for key in keys))


def table_digest(stream: Stream, table: ResolvedTable) -> str:
    """Return a digest of what PostgreSQL holds of a stream: independent of order, of every stored cell."""
    pk, target = quote(table.pk), quote(table.target)
    names = sorted(str(f.column) for f in stored_fields(table) if not (table.surrogate and f.primary_key))
    cells = ", ".join(f"t.{quote(name)}" for name in names)
    kind = cast(mapping.pg_type(table.model._meta.pk))
    rows = query(
        f"SELECT coalesce(sum(('x' || substr(md5(ROW({cells})::text), 1, 15))::bit(60)::bigint), 0), count(*) "
        f"FROM importer_provenance p JOIN {target} t ON t.{pk} = coalesce(p.target_pk, p.identity){kind} "
        "WHERE p.stream_id = %s",
        [stream.pk],
    )
    ((total, count),) = rows
    return f"{int(total):x}-{count}"
