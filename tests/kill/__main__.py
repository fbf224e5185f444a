"""The long target: every way of disturbing an import, on files of all systems; a table of what came of it.

Run as ``python -m tests.kill``; ``--only`` names kinds of trials. Ends with 1 where an import did not come to
the same end as an undisturbed one.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import dataclass, field

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests.kill import disk, material  # noqa: E402
from tests.kill.ground import Ground, ground  # noqa: E402
from tests.kill.kinds import KINDS, NEEDS_ROOT, Kind  # noqa: E402
from tests.kill.trials import Tally, Trials  # noqa: E402

Task = tuple[Kind, str, int, int]
"""A trial: its kind, its system, its number, and of how many."""


@dataclass
class Run:
    """A whole run: what is to be done, and what came of it so far."""

    rows: int
    tasks: queue.SimpleQueue[Task] = field(default_factory=queue.SimpleQueue)
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        """Do tasks on a ground of one's own until none is left."""
        with ground() as place:
            known: dict[str, Trials] = {}
            while True:
                try:
                    kind, system, number, count = self.tasks.get_nowait()
                except queue.Empty:
                    return
                self._do(place, known, (kind, system, number, count))

    def _do(self, place: Ground, known: dict[str, Trials], task: Task) -> None:
        kind, system, number, count = task
        tally = Tally(kind.name, system)
        started = time.monotonic()
        try:
            if system not in known:
                known[system] = learn(place, system, self.rows)
            kind.do(known[system], tally, number, count)
        except Exception as error:
            tally.wrong.append(f"{type(error).__name__}: {error}")
        tally.seconds = time.monotonic() - started
        self._add(tally)

    def _add(self, tally: Tally) -> None:
        for line in tally.wrong:
            tell(f"WRONG {tally.system}, {tally.name}: {line}")
        with self.mutex:
            so_far = self.tallies.setdefault((tally.name, tally.system), Tally(tally.name, tally.system))
            so_far.add(tally)
            tell(f"{tally.name}, {tally.system}: {so_far.trials} done, {len(so_far.wrong)} wrong")


def learn(place: Ground, system: str, rows: int) -> Trials:
    """Make a system's file and import it undisturbed."""
    folder = place.folder / system
    trials = Trials(place, system, material.make(folder, system, rows))
    trials.learn()
    tell(f"{system}: {len(trials.steps)} steps, {trials.seconds:.1f} s undisturbed")
    return trials


def tell(line: str) -> None:
    """Say how it goes."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def tasks(options: argparse.Namespace) -> list[Task]:
    """What is to be done: the long ones first, then system by system."""
    kinds = [kind for kind in KINDS if not options.only or kind.name in options.only]
    reason = disk.unavailable()
    for kind in kinds:
        if reason and kind.name in NEEDS_ROOT:
            tell(f"{kind.name}: {reason}")
    kinds = [kind for kind in kinds if not (reason and kind.name in NEEDS_ROOT)]
    found = []
    for kind, system in ((k, s) for s in options.system or material.SYSTEMS for k in kinds):
        count = max(1, round(kind.each * options.share)) if kind.divisible else kind.each
        found += [(kind, system, number, count) for number in range(count)]
    return sorted(found, key=lambda task: task[0].name != KINDS[0].name)


def table(tallies: list[Tally]) -> str:
    """The figures of a run."""
    order = {kind.name: number for number, kind in enumerate(KINDS)}
    lines = [
        f"{'kind':20} {'system':12} {'trials':>6} {'struck':>6} {'waits':>5} {'wrong':>5} {'seconds':>8}"
    ]
    for t in sorted(tallies, key=lambda t: (order[t.name], t.system)):
        lines.append(
            f"{t.name:20} {t.system:12} {t.trials:6} {t.hits:6} {t.waits:5} {len(t.wrong):5} {t.seconds:8.0f}  {t.note}"
        )
    return "\n".join(lines)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    names = [kind.name for kind in KINDS]
    parser.add_argument("--only", action="append", choices=names, help="this kind of trial (repeatable)")
    parser.add_argument(
        "--system", action="append", choices=material.SYSTEMS, help="this system (repeatable)"
    )
    parser.add_argument("--share", type=float, default=1.0, help="do this share of the trials")
    parser.add_argument("--rows", type=int, default=material.WHOLE, help="rows of each system's file (20000)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="trials at once, each on its own server"
    )
    return parser.parse_args()


def main() -> int:
    """Do the run and print its table."""
    options = read_options()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # in the background a shell has it ignored by all
    run = Run(options.rows)
    for task in tasks(options):
        run.tasks.put(task)
    workers = [threading.Thread(target=run.work) for _ in range(options.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tallies = list(run.tallies.values())
    sys.stdout.write(table(tallies) + "\n")
    wrong = [f"{t.system}, {t.name}: {line}" for t in tallies for line in t.wrong]
    sys.stdout.write("\n".join(wrong) + "\n" if wrong else "Lost, doubled, altered: 0.\n")
    return 1 if wrong or not run.tasks.empty() else 0


if __name__ == "__main__":
    sys.exit(main())
