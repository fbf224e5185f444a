"""The kinds of trials, and how many of each a whole run does for every system."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.kill import disk
from tests.kill.ground import ground
from tests.kill.proxy import Cut
from tests.kill.trials import Tally, Trials

BATCHES = (1, 7, 1000, 100_000)


@dataclass(frozen=True)
class Kind:
    """A kind of trial: its name, its number for each system, and how number n of so many is done."""

    name: str
    each: int
    do: Callable[[Trials, Tally, int, int], None]
    divisible: bool = True
    """Whether a share of a run does fewer of them."""


def spread(trials: Trials, number: int, count: int, last: int) -> int:
    """The n-th of so many places from 1 to the last one: spread evenly, each somewhere within its own stretch."""
    stretch = max(1, last // count)
    return 1 + (number * last // count + trials.chance.randrange(stretch)) % last


def step(trials: Trials, tally: Tally, number: int, count: int) -> None:
    trials.at_step(tally, spread(trials, number, count, len(trials.steps)))


def cut(trials: Trials, tally: Tally, number: int, count: int) -> None:
    trials.commits = trials.commits or trials.count_commits()
    trials.cut(tally, spread(trials, number, count, trials.commits), list(Cut)[number % 3])


def race(trials: Trials, tally: Tally, number: int, count: int) -> None:
    trials.race(tally, trials.moment() if number % 2 else None)


def parents_deleted(trials: Trials, tally: Tally, number: int, count: int) -> None:
    killed = trials.chance.uniform(0.0, 0.5) * trials.seconds if number % 2 else None
    trials.bereaved(tally, trials.moment(), killed)


def server_disk(trials: Trials, tally: Tally, number: int, count: int) -> None:
    """Move to a server all of whose files lie on a small disk."""
    with (
        disk.small_disk(trials.ground.folder / "disk", 1024 * disk.MIB) as folder,
        ground(folder / "pg") as other,
    ):
        moved = Trials(other, trials.system, trials.path, trials.batch)
        moved.reference = trials.reference
        for spare in (1, 8, 24):
            moved.without_room(tally, folder, spare * disk.MIB)


KINDS = (
    Kind("walk of kills", 1, lambda t, y, n, c: t.walk(y), divisible=False),
    Kind("kill at a step", 30, step),
    Kind("kill at a moment", 50, lambda t, y, n, c: t.at_moment(y, t.moment())),
    Kind("kill the server", 13, lambda t, y, n, c: t.without_postmaster(y, t.moment())),
    Kind("kill a backend", 13, lambda t, y, n, c: t.without_backend(y, t.moment())),
    Kind("kill a worker", 13, lambda t, y, n, c: t.without_worker(y, t.moment())),
    Kind("three kills", 13, lambda t, y, n, c: t.chain(y)),
    Kind("cut a COMMIT", 6, cut),
    Kind("race", 5, race),
    Kind("Ctrl-C", 5, lambda t, y, n, c: t.signalled(y, signal.SIGINT, t.moment())),
    Kind("SIGTERM", 5, lambda t, y, n, c: t.signalled(y, signal.SIGTERM, t.moment())),
    Kind("parents deleted", 12, parents_deleted),
    Kind("batches", 4, lambda t, y, n, c: t.in_batches_of(y, BATCHES[n % 4]), divisible=False),
    Kind("again", 1, lambda t, y, n, c: t.again(y), divisible=False),
    Kind("disk of a table", 3, lambda t, y, n, c: t.on_full_disk(y, (1 + 6 * n) * disk.MIB)),
    Kind("disk of the server", 1, server_disk),
)
NEEDS_ROOT = ("disk of a table", "disk of the server")
