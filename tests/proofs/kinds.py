"""The kinds of proofs: what each shows, how many of it a whole run does, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from tests.kill import material
from tests.kill.ground import Ground
from tests.proofs import changes, damaged, undo
from tests.proofs.proof import Commands, Proof, django_on, imported

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
    paths = [changes.material_of(place.folder / f"changes-{name}", name, ROWS) for name in material.SYSTEMS]
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
    Kind("damaged", 300, damaged_files),
    Kind("undo", 40, undone_runs),
)
