"""Former values of rows, put back: of rows that a run updated, and of rows that it deleted.

Works in the caller's transaction on a temporary table, ``importer_restoring``, beside the list of rows that
go (``removal``). A row and its provenance are written in one subtransaction, so that they have one ``xmin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import DatabaseError, transaction

from apps.importer.models import ImportRun
from apps.importer.provenance import COLUMNS
from apps.importer.removal import Edge, Target, edges, targets
from apps.importer.sql import is_refusal, query, quote

CREATE = """
CREATE TEMPORARY TABLE importer_restoring (n integer PRIMARY KEY, target text, stream_id integer,
    identity text COLLATE "C", pk text COLLATE "C", former text, provenance text, deleted boolean,
    kept text, by text) ON COMMIT DROP
"""
FILL = """
INSERT INTO importer_restoring
SELECT row_number() OVER (ORDER BY s.target_table, f.deleted DESC, f.stream_id, f.identity), s.target_table,
    f.stream_id, f.identity, coalesce(
        CASE WHEN f.deleted THEN coalesce((f.provenance::importer_provenance).target_pk, f.identity) END,
        p.target_pk, f.identity),
    f.former, f.provenance, f.deleted,
    CASE WHEN f.deleted THEN NULL WHEN p.identity IS NULL OR p.last_run <> %s THEN 'updated_later' END,
    CASE WHEN NOT f.deleted AND p.last_run <> %s THEN 'run ' || p.last_run END
FROM importer_formerrow f JOIN importer_stream s ON s.id = f.stream_id
LEFT JOIN importer_provenance p ON p.stream_id = f.stream_id AND p.identity = f.identity
WHERE f.run_id = %s AND f.provenance <> '' AND (f.deleted OR p.first_run IS DISTINCT FROM %s)
"""


class Known(NamedTuple):
    """A row of which is known that it cannot be put back: stream, identity, reason, what the reason names."""

    stream: int
    identity: str
    kept: str
    by: str | None


def fill(run: ImportRun, known: Sequence[Known]) -> list[Target]:
    """List what a run updated or deleted, with why some of it stays as it is; return the tables concerned."""
    query("DROP TABLE IF EXISTS pg_temp.importer_restoring")
    query(CREATE)
    query(FILL, [run.number, run.number, str(run.pk), run.number])
    query("CREATE INDEX ON importer_restoring (target, pk)")
    query("CREATE INDEX ON importer_restoring (stream_id, identity)")
    query("ANALYZE importer_restoring")
    for stream, identity, kept, by in known:
        query(
            "UPDATE importer_restoring SET kept = %s, by = %s WHERE stream_id = %s AND identity = %s",
            [kept, by, stream, identity],
        )
    found = targets(table for (table,) in query("SELECT DISTINCT target FROM importer_restoring"))
    for target in found:
        _keep_edited(target)
        if not _fits(target):
            query(
                "UPDATE importer_restoring SET kept = 'table_changed' WHERE target = %s AND kept IS NULL",
                [target.table],
            )
    return found


def _keep_edited(target: Target) -> None:
    """Keep updated rows that were edited or deleted since, or deleted ones whose key is taken now."""
    row = f"LEFT JOIN {target.name} t ON t.{target.key} = r.pk{target.cast}"
    query(
        "UPDATE importer_restoring SET kept = found.kept FROM (SELECT r.n, CASE WHEN r.deleted THEN "
        f"CASE WHEN t.{target.key} IS NOT NULL AND r.former <> '' AND NOT EXISTS (SELECT 1 FROM importer_leaving l "
        "WHERE l.target = r.target AND l.pk = r.pk) THEN 'taken' END "
        f"WHEN t.{target.key} IS NULL THEN 'deleted' WHEN t.xmin <> p.xmin THEN 'edited' END AS kept "
        "FROM importer_restoring r LEFT JOIN importer_provenance p ON p.stream_id = r.stream_id "
        f"AND p.identity = r.identity {row} WHERE r.target = %s AND r.kept IS NULL) AS found "
        "WHERE importer_restoring.n = found.n AND found.kept IS NOT NULL",
        [target.table],
    )


def _fits(target: Target) -> bool:
    """Tell whether the former rows of a table have the columns that it has today."""
    try:
        with transaction.atomic():
            query(
                f"SELECT (former::{target.name}) IS NULL FROM importer_restoring WHERE target = %s AND former <> '' "
                "LIMIT 1",
                [target.table],
            )
    except DatabaseError as error:
        if is_refusal(error):
            return False
        raise
    return True


def orphans() -> list[Known]:
    """Return the rows whose former values refer to a row that will not be there."""
    listed = {
        table for (table,) in query("SELECT DISTINCT target FROM importer_restoring WHERE kept IS NULL")
    }
    return [found for edge in edges() if edge.child.table in listed for found in _orphans(edge)]


def _orphans(edge: Edge) -> list[Known]:
    child, parent = edge.child, edge.parent
    rows = query(
        "WITH r AS MATERIALIZED (SELECT stream_id, identity, "
        f"(former::{child.name}).{quote(edge.column)} AS value FROM importer_restoring WHERE target = %s "
        "AND kept IS NULL AND former <> ''), back AS MATERIALIZED (SELECT "
        f"(former::{parent.name}).{quote(edge.to)} AS value FROM importer_restoring WHERE target = %s "
        "AND kept IS NULL AND deleted AND former <> '') "
        "SELECT r.stream_id, r.identity FROM r WHERE r.value IS NOT NULL AND NOT EXISTS ("
        f"SELECT 1 FROM {parent.name} t WHERE t.{quote(edge.to)} = r.value AND NOT EXISTS ("
        f"SELECT 1 FROM importer_leaving l WHERE l.target = %s AND l.pk = t.{parent.key}::text "
        "AND l.kept IS NULL AND NOT l.bare)) AND NOT EXISTS (SELECT 1 FROM back WHERE back.value = r.value)",
        [child.table, parent.table, parent.table],
    )
    return [Known(stream, identity, "parent_gone", parent.table) for stream, identity in rows]


def restore(found: Iterable[Target]) -> list[Known]:
    """Put everything back that may be; return the rows that PostgreSQL refused."""
    refused: list[int] = []
    for target in found:
        bounds = query("SELECT min(n), max(n) FROM importer_restoring WHERE target = %s", [target.table])
        refused += _again(target, _restore(target, *bounds[0]))
    rows = query("SELECT stream_id, identity FROM importer_restoring WHERE n = ANY(%s) ORDER BY n", [refused])
    return [Known(stream, identity, "refused", None) for stream, identity in rows]


def _again(target: Target, refused: list[int]) -> list[int]:
    """Try refused rows again while that helps: one may have waited for another's former value."""
    while refused:
        still = [n for row in refused for n in _restore(target, row, row)]
        if len(still) == len(refused):
            return still
        refused = still
    return []


def _restore(target: Target, first: int, last: int) -> list[int]:
    """Put a range of rows back; when refused, halve until each refused row stands alone; return those."""
    try:
        with transaction.atomic():
            _write(target, first, last)
        return []
    except DatabaseError as error:
        if not is_refusal(error):
            raise
    if first == last:
        return [first]
    middle = (first + last) // 2
    return _restore(target, first, middle) + _restore(target, middle + 1, last)


def _write(target: Target, first: int, last: int) -> None:
    names = [quote(name) for name in _columns(target)]
    rows = (
        f"(SELECT pk, former::{target.name} AS u FROM importer_restoring WHERE target = %s AND kept IS NULL "
        "AND n BETWEEN %s AND %s AND former <> '' AND {which} OFFSET 0) AS f"
    )
    origins = (
        "(SELECT stream_id AS s, identity AS i, provenance::importer_provenance AS u FROM importer_restoring "
        "WHERE target = %s AND kept IS NULL AND n BETWEEN %s AND %s AND {which} OFFSET 0) AS f"
    )
    params = [target.table, first, last]
    values = ", ".join(f"(f.u).{name}" for name in names)
    query(
        f"INSERT INTO {target.name} ({', '.join(names)}) SELECT {values} FROM {rows.format(which='deleted')}",
        params,
    )
    assign = ", ".join(f"{name} = (f.u).{name}" for name in names if name != target.key)
    if assign:
        query(
            f"UPDATE {target.name} t SET {assign} FROM {rows.format(which='NOT deleted')} "
            f"WHERE t.{target.key} = f.pk{target.cast}",
            params,
        )
    known = ", ".join(f"(f.u).{name}" for name in COLUMNS)
    query(
        f"INSERT INTO importer_provenance ({', '.join(COLUMNS)}) SELECT {known} "
        f"FROM {origins.format(which='deleted')}",
        params,
    )
    assign = ", ".join(f"{name} = (f.u).{name}" for name in COLUMNS[2:])
    query(
        f"UPDATE importer_provenance p SET {assign} FROM {origins.format(which='NOT deleted')} "
        "WHERE p.stream_id = f.s AND p.identity = f.i",
        params,
    )


def _columns(target: Target) -> list[str]:
    """Return the columns of a table that are written: generated ones fill themselves."""
    rows = query(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        [target.name],
    )
    return [name for (name,) in rows]


class Back(NamedTuple):
    """What became of a stream's listed rows."""

    updated: int
    returned: int
    kept: int


def counts() -> dict[int, Back]:
    """Return for each stream how many rows have their former values, how many are back, how many stay."""
    rows = query(
        "SELECT stream_id, count(*) FILTER (WHERE kept IS NULL AND NOT deleted), "
        "count(*) FILTER (WHERE kept IS NULL AND deleted AND former <> ''), count(kept) "
        "FROM importer_restoring GROUP BY stream_id"
    )
    return {stream: Back(*numbers) for stream, *numbers in rows}


def forget(run: ImportRun) -> None:
    """Throw away the former values that were put back, and those of rows that are gone."""
    for table in ("importer_restoring", "importer_leaving"):
        query(
            f"DELETE FROM importer_formerrow f USING {table} r WHERE f.run_id = %s AND r.kept IS NULL "
            "AND f.stream_id = r.stream_id AND f.identity = r.identity",
            [str(run.pk)],
        )
