"""``python -m tests.bench``: measure the import beside its peers, print tables, keep the results and a chart."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from apps.embedded_pg import locks
from config.env import data_folder
from tests.bench import chart, measure, report
from tests.bench.cases import sweep
from tests.bench.outcome import RIGHT, Outcome
from tests.bench.peers import COPY, OURS, PEERS
from tests.bench.race import Setting
from tests.bench.server import CHECKOUT, Server
from tests.bench.workloads import WORKLOADS, Workload

ROWS, RUNS, QUICK_ROWS = 1_000_000, 5, 5000
LIMIT = 1800.0
"""Seconds after which a run is given up."""


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    workloads, peers = [w.name for w in WORKLOADS], [p.name for p in PEERS]
    parser.add_argument("--workload", action="append", choices=workloads, help="only this one (repeatable)")
    parser.add_argument("--peer", action="append", choices=peers, help="only this peer (repeatable)")
    parser.add_argument("--rows", type=positive, metavar="N", help="rows of the largest workloads (1000000)")
    parser.add_argument("--runs", type=positive, metavar="N", help="runs of each peer (5)")
    parser.add_argument("--slow-runs", type=positive, metavar="N", help="runs of the slow peers (as --runs)")
    parser.add_argument("--large", action="store_true", help="memory: with five times the rows as well")
    parser.add_argument("--quick", action="store_true", help="a look at everything: few rows, one run each")
    parser.add_argument(
        "--limit", type=float, default=LIMIT, metavar="S", help="give a run up after S seconds"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="files and server (.data/bench)")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="where the SVG goes (DIR/chart.svg)")
    return completed(parser.parse_args(given))


def completed(options: argparse.Namespace) -> argparse.Namespace:
    """Fill in what was not given."""
    options.rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    options.runs = options.runs or (1 if options.quick else RUNS)
    options.slow_runs = options.slow_runs or options.runs
    options.data = (options.data or data_folder(CHECKOUT) / "bench").resolve()
    name = "quick" if options.quick else "results"
    options.results = options.data / f"{name}.json"
    options.chart = options.chart or options.data / ("quick.svg" if options.quick else "chart.svg")
    return options


def positive(text: str) -> int:
    """Argument type: a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def main(given: Sequence[str]) -> int:
    """Measure; the exit code is 1 where the project's own command failed or left wrong content."""
    options = read_arguments(given)
    django.setup()
    options.data.mkdir(parents=True, exist_ok=True)
    if not locks.take_exclusive(locks.open_file(options.data / "lock")):
        say(f"Another benchmark works in {options.data}; wait for it, or give this one a --data of its own.")
        return 2
    sweep(options.data)
    for peer in PEERS:
        if peer.missing:
            say(f"{peer.title} is not installed and is left out")
    setting = Setting(
        server=Server(options.data / "pg"),
        cache=options.data,
        runs=options.runs,
        slow_runs=options.slow_runs,
        limit=options.limit,
        large=options.large,
        say=say,
    )
    chosen = [w for w in WORKLOADS if not options.workload or w.name in options.workload]
    outcomes = [measured(setting, workload, options) for workload in chosen]
    return 0 if all(map(is_sound, outcomes)) else 1


def measured(setting: Setting, workload: Workload, options: argparse.Namespace) -> Outcome:
    """Measure a workload, print it, and put it into the results and the chart."""
    rows = workload.rows(options.rows)
    say(f"{workload.name}: {workload.title}, {rows:,} rows")
    peers = [p for p in PEERS if not options.peer or p.name in (COPY, OURS, *options.peer)]
    before = machine()
    outcome = replace(workload.measure(setting, workload, rows, peers), machine=before)
    if options.quick:  # the bounds are about loads that take longer than their start
        outcome = replace(outcome, figures=[figure.unbound() for figure in outcome.figures])
    sys.stdout.write(report.as_text(outcome) + "\n\n")
    sys.stdout.flush()
    known = report.read(options.results) | {workload.name: outcome}
    report.write(options.results, known)
    shown = [known[w.name] for w in WORKLOADS if w.name in known]
    options.chart.write_text(chart.draw(shown), encoding="utf-8")
    return outcome


def is_sound(outcome: Outcome) -> bool:
    """Whether all that the project's command loaded is right."""
    return all(line.verdict == RIGHT for line in outcome.lines if line.ours)


def machine() -> dict[str, Any]:
    """Where and when, and how busy the machine was before."""
    return {
        "when": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load_average": measure.load_average(),
    }


def say(message: str) -> None:
    """Tell a person how it goes."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
