"""Rows on their way out of PostgreSQL, with their provenance: which may go, which must stay, and why.

Works in the caller's transaction on a temporary table, ``importer_leaving``: a line for each row that is to
go; ``kept`` says why it stays after all, ``by`` what it stays for. ``bare`` lines are of rows that another
source brought, or that are not there any more: only their provenance goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import ForeignKey, Model

from apps.importer.mapping import pg_type
from apps.importer.sql import cast, query, quote

CREATE = """
CREATE TEMPORARY TABLE importer_leaving (target text, stream_id integer, identity text COLLATE "C",
    pk text COLLATE "C", bare boolean, kept text, by text) ON COMMIT DROP
"""

WHY = {
    "edited": "it was edited in PostgreSQL since",
    "deleted": "it was deleted in PostgreSQL since",
    "updated_later": "a later run changed it",
    "shared": "another source has it too",
    "referenced": "rows that stay refer to it",
    "parent_gone": "the row it referred to is gone",
    "taken": "another row has its key now",
    "refused": "PostgreSQL refuses its former values",
    "table_changed": "its table has other columns now",
}
"""Why a row is kept, in a few words."""


class Target(NamedTuple):
    """A table of PostgreSQL: its primary key, and the cast of a text to that key's type."""

    table: str
    pk: str
    cast: str

    @property
    def name(self) -> str:
        """The table as an SQL identifier."""
        return quote(self.table)

    @property
    def key(self) -> str:
        """The primary key's column as an SQL identifier."""
        return quote(self.pk)


class Edge(NamedTuple):
    """A foreign key: the table and column that refer, the table and column referred to."""

    child: Target
    column: str
    parent: Target
    to: str


def target_of(model: type[Model]) -> Target:
    """Return the table of a model."""
    pk = model._meta.pk
    return Target(str(model._meta.db_table), str(pk.column), cast(pg_type(pk)))


def targets(tables: Iterable[str]) -> list[Target]:
    """Return the tables of these names, in a fixed order; names of no model are left out."""
    wanted = set(tables)
    found = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True) if m._meta.managed}
    return [target_of(found[name]) for name in sorted(wanted & found.keys())]


def edges() -> list[Edge]:
    """Return every foreign key between tables of models."""
    return [
        Edge(target_of(model), str(f.column), target_of(f.target_field.model), str(f.target_field.column))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.pk.column
        for f in model._meta.concrete_fields
        if isinstance(f, ForeignKey)
    ]


def create() -> None:
    """Make the empty list of rows that are to go."""
    query("DROP TABLE IF EXISTS pg_temp.importer_leaving")
    query(CREATE)


def lock(tables: Sequence[Target]) -> None:
    """Have the tables to itself until the end of the transaction; others may read them."""
    if tables:
        query(f"LOCK TABLE {', '.join(table.name for table in tables)} IN SHARE ROW EXCLUSIVE MODE")


def add(target: Target, condition: str, params: Sequence[Any], kept: str = "NULL") -> None:
    """List the rows of a table whose provenance ``p`` fits a condition.

    ``kept`` is an SQL expression for rows that stay for the caller's own reason, of the form ``reason`` or
    ``reason:by``. A row whose ``xmin`` is not that of its provenance was edited since, and stays.
    """
    query(
        "INSERT INTO importer_leaving (target, stream_id, identity, pk, bare, kept, by) "
        "SELECT %s, stream_id, identity, pk, bare, split_part(kept, ':', 1), nullif(split_part(kept, ':', 2), '') "
        "FROM (SELECT p.stream_id, p.identity, coalesce(p.target_pk, p.identity) AS pk, "
        f"p.outcome = 3 OR t.{target.key} IS NULL AS bare, "
        f"coalesce({kept}, CASE WHEN p.outcome <> 3 AND t.xmin <> p.xmin THEN 'edited' END) AS kept "
        f"FROM importer_provenance p LEFT JOIN {target.name} t "
        f"ON t.{target.key} = coalesce(p.target_pk, p.identity){target.cast} WHERE {condition}) AS found",
        [target.table, *params],
    )


def index() -> None:
    """Make the list quick to search, once it is filled."""
    query("CREATE INDEX ON importer_leaving (target, pk)")
    query("CREATE INDEX ON importer_leaving (stream_id, identity)")
    query("ANALYZE importer_leaving")


def spare(restored: bool = False) -> None:
    """Keep the rows that other sources have too, and those that rows which stay refer to.

    ``restored``: rows in ``importer_restoring`` get former values, so what they refer to now does not count.
    """
    _spare_shared()
    listed = {table for (table,) in query("SELECT DISTINCT target FROM importer_leaving WHERE NOT bare")}
    into = [edge for edge in edges() if edge.parent.table in listed]
    for edge in into:
        _spare_referenced(edge, restored)
    within = [edge for edge in into if edge.child.table in listed]
    if within and query("SELECT 1 FROM importer_leaving WHERE kept IS NOT NULL AND NOT bare LIMIT 1"):
        _spare_parents(within)


def _spare_shared() -> None:
    query(
        "UPDATE importer_leaving l SET kept = 'shared', by = src.name FROM importer_stream s "
        "JOIN importer_importsource src ON src.id = s.source_id JOIN importer_provenance p ON p.stream_id = s.id "
        "WHERE NOT l.bare AND l.kept IS NULL AND s.target_table = l.target AND s.id <> l.stream_id "
        "AND ((p.target_pk IS NULL AND p.identity = l.pk) OR p.target_pk = l.pk) AND NOT EXISTS "
        "(SELECT 1 FROM importer_leaving o WHERE o.stream_id = p.stream_id AND o.identity = p.identity "
        "AND o.kept IS NULL)"
    )


def _spare_referenced(edge: Edge, restored: bool) -> None:
    """Keep parents of rows that are not on the list."""
    child, parent = edge.child, edge.parent
    exempt = (
        "AND NOT EXISTS (SELECT 1 FROM importer_restoring r WHERE r.target = %s "
        f"AND r.pk = c.{child.key}::text AND r.kept IS NULL AND NOT r.deleted)"
    )
    query(
        f"UPDATE importer_leaving l SET kept = 'referenced', by = %s FROM {parent.name} t, {child.name} c "
        f"WHERE l.target = %s AND l.kept IS NULL AND NOT l.bare AND t.{parent.key} = l.pk{parent.cast} "
        f"AND c.{quote(edge.column)} = t.{quote(edge.to)} AND NOT EXISTS (SELECT 1 FROM importer_leaving o "
        f"WHERE o.target = %s AND o.pk = c.{child.key}::text AND NOT o.bare) {exempt if restored else ''}",
        [child.table, parent.table, child.table, *([child.table] if restored else [])],
    )


def _spare_parents(within: Sequence[Edge]) -> None:
    """Keep the parents, at any distance, of rows on the list that are kept."""
    parts, params = [], []
    for edge in within:
        child, parent = edge.child, edge.parent
        parts.append(
            f"SELECT %s::text AS child, o.pk AS child_pk, %s::text AS parent, l.pk AS parent_pk "
            f"FROM importer_leaving o JOIN {child.name} c ON c.{child.key} = o.pk{child.cast} "
            f"JOIN {parent.name} t ON t.{quote(edge.to)} = c.{quote(edge.column)} "
            f"JOIN importer_leaving l ON l.target = %s AND l.pk = t.{parent.key}::text AND NOT l.bare "
            "WHERE o.target = %s AND NOT o.bare"
        )
        params += [child.table, parent.table, parent.table, child.table]
    query(
        f"WITH RECURSIVE edge AS MATERIALIZED ({' UNION ALL '.join(parts)}), up (target, pk, by) AS ("
        "SELECT target, pk, NULL::text FROM importer_leaving WHERE kept IS NOT NULL AND NOT bare "
        "UNION SELECT e.parent, e.parent_pk, e.child FROM up JOIN edge e ON e.child = up.target "
        "AND e.child_pk = up.pk) UPDATE importer_leaving l SET kept = 'referenced', by = up.by FROM up "
        "WHERE l.target = up.target AND l.pk = up.pk AND l.kept IS NULL AND NOT l.bare AND up.by IS NOT NULL",
        params,
    )


def delete() -> None:
    """Take the rows out that may go, and their provenance. Foreign keys are checked at the transaction's end."""
    listed = [table for (table,) in query("SELECT DISTINCT target FROM importer_leaving WHERE kept IS NULL")]
    for target in targets(listed):
        query(
            f"DELETE FROM {target.name} t USING importer_leaving l WHERE l.target = %s AND l.kept IS NULL "
            f"AND NOT l.bare AND t.{target.key} = l.pk{target.cast}",
            [target.table],
        )
    query(
        "DELETE FROM importer_provenance p USING importer_leaving l WHERE l.kept IS NULL "
        "AND p.stream_id = l.stream_id AND p.identity = l.identity"
    )


class Left(NamedTuple):
    """What became of a stream's listed rows."""

    deleted: int
    kept: int


def counts() -> dict[int, Left]:
    """Return for each stream how many rows go and how many stay."""
    rows = query(
        "SELECT stream_id, count(*) FILTER (WHERE kept IS NULL AND NOT bare), count(kept) "
        "FROM importer_leaving GROUP BY stream_id"
    )
    return {stream: Left(deleted, kept) for stream, deleted, kept in rows}


def kept_rows(stream: int, limit: int, table: str = "importer_leaving") -> list[dict[str, Any]]:
    """Name rows of a stream that stay, and why."""
    rows = query(
        f"SELECT identity, pk, kept, by FROM {table} WHERE stream_id = %s AND kept IS NOT NULL "
        "ORDER BY identity LIMIT %s",
        [stream, limit],
    )
    return [
        {"key": identity, "target_pk": pk, "reason": kept, "message": why(kept, by)}
        for identity, pk, kept, by in rows
    ]


def why(kept: str, by: str | None) -> str:
    """Say why a row stays."""
    return f"{WHY[kept]} ({by})" if by else WHY[kept]
