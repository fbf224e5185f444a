"""Peers in turn: each loads the same case into a fresh database, round after round, and is judged by the content."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import content, measure
from tests.bench.cases import Case
from tests.bench.measure import Measured
from tests.bench.outcome import RIGHT, Line
from tests.bench.peers import OURS, QUARANTINED, Job, Peer
from tests.bench.server import Server

Say = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """What all workloads of a benchmark share.

    The server, the folder of the cases, runs of each peer and of a slow one, seconds after which a run is given
    up, whether the largest sizes are wanted, and whom to tell how it goes.
    """

    server: Server
    cache: Path
    runs: int
    slow_runs: int
    limit: float
    large: bool
    say: Say

    def runs_of(self, peer: Peer) -> int:
        """How many runs a peer gets."""
        return self.slow_runs if peer.slow else self.runs


@dataclass
class Record:
    """The runs of one entry so far."""

    title: str
    ours: bool
    runs: list[Measured] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether all runs left the right content."""
        return all(verdict == RIGHT for verdict in self.verdicts)

    def line(self, name: str) -> Line:
        """The line of these runs; one run that is not right spoils it."""
        verdict = next((verdict for verdict in self.verdicts if verdict != RIGHT), RIGHT)
        failed = verdict.startswith("failed")
        others = [run.other for run in self.runs if run.other is not None]
        return Line(
            peer=name,
            title=self.title,
            ours=self.ours,
            seconds=[] if failed else [run.seconds for run in self.runs],
            peak=max((run.peak for run in self.runs), default=0.0),
            other=median(others) if others else None,
            verdict=verdict,
        )


@dataclass(frozen=True)
class Entry:
    """Who loads what, under which name in the tables."""

    name: str
    title: str
    peer: Peer
    case: Case

    @property
    def is_ours(self) -> bool:
        """Whether it is the project's own command that loads."""
        return self.peer.name == OURS


def race(setting: Setting, entries: Sequence[Entry]) -> dict[str, Record]:
    """Let the entries load in turn; each round begins with another of them."""
    records = {entry.name: Record(entry.title, entry.is_ours) for entry in entries}
    for number in range(max(map(setting.runs_of, (entry.peer for entry in entries)))):
        start = number % len(entries)
        for entry in [*entries[start:], *entries[:start]]:
            record = records[entry.name]
            if number < setting.runs_of(entry.peer) and not _is_hopeless(record):
                attempt(setting, entry, record)
                setting.say(f"  round {number + 1}: {_told(entry, record)}")
    return records


def attempt(setting: Setting, entry: Entry, record: Record, keep: bool = False) -> None:
    """One run of an entry, into its record; the database goes afterwards unless it is kept."""
    case, server = entry.case, setting.server
    job = Job(case, server, server.fresh(case.kind.changes), setting.cache / "scratch" / entry.name)
    job.folder.mkdir(parents=True, exist_ok=True)
    before = content.rules(server, job.database)
    command = entry.peer.command(job)
    measured = measure.run(command, server.environment(job.database), job.folder, setting.limit, server.cpu)
    record.runs.append(measured)
    record.verdicts.append(judge(job, entry.peer, measured, before))
    if entry.is_ours and (report := job.folder / "report.json").exists():
        record.report = json.loads(report.read_text())
        report.unlink()
    if not keep:
        server.drop()


def judge(job: Job, peer: Peer, measured: Measured, rules: set[str]) -> str:
    """Say whether a run ended well and left the right content, and all the rules that there were before."""
    fine = (0, QUARANTINED) if peer.name == OURS else (0,)
    if measured.code not in fine:
        return f"failed: {measured.last or f'exit code {measured.code}'}"
    if job.case.plans and content.is_empty(job.server, job.database, job.case.plans[-1]):
        return "failed: it ended without an error, and loaded nothing"
    found = content.verdict(job.server, job.database, job.case.plans, job.case.expected)
    if lost := rules - content.rules(job.server, job.database):
        found = f"{'' if found == RIGHT else f'{found}; '}{len(lost)} keys or indexes gone"
    return found if found == RIGHT else f"wrong: {found}"


def _is_hopeless(record: Record) -> bool:
    return bool(record.verdicts) and record.verdicts[-1].startswith("failed")


def _told(entry: Entry, record: Record) -> str:
    run = record.runs[-1]
    return f"{entry.title:28} {run.seconds:8.2f} s {run.peak:6.0f} MB  {record.verdicts[-1]}"
