"""The workloads: what each measures, at what size, and the bounds that it is to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.bench import cases, queries, samples
from tests.bench.outcome import Figure, Line, Outcome
from tests.bench.peers import COPY, OURS, PEERS, Peer, loader
from tests.bench.race import Entry, Record, Setting, attempt, race
from tests.bench.server import DATABASE

LARGE = 5
ATLAS = sum(samples.ATLAS_ROWS.values())
AHEAD = {"pgloader": 2.0, "bulk_create": 8.0}
"""How many times as fast as a peer the command is to be; as fast as the others."""
MOST_MEMORY = 100
"""MB above an idle ``manage.py``."""
IDLE = Peer("idle", "manage.py that does nothing", lambda job: loader("idle")(job)[:4])
CHECKED = Peer("checked", "the same after system checks", lambda job: loader("checked")(job)[:4])


@dataclass(frozen=True)
class Workload:
    """A workload: its case, who measures it, its share of ``--rows`` or fixed size, the ratio it is to reach."""

    name: str
    title: str
    case: str
    measure: Callable[[Setting, Workload, int, Sequence[Peer]], Outcome]
    share: float = 1.0
    least: float | None = None
    fixed: int = 0

    def rows(self, rows: int) -> int:
        """Rows of this workload where the largest have so many."""
        return self.fixed or max(1, round(rows * self.share))


def _by_name(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)


# -- loads beside the peers


def beside_peers(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """All peers on one case; the command is to be ahead of each that is right."""
    case = cases.prepare(workload.case, rows, setting.cache, setting.server)
    entries = [Entry(peer.name, peer.title, peer, case) for peer in peers if not peer.missing]
    records = race(setting, entries)
    absent = [Line(peer.name, peer.title, verdict="not installed") for peer in peers if peer.missing]
    lines = [record.line(name) for name, record in records.items()] + absent
    figures = [*_ahead(lines, workload.least), *_above_idle(lines, idle_peak(setting))]
    return Outcome(workload.name, workload.title, rows, COPY, lines, figures, details=_details(records))


def _ahead(lines: Sequence[Line], least: float | None) -> Iterator[Figure]:
    """How many times as fast the command was as each peer."""
    ours = next((line for line in lines if line.ours), None)
    for line in lines:
        if ours is None or ours.typical is None or line.typical is None or line.ours:
            continue
        bound = least if line.peer == COPY else AHEAD.get(line.peer, 1.0)
        yield Figure(f"times as fast as {line.title}", line.typical / ours.typical, least=bound)


@cache
def idle_peak(setting: Setting) -> float:
    """Peak memory of a ``manage.py`` that does nothing, in MB."""
    case = cases.prepare("atlas", ATLAS, setting.cache, setting.server)
    return race(setting, [Entry(IDLE.name, IDLE.title, IDLE, case)])[IDLE.name].line(IDLE.name).peak


def _above_idle(lines: Sequence[Line], idle: float) -> Iterator[Figure]:
    """What each run of the command took of memory beyond a ``manage.py`` that does nothing."""
    for line in lines:
        if line.ours:
            label = f"peak memory of {line.title} above an idle manage.py"
            yield Figure(label, line.peak - idle, "MB", most=MOST_MEMORY)


def _details(records: dict[str, Record]) -> dict[str, Any]:
    """What the command said of its last run, table by table, and of the indexes it built."""
    return {name: _reported(record.report) for name, record in records.items() if record.report}


def _reported(report: dict[str, Any]) -> dict[str, Any]:
    sources = [
        {**source, "tables": [table for table in source["tables"] if table.get("source_rows")]}
        for source in report["sources"]
    ]
    return {**report, "sources": sources}


# -- the start of a process


def start(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """A small file as a whole process, beside a ``manage.py`` that only connects."""
    case = cases.prepare(workload.case, rows, setting.cache, setting.server)
    entries = [Entry(peer.name, peer.title, peer, case) for peer in (IDLE, CHECKED, _by_name(OURS))]
    records = race(setting, entries)
    lines = [record.line(name) for name, record in records.items()]
    outcome = Outcome(workload.name, workload.title, rows, IDLE.name, lines, details=_details(records))
    imported = records[OURS].report.get("totals", {}).get("imported", 0)
    outcome.figures.append(Figure("rows imported", imported, "", least=rows, most=rows))
    for peer, most in ((IDLE, 0.3), (CHECKED, None)):
        outcome.figures.extend(_difference(outcome, OURS, peer, most))
    return outcome


def _difference(outcome: Outcome, name: str, peer: Peer, most: float | None) -> list[Figure]:
    line, other = outcome.line(name), outcome.line(peer.name)
    if line is None or other is None or line.typical is None or other.typical is None:
        return []
    return [Figure(f"longer than {peer.title}", line.typical - other.typical, "s", most=most)]


# -- memory and size


def memory(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """The command alone on files of some sizes: its memory, and its time for each row."""
    sizes = [max(1, rows // 10), rows, *([LARGE * rows] if setting.large else [])]
    entries = [
        Entry(
            str(count),
            f"{count:,} rows",
            _by_name(OURS),
            cases.prepare(workload.case, count, setting.cache, setting.server),
        )
        for count in sizes
    ]
    records = race(setting, entries)
    lines = [record.line(name) for name, record in records.items()]
    outcome = Outcome(workload.name, workload.title, rows, "", lines, details=_details(records))
    outcome.figures.extend(_above_idle(lines, idle_peak(setting)))
    outcome.figures.extend(_growth(sizes, [line.typical for line in lines]))
    return outcome


def _growth(sizes: Sequence[int], seconds: Sequence[float | None]) -> Iterator[Figure]:
    """The time for each row of a size by that of the size before."""
    for few, many, short, long in zip(sizes, sizes[1:], seconds, seconds[1:], strict=False):
        if short and long:
            label = f"time of {many:,} rows by {many / few:g} times that of {few:,}"
            bound = 1.1 if many == LARGE * few else None
            yield Figure(label, long / short / (many / few), most=bound)


# -- bad rows


def bad_rows(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """The command on a file with one bad row in a hundred, beside the clean file."""
    ours = _by_name(OURS)
    entries = [
        Entry(name, title, ours, cases.prepare(name, rows, setting.cache, setting.server))
        for name, title in (("chat", "clean file"), ("bad", "one bad row in a hundred"))
    ]
    records = race(setting, entries)
    lines = [record.line(name) for name, record in records.items()]
    outcome = Outcome(workload.name, workload.title, rows, "chat", lines, details=_details(records))
    bad = len(range(samples.BAD_AT, rows, samples.BAD_EVERY))
    quarantined = records["bad"].report.get("totals", {}).get("quarantined", 0)
    outcome.figures.append(Figure("rows in quarantine", quarantined, "", least=bad, most=bad))
    clean, spoilt = (line.typical for line in lines)
    if clean and spoilt:
        outcome.figures.append(Figure("time by that of the clean file", spoilt / clean, "", most=1.3))
    return outcome


# -- searches in what was imported


def nearest(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """Nodes imported with their graph of neighbours built; then the ten nearest of some, with and without it."""
    case = cases.prepare(workload.case, rows, setting.cache, setting.server)
    record = Record("import with the index built", ours=True)
    attempt(setting, Entry(OURS, record.title, _by_name(OURS), case), record, keep=True)
    setting.say(f"  imported in {record.runs[-1].seconds:.1f} s: {record.verdicts[-1]}; searching")
    found = queries.nearest(setting.server, DATABASE) if record.is_right else queries.Found()
    setting.server.drop()
    lines = [record.line(OURS)]
    figures = [*found.figures, *_above_idle(lines, idle_peak(setting))]
    details = {**_details({OURS: record}), **found.details}
    return Outcome(workload.name, workload.title, rows, "", lines, figures, details=details)


def page(setting: Setting, workload: Workload, rows: int, peers: Sequence[Peer]) -> Outcome:
    """The newest messages of a session, with and without the index that serves the page."""
    case = cases.prepare(workload.case, rows, setting.cache, setting.server)
    record = Record(r"psql \copy", ours=False)
    attempt(setting, Entry(COPY, record.title, _by_name(COPY), case), record, keep=True)
    found = queries.session_page(setting.server, DATABASE) if record.is_right else queries.Found()
    setting.server.drop()
    lines = [record.line(COPY)]
    return Outcome(workload.name, workload.title, rows, "", lines, found.figures, details=found.details)


WORKLOADS = (
    Workload("chat", "chat messages", "chat", beside_peers, least=1.5),
    Workload("audits", "short rows: task audits", "audits", beside_peers, least=0.9),
    Workload("vectors", "nodes with 1536 dimensions as JSON text", "vectors", beside_peers, 1 / 50, 1.4),
    Workload("blobs", "nodes with 1536 dimensions as float32 BLOB", "blobs", beside_peers, 1 / 50, 1.8),
    Workload("start", "a small file of Atlas, start and all", "atlas", start, fixed=ATLAS),
    Workload("bad", "chat messages, one row in a hundred bad", "bad", bad_rows),
    Workload("nearest", "ten nearest nodes by HNSW", "graph", nearest, 1 / 10),
    Workload("page", "page of a chat session", "chat", page),
    Workload("memory", "memory by the number of rows", "chat", memory),
)
