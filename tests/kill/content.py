"""What an import leaves in PostgreSQL, as parts that can be compared: rows, origin, quarantine, schema.

Two imports of the same file are equal when every part is. Rows are compared as sets of their texts, by two
64-bit hashes; keys that PostgreSQL gave are part of a row, the numbers of runs are not.
"""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]
"""Parts by name."""

HASHES = "count(*), coalesce(sum(hashtextextended({0}, 0)), 0), coalesce(sum(hashtextextended({0}, 1)), 0)"
TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname !~ '^(django|auth|importer)_' ORDER BY 1
"""
ORIGIN = "concat_ws('|', p.identity, p.source_rowid, p.digest, p.target_pk, p.outcome, p.extras)"
SET_ASIDE = (
    "concat_ws('|', q.place, q.source_rowid, q.source_key, q.reason, q.column_name, q.message, q.sqlstate, "
    "q.raw, q.handles, q.source_sha256)"
)
KEPT = "concat_ws('|', a.id, a.source_rowid, a.place, a.raw, a.digest)"
PARTS = {
    "origin": f"SELECT s.source_table, {HASHES.format(ORIGIN)} FROM importer_provenance p "
    "JOIN importer_stream s ON s.id = p.stream_id GROUP BY 1",
    "quarantine": f"SELECT q.source_table || ' ' || q.status, {HASHES.format(SET_ASIDE)} "
    "FROM importer_quarantinedrow q GROUP BY 1",
    "archive": f"SELECT a.source_table, {HASHES.format(KEPT)} FROM importer_archivedrow a GROUP BY 1",
    "left over": "SELECT name, n FROM (SELECT 'waiting' AS name, count(*) AS n FROM importer_waitingrow "
    "UNION ALL SELECT 'deferred', count(*) FROM importer_deferredindex "
    "UNION ALL SELECT 'pieces', count(*) FROM importer_runpiece "
    "UNION ALL SELECT 'former', count(*) FROM importer_formerrow "
    "UNION ALL SELECT 'open runs', count(*) FROM importer_importrun WHERE status IN "
    "('running', 'interrupted', 'failed', 'stopped')) x",
    "sequence": "SELECT sequencename, last_value FROM pg_sequences "
    "WHERE sequencename !~ '^(django|auth)_' AND schemaname = 'public'",
    "index": "SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready FROM pg_index i "
    "JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace",
    "constraint": "SELECT conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid), convalidated, "
    "conenforced FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "trigger": "SELECT tgrelid::regclass::text || ' ' || tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "table": "SELECT relname, relpersistence, relkind FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')",
    "statistics": "SELECT c.relname, EXISTS (SELECT 1 FROM pg_statistic s WHERE s.starelid = c.oid) "
    "FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
    "AND relname !~ '^(django|auth|importer)_'",
    "balance": "SELECT t.source_table, t.kind, t.stage, t.source_rows, t.imported + t.updated + t.unchanged, "
    "t.quarantined, t.skipped, t.reasons::text, t.unmapped::text FROM importer_runtable t "
    "JOIN importer_runfile f ON f.id = t.file_id JOIN importer_importrun r ON r.id = f.run_id "
    "WHERE r.number = (SELECT max(number) FROM importer_importrun WHERE status = 'completed')",
}
"""Queries of which each row is a part: the first column names it."""
BOOK = """
SELECT t.source_table, t.imported + x.imported,
    (SELECT count(*) FROM importer_provenance p WHERE p.stream_id = s.id), t.quarantined + x.quarantined,
    (SELECT count(*) FROM importer_quarantinedrow q WHERE q.stream_id = s.id), s.target_table
FROM importer_runtable t JOIN importer_runfile f ON f.id = t.file_id
JOIN importer_importrun r ON r.id = f.run_id AND r.number = 0
JOIN importer_stream s ON s.source_id = f.source_id AND s.source_table = t.source_table
CROSS JOIN LATERAL (SELECT coalesce(sum(imported), 0) AS imported, coalesce(sum(quarantined), 0) AS quarantined
    FROM importer_runpiece WHERE table_id = t.id) x
WHERE t.kind = 'rows'
"""


def content(cursor: Any) -> Content:
    """Read all parts."""
    found: Content = {}
    for kind, query in PARTS.items():
        cursor.execute(query)
        found.update({f"{kind} {row[0]}": tuple(map(plain, row[1:])) for row in cursor.fetchall()})
    for table in domain_tables(cursor):
        cursor.execute(f"SELECT {HASHES.format('t::text')} FROM {table} t")
        found[f"rows {table}"] = tuple(map(plain, cursor.fetchone()))
    found.update({f"edited {table}": count for table, count in taken_for_edited(cursor)})
    return found


def plain(value: Any) -> Any:
    """Numbers of any kind as integers."""
    return int(value) if type(value).__name__ == "Decimal" else value


def domain_tables(cursor: Any) -> list[str]:
    """The tables that hold what was imported."""
    cursor.execute(TABLES)
    return [f'"{name}"' for (name,) in cursor.fetchall()]


def taken_for_edited(cursor: Any) -> list[tuple[str, int]]:
    """Tables with imported rows that the next import would take for edited in PostgreSQL."""
    cursor.execute(
        "SELECT s.id, s.target_table, a.attname FROM importer_stream s JOIN pg_index i "
        "ON i.indrelid = to_regclass(quote_ident(s.target_table)) AND i.indisprimary JOIN pg_attribute a "
        "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE s.target_table NOT LIKE 'importer%'"
    )
    found = []
    for stream, table, key in cursor.fetchall():
        cursor.execute(
            f'SELECT count(*) FROM "{table}" t JOIN importer_provenance p ON p.stream_id = {stream} '
            f'AND t."{key}"::text = coalesce(p.target_pk, p.identity) WHERE t.xmin <> p.xmin AND p.outcome < 3'
        )
        (count,) = cursor.fetchone()
        if count:
            found.append((table, count))
    return found


def compare(found: Content, wanted: Content) -> list[str]:
    """The parts that differ, a line each."""
    return [
        f"{name}: {found.get(name)} instead of {wanted.get(name)}"
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    ]


def check_book(cursor: Any) -> list[str]:
    """What a first import wrote down so far, against what is there: a line for each that disagrees."""
    cursor.execute(BOOK)
    wrong, written = [], {}
    for table, imported, origins, quarantined, entries, target in cursor.fetchall():
        written[target] = written.get(target, 0) + imported
        if (imported, quarantined) != (origins, entries):
            wrong.append(
                f"{table}: {imported} imported, {origins} origins; {quarantined} set aside, {entries} entries"
            )
    for target, rows in written.items():
        cursor.execute(f'SELECT count(*) FROM "{target}"')
        (count,) = cursor.fetchone()
        if count != rows:
            wrong.append(f"{target}: {rows} rows written down, {count} there")
    return wrong


def progress(cursor: Any) -> str:
    """A digest of how far the import came: it changes with everything that is written down."""
    cursor.execute(
        "SELECT md5(concat((SELECT string_agg(concat_ws('|', source_table, file_id, stage, checkpoint, imported, "
        "unchanged, quarantined, target_table), ',' ORDER BY id) FROM importer_runtable), "
        "(SELECT string_agg(concat_ws('|', checkpoint, stage, imported, quarantined), ',' ORDER BY table_id, number) "
        "FROM importer_runpiece), "
        "(SELECT string_agg(concat_ws('|', status, sha256, source_id), ',' ORDER BY id) FROM importer_runfile), "
        "(SELECT string_agg(status, ',' ORDER BY number) FROM importer_importrun), "
        "(SELECT count(*) FROM importer_stream), (SELECT count(*) FROM importer_deferredindex), "
        "(SELECT string_agg(needs::text, ',' ORDER BY id) FROM importer_waitingrow)))"
    )
    return str(cursor.fetchone()[0])


def is_complete(cursor: Any) -> bool:
    """Whether a run came to its end."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM importer_importrun WHERE status = 'completed')")
    return bool(cursor.fetchone()[0])
