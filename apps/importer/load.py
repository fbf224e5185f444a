"""The PostgreSQL side of one table: rows written, the questions asked of it, and the search for rows it refuses.

Knows SQL and transactions; knows nothing of why a row is imported or set aside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from psycopg2.errorcodes import FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION

from apps.core.database import sqlstate
from apps.importer import binary
from apps.importer.binding import BoundTable, Ready, Rejected, digest, text_row
from apps.importer.fastpath import Passed
from apps.importer.links import resolvers
from apps.importer.mapping import Reference, ResolvedTable, pg_type
from apps.importer.models import Provenance, Stream
from apps.importer.provenance import Registrar, rowid, standing
from apps.importer.source import Position, decode_position, encode_position
from apps.importer.sql import copy_binary, copy_bytes, holders, is_refusal, query, quote

REASONS = {UNIQUE_VIOLATION: "duplicate_key", FOREIGN_KEY_VIOLATION: "missing_parent"}
"""Why a row is set aside that PostgreSQL refused with these states; any other is ``rejected_by_database``."""


KNOWN = (
    "p.identity, p.stream_id, p.source_rowid, p.digest, coalesce(p.target_pk, p.identity), p.outcome, "
    "p.extras ->> 'place'"
)
"""What makes a ``Known`` of provenance, behind its identity."""


class Known(NamedTuple):
    """What provenance says of an identity: the stream that brought it, where, and as what content."""

    stream: int
    source_rowid: int | None
    digest: str
    target_pk: str
    outcome: int
    place: Any = None
    """Where the row stands in a table without rowids, if its key is spelled otherwise than the identity."""

    def position(self, bound: BoundTable, identity: str) -> Position:
        """Return where the row stands in its table."""
        if self.source_rowid is not None:
            return self.source_rowid
        return bound.plain_position(identity) if self.place is None else decode_position(self.place)


def same_streams(streams: Sequence[Stream], tables: Sequence[ResolvedTable]) -> dict[int, tuple[int, ...]]:
    """Return, by stream, the streams in which a key means the same row.

    That is every stream of the target, unless each source has keys of its own.
    """
    shared = {table.target for table in tables if not table.own_keys}
    by_target: dict[str, list[int]] = {target: [] for target in shared}
    if shared:
        found = Stream.objects.filter(target_table__in=shared).order_by("id")
        for pk, target in found.values_list("id", "target_table"):
            by_target[target].append(pk)
    return {
        stream.pk: tuple(by_target[table.target]) if table.target in shared else (stream.pk,)
        for stream, table in zip(streams, tables, strict=True)
    }


@dataclass
class Refused:
    """A row that PostgreSQL refused although the rules allow it."""

    ready: Ready
    error: DatabaseError


def rejection(bound: BoundTable, refused: Refused) -> Rejected:
    """Return why a row that PostgreSQL refused is set aside."""
    diagnosis = getattr(refused.error.__cause__, "diag", None)
    column = getattr(diagnosis, "column_name", None)
    source = next((c.source for c in bound.table.columns if c.name == column), None)
    code = sqlstate(refused.error)
    message = f"PostgreSQL refused it: {str(refused.error).splitlines()[0]}"
    return Rejected(
        refused.ready.row, REASONS.get(code, "rejected_by_database"), source, message, code or None
    )


def _known(rows: Iterable[Sequence[Any]]) -> dict[str, Known]:
    return {
        row[0]: Known(row[1], row[2], row[3].hex, row[4], row[5], json.loads(row[6]) if row[6] else None)
        for row in rows
    }


class Loader:
    """Writes the rows of one bound table and asks what is there already."""

    def __init__(
        self, bound: BoundTable, stream: Stream, run_number: int, streams: Sequence[int] | None = None
    ) -> None:
        self.bound = bound
        self.stream = stream
        self.run_number = run_number
        self.provenance = Registrar(stream, run_number)
        self.table: ResolvedTable = bound.table
        self.links = resolvers(bound.table, stream)
        names = bound.columns
        self._form = binary.Format(self._types(names)) if bound.packed else None
        if self._form:
            names = [names[place] for place in self._form.order]
        behind = [name for name, _ in self.table.links] + [self.table.pk] * self.table.surrogate
        self._types_behind = self._types(behind)
        """Of what the row itself does not have: its links, a surrogate key."""
        self.columns = ", ".join(quote(name) for name in [*names, *behind])
        self._width = len(names) + len(behind)
        self.streams = list(streams or same_streams([stream], [self.table])[stream.pk])
        """The streams in which a key means the same row."""
        self._pk_step = bound.columns.index(self.table.pk) if self.table.pk in bound.columns else -1

    def _types(self, names: list[str]) -> list[str]:
        fields = {f.column: f for f in self.table.model._meta.concrete_fields}
        return [pg_type(fields[name]) for name in names]

    def send(self, table: str, rows: Iterable[bytes], more: Sequence[str] = ()) -> None:
        """COPY rows of the table's columns, and of ``more``, in the binary format where it has their types."""
        columns = ", ".join([self.columns, *more])
        if self._form is None:
            copy_bytes(table, columns, b"\n".join([*rows, b""]))
        else:
            copy_binary(table, columns, list(rows), self._width + len(more))

    def row(self, ready: Ready, types: Sequence[str] = (), values: Sequence[str | None] = ()) -> bytes:
        """Return a row as COPY takes it, with its links, its surrogate key, and more values of these types behind."""
        row, behind = self._row(ready.fields), [*self._types_behind, *types]
        own = [*ready.links, *[ready.pk] * self.table.surrogate]
        return self._behind([row], behind, [[value] for value in (*own, *values)])[0] if behind else row

    def _row(self, fields: Sequence[str | None]) -> bytes:
        return self._form.row(fields) if self._form else text_row(fields)

    def _behind(
        self, rows: Sequence[bytes], types: Sequence[str], columns: Sequence[Sequence[str | None]]
    ) -> list[bytes]:
        """Add columns to rows."""
        if self._form is None:
            fields = map(text_row, zip(*columns, strict=True))
            return [b"\t".join(parts) for parts in zip(rows, fields, strict=True)]
        encoded = map(binary.column, columns, binary.encoders(types))
        return list(map(b"".join, zip(rows, *encoded, strict=True)))

    # -- what a row still lacks after conversion

    def finish(self, rows: list[Ready], digests: bool = True) -> None:
        """Resolve the rows' unenforced references, give each its key in PostgreSQL and, if wanted, its digest."""
        if self.links and rows:
            found = self._linked(len(rows), lambda place: [ready.fields[place] for ready in rows])
            for ready, links in zip(rows, zip(*found, strict=True), strict=True):
                ready.links = links
        for ready in rows:
            if digests:
                ready.digest = digest(self._row(ready.fields), ready.extras)
            if self.bound.source.without_rowid:
                self._note_place(ready)
            if not self.table.surrogate:
                ready.pk = ready.fields[self._pk_step] or ""

    def _linked(self, count: int, texts: Callable[[int], Sequence[str | None]]) -> list[Sequence[str | None]]:
        """Return the links of so many rows, a column for each; ``texts`` gives the column of a place."""
        places = zip(self.links, self.bound.link_places, strict=True)
        return [
            [None] * count if place is None else resolver.resolve(texts(place)) for resolver, place in places
        ]

    def _note_place(self, ready: Ready) -> None:
        """Note where a row stands that only its place tells from another spelling of the same key."""
        if self.table.key and ready.row.position != self.bound.plain_position(ready.identity):
            extras = json.loads(ready.extras or "{}") | {"place": encode_position(ready.row.position)}
            ready.extras = json.dumps(extras, ensure_ascii=False)

    # -- what is there already

    def known(self, identities: list[str]) -> dict[str, Known]:
        """Return what provenance says of these identities, in this source and in others of the target."""
        rows = query(
            f"SELECT {KNOWN} FROM unnest(%s::text[]) AS k(identity) JOIN importer_provenance p "
            'ON p.identity = k.identity COLLATE "C" AND p.stream_id = ANY(%s) '
            "WHERE p.stream_id = %s OR p.identity NOT LIKE 'rowid:%%' "
            "ORDER BY (p.stream_id = %s), p.outcome DESC",
            [identities, self.streams, self.stream.pk, self.stream.pk],
        )
        return _known(rows)

    def unlike(self, identities: Sequence[str], digests: Sequence[str], rowids: Sequence[int]) -> list[int]:
        """Return the positions of those rows that this stream did not bring as they are, from where they are."""
        found = query(
            "SELECT k.n FROM unnest(%s::text[], %s::uuid[], %s::bigint[]) "
            "WITH ORDINALITY AS k (identity, digest, rowid, n) LEFT JOIN importer_provenance p "
            'ON p.stream_id = %s AND p.identity = k.identity COLLATE "C" AND p.digest = k.digest '
            "AND p.source_rowid = k.rowid WHERE p.identity IS NULL ORDER BY k.n",
            [
                list(identities),
                f"{{{','.join(digests)}}}",
                f"{{{','.join(map(str, rowids))}}}",
                self.stream.pk,
            ],
        )
        return [n - 1 for (n,) in found]

    def taken(self, columns: tuple[str, ...], keys: Sequence[Sequence[str | None]]) -> dict[int, str]:
        """Return the positions of those keys of a unique set that are taken, anywhere or in this source, and by whom.

        The holder is the key of the target's row.
        """
        among = ""
        pk = f"t.{quote(self.table.pk)}::text"
        if columns in self.table.own_uniques:
            among = (
                f"AND EXISTS (SELECT 1 FROM importer_provenance p WHERE p.stream_id = {int(self.stream.pk)} "
                f"AND {pk} = coalesce(p.target_pk, p.identity))"
            )
        return holders(self.table.target, self.unique_columns(columns), keys, pk, among)

    def orphans(self, reference: Reference, most: int) -> dict[str, Known]:
        """Return some of this stream's rows, not edited since they came in, that lack a parent."""
        child, parent = f"t.{quote(reference.column)}", f"o.{quote(reference.to)}"
        rows = query(
            f"SELECT {KNOWN} FROM {standing(self.table)} LEFT JOIN {quote(reference.parent)} o ON {parent} = {child} "
            f"WHERE {child} IS NOT NULL AND {parent} IS NULL LIMIT %s",
            [self.stream.pk, most],
        )
        return _known(rows)

    def take_out(self, identities: Iterable[str]) -> set[str]:
        """Delete those rows that were not edited since they came in, and their provenance; return which."""
        gone = query(
            f"WITH mine AS (SELECT t.ctid AS place, p.identity FROM {standing(self.table)} AND p.identity = ANY(%s)), "
            f"gone AS (DELETE FROM {quote(self.table.target)} t USING mine WHERE t.ctid = mine.place "
            "RETURNING mine.identity) "
            "DELETE FROM importer_provenance p USING gone WHERE p.stream_id = %s AND p.identity = gone.identity "
            "RETURNING p.identity",
            [self.stream.pk, list(identities), self.stream.pk],
        )
        return {identity for (identity,) in gone}

    def edited(self, rows: Sequence[Ready]) -> set[str]:
        """Return the identities of those imported rows that were edited or deleted in PostgreSQL since."""
        found = query(
            "SELECT k.identity FROM unnest(%s::text[]) AS k(identity) WHERE NOT EXISTS ("
            f'SELECT 1 FROM {standing(self.table)} WHERE p.identity = k.identity COLLATE "C")',
            [[r.identity for r in rows], self.stream.pk],
        )
        return {identity for (identity,) in found}

    def unique_columns(self, columns: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return name and type of a unique set's columns."""
        types = {column.name: column.type for column in self.table.columns}
        return [(name, types[name]) for name in columns]

    # -- writing

    def insert(self, rows: list[Ready], have_keys: bool = False) -> None:
        """COPY new rows and their provenance; any refusal of PostgreSQL refuses them all."""
        if not rows:
            return
        if self.table.surrogate and not have_keys:
            for number, ready in zip(self._next_keys(len(rows)), rows, strict=True):
                ready.pk = str(number)
        self.send(self.table.target, map(self.row, rows))
        self.provenance.note(rows, Provenance.Outcome.IMPORTED)

    def insert_passed(self, passed: Passed) -> None:
        """COPY the rows of the hot path and their provenance."""
        if not passed.rows:
            return
        behind = self._linked(len(passed.rows), passed.fields.__getitem__)
        if self.table.surrogate:
            behind.append(passed.pks or ())
        rows = self._behind(passed.rows, self._types_behind, behind) if behind else passed.rows
        self.send(self.table.target, rows)
        self.provenance.note_passed(passed)

    def give_keys(self, passed: Passed, rows: Sequence[Ready]) -> None:
        """Give the new rows of a batch their surrogate keys, in the order of the file."""
        rowids = sorted([*passed.rowids, *(ready.row.rowid or 0 for ready in rows)])
        if self.table.surrogate and rowids:
            keys = dict(zip(rowids, map(str, self._next_keys(len(rowids))), strict=True))
            passed.pks = [keys[rowid] for rowid in passed.rowids]
            for ready in rows:
                ready.pk = keys[ready.row.rowid or 0]

    def _next_keys(self, count: int) -> range:
        """Return so many keys from max + 1 on, under a lock that other imports into the table wait for."""
        query("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rehome:{self.table.target}"])
        pk = quote(self.table.pk)
        ((highest,),) = query(f"SELECT coalesce(max({pk}), 0) FROM {quote(self.table.target)}")
        return range(int(highest) + 1, int(highest) + 1 + count)

    def insert_each(self, rows: list[Ready]) -> list[Refused]:
        """COPY new rows; when refused, halve until each refused row stands alone."""
        if not rows:
            return []
        try:
            with transaction.atomic():
                self.insert(rows)
                query("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            return []
        except DatabaseError as error:
            if not is_refusal(error):
                raise
            if len(rows) == 1:
                return [Refused(rows[0], error)]
            middle = len(rows) // 2
            return self.insert_each(rows[:middle]) + self.insert_each(rows[middle:])

    def update_each(self, rows: list[Ready]) -> tuple[set[str], list[Refused]]:
        """Update rows whose target was not edited; return the identities updated, and rows refused."""
        if not rows:
            return set(), []
        try:
            with transaction.atomic():
                done = self._update(rows)
                query("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            return done, []
        except DatabaseError as error:
            if not is_refusal(error):
                raise
            if len(rows) == 1:
                return set(), [Refused(rows[0], error)]
            middle = len(rows) // 2
            first, second = self.update_each(rows[:middle]), self.update_each(rows[middle:])
            return first[0] | second[0], first[1] + second[1]

    def _update(self, rows: list[Ready]) -> set[str]:
        """Update in place what provenance and target agree on: equal ``xmin`` means not edited since."""
        target, pk = quote(self.table.target), quote(self.table.pk)
        names = [*self.bound.columns, *(name for name, _ in self.table.links)]
        query("DROP TABLE IF EXISTS pg_temp.importer_changed")
        query(
            f"CREATE TEMPORARY TABLE importer_changed ON COMMIT DROP AS SELECT {self.columns}, "
            "''::text COLLATE \"C\" AS _identity, NULL::uuid AS _digest, NULL::bigint AS _rowid, "
            f"NULL::jsonb AS _extras FROM {target} WITH NO DATA"
        )
        types = ("text", "uuid", "bigint", "jsonb")
        self.send(
            "importer_changed",
            (self.row(r, types, (r.identity, r.digest, rowid(r), r.extras)) for r in rows),
            ("_identity", "_digest", "_rowid", "_extras"),
        )
        untouched = (
            f"FROM importer_changed c JOIN importer_provenance p ON p.stream_id = {int(self.stream.pk)} "
            f"AND p.identity = c._identity WHERE t.{pk} = c.{pk} AND t.xmin = p.xmin"
        )
        query(
            "INSERT INTO importer_formerrow (id, run_id, stream_id, identity, former, provenance) "
            f"SELECT gen_random_uuid(), r.id, p.stream_id, p.identity, t::text, p::text FROM {target} t, "
            f"importer_importrun r, importer_changed c JOIN importer_provenance p "
            f"ON p.stream_id = {int(self.stream.pk)} AND p.identity = c._identity "
            f"WHERE t.{pk} = c.{pk} AND t.xmin = p.xmin AND r.number = %s ON CONFLICT DO NOTHING",
            [self.run_number],
        )
        assign = ", ".join(f"{quote(n)} = c.{quote(n)}" for n in names if n != self.table.pk)
        done = (
            {row[0] for row in query(f"UPDATE {target} t SET {assign} {untouched} RETURNING c._identity")}
            if assign
            else set()
        )
        query(
            "UPDATE importer_provenance p SET digest = c._digest, source_rowid = c._rowid, extras = c._extras, "
            "outcome = %s, last_run = %s FROM importer_changed c WHERE p.stream_id = %s AND "
            "p.identity = c._identity AND c._identity = ANY(%s)",
            [int(Provenance.Outcome.UPDATED), self.run_number, self.stream.pk, list(done)],
        )
        return done

    def advance_sequence(self, highest_in_source: int | None) -> None:
        """Set the key's sequence past every imported key, in the transaction that wrote the keys."""
        meta = self.table.model._meta
        if "Auto" not in meta.pk.get_internal_type():
            return
        query(
            f"SELECT setval(s.name, greatest(m.top, last.value)) FROM "
            "(SELECT pg_get_serial_sequence(%s, %s) AS name) s, "
            f"(SELECT greatest(max({quote(self.table.pk)}), %s) AS top FROM {quote(self.table.target)}) m, "
            "LATERAL (SELECT coalesce(pg_sequence_last_value(s.name::regclass), 0) AS value) last "
            "WHERE s.name IS NOT NULL AND m.top > last.value",
            [quote(self.table.target), self.table.pk, highest_in_source],
        )
