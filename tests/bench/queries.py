"""Searches in what was imported: with the index that serves them and without, by time and by what was read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from apps.core.inspection.vectors import SEARCH_WIDTH
from tests.bench.outcome import Figure
from tests.bench.samples import LONG_SESSION
from tests.bench.server import Server

SEARCHED, NEAREST = 200, 10
"""Nodes whose neighbours are looked for, and how many."""
WIDTH = 40
"""``hnsw.ef_search`` where nobody sets it; the admin's own width, which finds more, is shown beside it."""
COUNTED = 20
"""Searches in which the distances are counted."""
WARM_UP = 4.0
"""Seconds of searches before those that count."""
REPEATED = 7
PAGE = 50

VALID = """
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am a ON a.oid = i.relam
 WHERE a.amname = 'hnsw' AND x.indisvalid AND x.indrelid = 'knowledge_nodes'::regclass
"""
KEYS = "SELECT id FROM knowledge_nodes ORDER BY id"
NEAR = f"""
SELECT id FROM knowledge_nodes
 ORDER BY embedding <=> (SELECT embedding FROM knowledge_nodes WHERE id = %s) LIMIT {NEAREST}
"""
DISTANCE = "vector_negative_inner_product(vector, vector)"
"""What the graph's cosine distance computes for each node that it looks at."""
CALLS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = split_part(%s, '(', 1)"
LONGEST = """
SELECT session_id FROM chat_messages GROUP BY session_id ORDER BY count(*) DESC LIMIT 1
"""
SESSION = f"SELECT * FROM chat_messages WHERE session_id = %s ORDER BY created_at DESC LIMIT {PAGE}"
SESSION_INDEXES = """
SELECT indexrelid::regclass::text FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid
   AND a.attnum = ANY(x.indkey) WHERE x.indrelid = 'chat_messages'::regclass AND a.attname = 'session_id'
"""


@dataclass(frozen=True)
class Found:
    """Figures for the table, and what belongs to them."""

    figures: list[Figure] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Searches:
    """The same searches done one way: what each found, seconds of each, rows that PostgreSQL compared for one."""

    found: list[list[str]]
    seconds: list[float]
    rows: float
    plan: dict[str, Any]


# -- nearest neighbours


def nearest(server: Server, name: str) -> Found:
    """The nearest of some nodes, exactly and by the graph."""
    if not server.rows(name, VALID):
        return Found([Figure("HNSW index there after the import", 0, least=1)])
    server.run(name, "VACUUM ANALYZE knowledge_nodes", "CHECKPOINT")  # what the server would do meanwhile
    keys = [str(key) for (key,) in server.rows(name, KEYS)]
    nodes = keys[:: max(1, len(keys) // SEARCHED)][:SEARCHED]
    exact = _searches(server, name, nodes, "SET enable_indexscan = off")
    graph, wide = (_searches(server, name, nodes, *by_graph(width)) for width in (WIDTH, SEARCH_WIDTH))
    itself = sum(key in found for key, found in zip(nodes, graph.found, strict=True))
    distances = _distances(server, name, nodes[:COUNTED])
    figures = [
        Figure("exact scan, rows compared", exact.rows),
        Figure("HNSW, rows compared", graph.rows),
        Figure("fewer rows compared", exact.rows / graph.rows, "times", least=1000),
        Figure("HNSW, distances computed", distances),
        Figure("exact scan", 1000 * median(exact.seconds), "ms"),
        Figure(f"HNSW, {WIDTH} wide", 1000 * median(graph.seconds), "ms"),
        Figure("less time", median(exact.seconds) / median(graph.seconds), "times", least=100),
        Figure(f"recall@{NEAREST}", _recall(exact, graph), least=0.95),
        Figure("nodes that find themselves", itself / len(nodes)),
        Figure(f"HNSW, {SEARCH_WIDTH} wide, as the admin searches", 1000 * median(wide.seconds), "ms"),
        Figure("less time than the exact scan", median(exact.seconds) / median(wide.seconds), "times"),
        Figure(f"its recall@{NEAREST}", _recall(exact, wide)),
    ]
    return Found(figures, {"exact": exact.plan, "hnsw": graph.plan})


def by_graph(width: int) -> tuple[str, str]:
    """The settings for a search by the graph."""
    return f"SET hnsw.ef_search = {width}", "SET enable_seqscan = off"


def _recall(exact: Searches, graph: Searches) -> float:
    """The share of the truly nearest that the graph found."""
    hits = [len({*a} & {*b}) for a, b in zip(exact.found, graph.found, strict=True)]
    return sum(hits) / NEAREST / len(hits)


def _searches(server: Server, name: str, nodes: Sequence[str], *settings: str) -> Searches:
    """Do all searches, and one of them again to see how PostgreSQL goes about it.

    First some of them are done that do not count: what they read is in memory then, as it is while people search.
    """
    found, seconds = [], []
    with server.connected(name) as connection, connection.cursor() as cursor:
        for setting in settings:
            cursor.execute(setting)
        _warm_up(cursor, nodes)
        for node in nodes:
            started = time.perf_counter()
            cursor.execute(NEAR, [node])
            found.append([str(key) for (key,) in cursor.fetchall()])
            seconds.append(time.perf_counter() - started)
        plan = explain(cursor, NEAR, [nodes[0]])
    return Searches(found, seconds, rows_compared(plan["Plan"]), plan)


def _warm_up(cursor: Any, nodes: Sequence[str]) -> None:
    """Search for some seconds, at most for all nodes."""
    started = time.perf_counter()
    for node in nodes:
        cursor.execute(NEAR, [node])
        if time.perf_counter() - started > WARM_UP:
            return


def _distances(server: Server, name: str, nodes: Sequence[str]) -> float:
    """Distances that the graph computes for one search.

    PostgreSQL counts the calls of a function inside an index only where the function has a setting of its
    own; the one that it is given here changes nothing.
    """
    server.run(name, f"ALTER FUNCTION {DISTANCE} SET vacuum_cost_delay = 0")
    with server.connected(name) as connection, connection.cursor() as cursor:
        for setting in ("SET track_functions = 'all'", *by_graph(WIDTH)):
            cursor.execute(setting)
        for node in nodes:
            cursor.execute(NEAR, [node])
        cursor.execute("SELECT pg_stat_force_next_flush()")
    ((calls,),) = server.rows(name, CALLS, [DISTANCE])
    return float(calls) / len(nodes)


# -- a page of a session


def session_page(server: Server, name: str) -> Found:
    """The newest messages of a session, by its indexes and without them."""
    server.run(name, "VACUUM ANALYZE chat_messages")
    ((session,),) = server.rows(name, LONGEST)
    with server.connected(name) as connection, connection.cursor() as cursor:
        fast = _typical(cursor, session)
        with _without_indexes(cursor):
            slow = _typical(cursor, session)
    figures = [
        Figure("with the index", fast["Execution Time"], "ms"),
        Figure("with the index, pages read", pages(fast["Plan"])),
        Figure("without", slow["Execution Time"], "ms"),
        Figure("without, pages read", pages(slow["Plan"])),
        Figure("times as fast", slow["Execution Time"] / fast["Execution Time"], least=100),
        Figure("messages on the page", fast["Plan"]["Actual Rows"], least=min(PAGE, LONG_SESSION)),
    ]
    return Found(figures, {"with the index": fast, "without": slow})


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """A transaction in which the indexes on the session are gone."""
    cursor.execute(SESSION_INDEXES)
    names = [index for (index,) in cursor.fetchall()]
    cursor.execute("BEGIN")
    for index in names:
        cursor.execute(f"DROP INDEX {index}")
    try:
        yield
    finally:
        cursor.execute("ROLLBACK")


def _typical(cursor: Any, session: str) -> dict[str, Any]:
    """Of some runs the one of median time; a first one warms up."""
    plans = [explain(cursor, SESSION, [session]) for _ in range(REPEATED + 1)][1:]
    return sorted(plans, key=lambda plan: plan["Execution Time"])[REPEATED // 2]


# -- plans


def explain(cursor: Any, statement: str, values: Sequence[Any]) -> dict[str, Any]:
    """How PostgreSQL ran a query: EXPLAIN (ANALYZE, BUFFERS) as JSON, long values cut short."""
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
    ((plans,),) = cursor.fetchall()
    return shortened(plans[0])


def shortened(plan: Any, longest: int = 120) -> Any:
    """The same with every text cut to a length: a vector fills pages."""
    if isinstance(plan, dict):
        return {key: shortened(value, longest) for key, value in plan.items()}
    if isinstance(plan, list):
        return [shortened(value, longest) for value in plan]
    return plan[:longest] + "…" if isinstance(plan, str) and len(plan) > longest else plan


def rows_compared(plan: dict[str, Any]) -> float:
    """Rows that come out of the scans at the bottom of a plan; what it looks up before does not count."""
    below = [part for part in plan.get("Plans", []) if part.get("Parent Relationship") != "InitPlan"]
    if not below:
        return float(plan["Actual Rows"] * plan["Actual Loops"])
    return sum(map(rows_compared, below))


def pages(plan: dict[str, Any]) -> int:
    """Pages of 8 KiB that a plan read, from memory or disk."""
    return int(plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0))
