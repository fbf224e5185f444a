"""The kinds of proofs: what each shows, how many of it a whole run does, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from tests.kill import material
from tests.kill.ground import Ground
from tests.kill.trials import Tally, Trials
from tests.proofs import changes, clean, damaged, examples, large, limits, undo
from tests.proofs.proof import Commands, Proof, django_on, imported
from tests.proofs.sites import material_of

ROWS = 1000
"""Rows of each system's file whose import is changed."""


@dataclass(frozen=True)
class Kind:
    """A kind of proof: its name, its whole number, and how so many are done from a seed."""

    name: str
    count: int
    do: Callable[[Ground, int, int], Proof]


def single_changes(place: Ground, count: int, seed: int) -> Proof:
    """Single changes in PostgreSQL, each named by verification."""
    place.fresh()
    paths = [material_of(place.folder / f"changes-{name}", name, ROWS) for name in material.SYSTEMS]
    with django_on(place):
        imported(*paths)
        return changes.prove(paths, count, seed)


def damaged_files(place: Ground, count: int, seed: int) -> Proof:
    """Damaged files of all systems, some beside a healthy file in each run."""
    return damaged.prove(commands(place, "damaged"), place.fresh, count, seed)


def undone_runs(place: Ground, count: int, seed: int) -> Proof:
    """Runs taken back, some of them with the undo killed first."""
    with django_on(place):
        return undo.prove(commands(place, "undo"), lambda: fresh(place), count, seed, ROWS, material.SYSTEMS)


def clean_runs(place: Ground, count: int, seed: int) -> Proof:
    """Undisturbed imports of all shapes, without an alarm."""
    with django_on(place):
        return clean.prove(commands(place, "clean").folder, lambda: fresh(place), count, seed)


def large_import(place: Ground, count: int, seed: int) -> Proof:
    """A large import verified, in time and memory."""
    place.fresh()
    return large.prove(commands(place, "large"), count)


def at_the_limits(place: Ground, count: int, seed: int) -> Proof:
    """Files at the limits."""
    return limits.prove(commands(place, "limits"), place.fresh, limits.LIMITS[:count])


def imports_again(place: Ground, count: int, seed: int) -> Proof:
    """The same files again and again, which writes nothing and takes half of the time at most."""
    proof = Proof()
    for system in material.SYSTEMS:
        trials = Trials(place, system, material.make(place.folder / f"again-{system}", system), seed=seed)
        trials.learn()
        tally = Tally("again", system)
        trials.again(tally, count)
        proof.figures += f"{', ' if proof.figures else ''}{system}: {tally.note}, {tally.trials} times"
        proof.wrong += [f"{system}: {line}" for line in tally.wrong]
    return proof


def fresh(place: Ground) -> None:
    """Begin anew, with this process's connection too."""
    connection.close()
    place.fresh()


def commands(place: Ground, name: str) -> Commands:
    """Commands on a ground, with a folder of their own."""
    folder = place.folder / name
    folder.mkdir()
    return Commands(place.environment(), folder)


KINDS = (
    Kind("changes", 1000, single_changes),
    Kind("clean", 100, clean_runs),
    Kind("verify", 1_000_000, large_import),
    Kind("damaged", 300, damaged_files),
    Kind("limits", len(limits.LIMITS), at_the_limits),
    Kind("undo", 40, undone_runs),
    Kind("examples", 20_000, lambda place, count, seed: examples.prove(count, seed)),
    Kind("reruns", 5, imports_again),
)
