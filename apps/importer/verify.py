"""Every cell of PostgreSQL against the file it came from, and a certificate of what was found equal.

Reads only (temporary tables apart). The file is converted again; the comparison itself is PostgreSQL's, on
stored values: floats and vectors by their bits, jsonb by its text, so that 1.0 is not 1. The converters
that both sides share are judged by the tests' tables of cases and by an independent judgement of each type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Field, Func
from django.utils import timezone

from apps.importer import archive, mapping
from apps.importer.ahead import ahead
from apps.importer.binding import BoundTable, Ready, Rejected, Scope, copy_field
from apps.importer.compare import archive_digest, compare
from apps.importer.load import Loader
from apps.importer.mapping import Column, LegacySystem, ResolvedTable
from apps.importer.models import ImportRun, ImportSource, RunFile, Stream, Verification
from apps.importer.quarantine import place_of, settled
from apps.importer.recognise import recognise, roles
from apps.importer.source import Refused, SourceFile, SourceRow, SourceTable, open_source
from apps.importer.sql import cast, copy, query, quote
from apps.importer.standing import standing_of

BATCH = 2000
SHOWN = 20
"""How many differences of a table are named; all are counted."""
SHOWN_LENGTH = 200

COMPUTED = "tsvector"
"""The type of columns that PostgreSQL fills from others."""
DEFAULTS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = to_regclass(%s)
"""
OPEN = "FROM importer_quarantinedrow WHERE stream_id = %s AND status <> 'resolved'"
BESIDE = "(SELECT p.extras FROM importer_provenance p WHERE p.stream_id = {} AND p.identity = e._identity)"
"""What is kept of a row's columns that no mapping knows."""

STORED_FORM = {"vector": "vector_send({})", "double precision": "float8send({})", "jsonb": "{}::text"}
"""How values of a type are compared where ``=`` would call different stored values equal."""


@dataclass
class Findings:
    """What the comparison of one table found; rows in quarantine are counted, not compared."""

    source_table: str
    target_table: str
    source_rows: int = 0
    compared: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    quarantined: int = 0
    digest: str = ""
    differences: list[dict[str, Any]] = field(default_factory=list)
    quarantined_rows: list[dict[str, Any]] = field(default_factory=list)

    def tell(
        self, kind: str, key: Any, column: str | None = None, source: Any = None, target: Any = None
    ) -> None:
        """Name one difference, while there is room."""
        if len(self.differences) < SHOWN:
            named = {
                "kind": kind,
                "key": key,
                "column": column,
                "source": _short(source),
                "target": _short(target),
            }
            self.differences.append(named)

    @property
    def equal(self) -> bool:
        """Whether table and file are the same, rows in quarantine apart."""
        return not (self.different or self.missing or self.extra)


def _short(value: Any) -> Any:
    return value if value is None or len(str(value)) <= SHOWN_LENGTH else f"{str(value)[:SHOWN_LENGTH]}…"


def stored_form(column: Column, alias: str) -> str:
    """Return the SQL expression by which a column's values are compared."""
    name = f"{alias}.{quote(column.name)}"
    return STORED_FORM.get(column.type.partition("(")[0], "{}").format(name)


def stored_fields(table: ResolvedTable) -> list[Field[Any, Any]]:
    """Return the fields of a table but for those that PostgreSQL fills from others."""
    fields = table.model._meta.concrete_fields
    return [f for f in fields if not getattr(f, "generated", False) and mapping.pg_type(f) != COMPUTED]


def verify_file(shown: str, path: Path, source_name: str | None, system_name: str | None) -> dict[str, Any]:
    """Compare one file with what was imported from it; a file that cannot be read is ``refused``."""
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
            found = verify_source(file, system, tables, report["source_name"])
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
                found.append(TableVerifier(file, bound, stream).run())
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
    """Compares one legacy table with its target, batch by batch."""

    def __init__(self, file: SourceFile, bound: BoundTable, stream: Stream) -> None:
        self.file = file
        self.bound = bound
        self.stream = stream
        self.table = bound.table
        self._standing = standing_of([stream], [bound.table])[stream.pk]
        self.loader = Loader(bound, stream, 0, self._standing.streams)
        self.findings = Findings(self.table.source, self.table.target, file.count(bound.source))
        self._unfed = self._unfed_columns()
        self.columns = [step.column for step in bound.steps] + self._link_columns() + self._unfed
        self._matched = 0

    def _link_columns(self) -> list[Column]:
        fields = {f.column: f for f in self.table.model._meta.concrete_fields}
        return [
            Column(fields[name], link.source, mapping.by_field_type(fields[name]))
            for name, link in self.table.links
        ]

    def _unfed_columns(self) -> list[Column]:
        """Return the columns that the file has nothing for: NULL or their default is what they are to hold.

        A default that a function computes cannot be foretold.
        """
        fed = {step.column.name for step in self.bound.steps} | {name for name, _ in self.table.links}
        return [
            Column(f, str(f.column), mapping.by_field_type(f))
            for f in stored_fields(self.table)
            if f.column not in fed and not f.primary_key and not isinstance(f.db_default, Func)
        ]

    def run(self) -> Findings:
        """Compare every row, then look for rows that the file does not have."""
        self._create_expected()
        for rows, converted in ahead(self._converted()):
            self._compare(self._expected(rows, converted))
        self._find_extra()
        self.findings.digest = table_digest(self.stream, self.table)
        return self.findings

    def _create_expected(self) -> None:
        query("DROP TABLE IF EXISTS pg_temp.importer_expected")
        unfed = "".join(f", {quote(column.name)}" for column in self._unfed)
        query(
            f"CREATE TEMPORARY TABLE importer_expected ON COMMIT DROP AS SELECT {self.loader.columns}{unfed}, "
            f"0::bigint AS _n, ''::text AS _identity, NULL::jsonb AS _extras FROM {quote(self.table.target)} "
            "WITH NO DATA"
        )
        defaults = dict(query(DEFAULTS, [quote(self.table.target)])) if self._unfed else {}
        for name in (column.name for column in self._unfed if column.name in defaults):
            query(f"ALTER TABLE importer_expected ALTER {quote(name)} SET DEFAULT {defaults[name]}")

    def _converted(self) -> Iterator[tuple[list[SourceRow], list[Ready | Rejected]]]:
        """Read the file's rows in batches, with what they are to become."""
        for rows in self.file.rows(self.bound.source, self.bound.names, BATCH):
            yield rows, list(map(self.bound.convert, rows))

    def _expected(self, rows: Sequence[SourceRow], converted: Sequence[Ready | Rejected]) -> list[Ready]:
        """Return the rows that should be in PostgreSQL, each with its key there."""
        held = self._held(rows)
        self.findings.quarantined += len(held)
        self.findings.quarantined_rows += list(held.values())[: SHOWN - len(self.findings.quarantined_rows)]
        ready = []
        for row, found in zip(rows, converted, strict=True):
            if held and place_of(row) in held:
                continue
            if isinstance(found, Ready):
                ready.append(found)
            else:
                self.findings.missing += 1
                self.findings.tell("missing", self.bound.key_of(row), found.column, found.message)
        self.loader.finish(ready, digests=False)
        return self._with_keys(ready) if self.table.surrogate else ready

    def _held(self, rows: Sequence[SourceRow]) -> dict[str, dict[str, Any]]:
        """Return, by place, the rows that the file and PostgreSQL rightly differ in: in quarantine, or repaired."""
        if not (self._standing.entries or self._standing.decided):
            return {}
        found = query(
            f"SELECT place, source_key, column_name, reason {OPEN} AND place = ANY(%s)",
            [self.stream.pk, [place_of(row) for row in rows]],
        )
        decided = settled(self.bound, self.stream, rows) if self._standing.decided else {}
        told = {
            place: {"key": json.loads(key or "null"), "column": name, "reason": reason}
            for place, key, name, reason in found
        }
        keys = {place_of(row): self.bound.key_of(row) for row in rows} if decided else {}
        return {p: {"key": keys[p], "column": None, "reason": "repaired"} for p in decided} | told

    def _with_keys(self, ready: list[Ready]) -> list[Ready]:
        known = self.loader.known([r.identity for r in ready])
        for r in ready:
            if r.identity in known:
                r.pk = known[r.identity].target_pk
            else:
                self.findings.missing += 1
                self.findings.tell("missing", self.bound.key_of(r.row))
        return [r for r in ready if r.pk]

    def _compare(self, ready: list[Ready]) -> None:
        self._send(ready)
        self.findings.compared += len(ready)
        pk = quote(self.table.pk)
        unequal = [f"{stored_form(c, 'e')} IS DISTINCT FROM {stored_form(c, 't')}" for c in self.columns]
        if self.bound.unmapped:
            unequal.append(f"e._extras IS DISTINCT FROM {BESIDE.format(self.stream.pk)}")
        rows = query(
            f"SELECT e._n, t.{pk} IS NULL, ARRAY[{', '.join(unequal)}] FROM importer_expected e "
            f"LEFT JOIN {quote(self.table.target)} t ON t.{pk} = e.{pk} "
            f"WHERE t.{pk} IS NULL OR {' OR '.join(unequal)} ORDER BY e._n"
        )
        missing = sum(1 for _, gone, _ in rows if gone)
        self._matched += len(ready) - missing
        self.findings.missing += missing
        self.findings.different += len(rows) - missing
        for n, gone, flags in rows[:SHOWN]:
            self._tell(ready[n], n, gone, flags)

    def _send(self, ready: list[Ready]) -> None:
        """Put the rows that should be there beside those that are; with what should be kept beside each."""
        query("TRUNCATE pg_temp.importer_expected")
        if not self.bound.unmapped:
            rows = (self.loader.row(r, ("bigint",), (str(n),)) for n, r in enumerate(ready))
            self.loader.send("importer_expected", rows, ("_n",))
            return
        types = ("bigint", "text", "jsonb")
        rows = (self.loader.row(r, types, (str(n), r.identity, r.extras)) for n, r in enumerate(ready))
        self.loader.send("importer_expected", rows, ("_n", "_identity", "_extras"))

    def _tell(self, r: Ready, n: int, gone: bool, flags: list[bool]) -> None:
        key = self.bound.key_of(r.row) or {"rowid": r.row.rowid}
        if gone:
            self.findings.tell("missing", key)
            return
        if len(flags) > len(self.columns) and flags[-1]:
            self._tell_beside(key, n)
        for column, unequal in zip(self.columns, flags, strict=False):
            if unequal:
                name, pk = quote(column.name), quote(self.table.pk)
                ((source, target),) = query(
                    f"SELECT e.{name}::text, t.{name}::text FROM importer_expected e "
                    f"JOIN {quote(self.table.target)} t ON t.{pk} = e.{pk} WHERE e._n = %s",
                    [n],
                )
                self.findings.tell("different", key, column.name, source, target)

    def _tell_beside(self, key: Any, n: int) -> None:
        """Name the columns kept beside a row that are otherwise than in the file."""
        kept = BESIDE.format(self.stream.pk)
        ((source, target),) = query(
            f"SELECT e._extras::text, {kept}::text FROM importer_expected e WHERE e._n = %s", [n]
        )
        old, new = json.loads(source or "{}"), json.loads(target or "{}")
        for name in old | new:
            if old.get(name) != new.get(name):
                self.findings.tell("different", key, name, old.get(name), new.get(name))

    # -- rows of PostgreSQL that the file does not have

    def _find_extra(self) -> None:
        ((rows,),) = query(f"SELECT count(*) FROM {quote(self.table.target)}")
        if rows == self._matched:
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
        for _, converted in ahead(self._converted()):
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
