"""Imports that nobody disturbed, of files of all shapes, sizes and batches: verification finds nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from apps.importer.mapping import load_systems
from apps.importer.verify import verify_file
from apps.samples.catalogue import SAMPLES
from apps.samples.writer import Sample, write_sample
from tests.proofs.proof import Proof, imported
from tests.proofs.undo import changed, reduced

BATCHES = (1, 7, 100, 1000, 100_000)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
DIFFERENCES = ("different", "missing", "extra")


@dataclass
class Clean:
    """The runs so far."""

    chance: Random
    runs: int = 0
    again: int = 0
    compared: int = 0
    quarantined: int = 0
    shapes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def run(self, sample: Sample, folder: Path) -> None:
        """Import one file; every other one in three states, one after the other."""
        batch, zone, seed = (
            self.chance.choice(BATCHES),
            self.chance.choice(ZONES),
            self.chance.randrange(10**6),
        )
        rows = self.chance.randrange(5, 40 if batch < 100 else 300)
        folder.mkdir()
        path = write_sample(sample, folder, rows, seed, clean=self.chance.random() < 0.5).path
        what = f"{sample.system}, {sample.variant}, {rows} rows, seed {seed}, --batch {batch}, {zone}"
        tables = list(load_systems()[sample.system].resolved.values())
        states = [path.read_bytes()]
        if self.chance.random() < 0.5:
            states = [reduced(path, tables), *states, changed(path, tables)]
        for number, state in enumerate(states):
            path.write_bytes(state)
            imported(path, batch=batch, local_zone=zone)
            self._verify(path, f"{what}, import {number + 1}")
            self.again += number > 0
        self.runs += 1
        self.shapes.add(f"{sample.system}, {sample.variant}")

    def _verify(self, path: Path, what: str) -> None:
        report = verify_file(str(path), path, None, None)
        if report["status"] != "done" or not report["tables"]:
            self.wrong.append(f"{what}: {report['status']}, {report['message']}")
        for table in report["tables"]:
            self.compared += table["compared"]
            self.quarantined += table["quarantined"]
            if any(table[name] for name in DIFFERENCES):
                self.wrong.append(f"{what}: {table['source_table']}: {table['differences'][:3]}")
            if table["compared"] + table["quarantined"] != table["source_rows"]:
                self.wrong.append(f"{what}: {table['source_table']}: not all rows were looked at: {table}")


def prove(folder: Path, fresh: Callable[[], Any], count: int, seed: int) -> Proof:
    """Do so many runs, shape after shape."""
    clean = Clean(Random(seed))
    for number in range(count):
        fresh()
        clean.run(SAMPLES[number % len(SAMPLES)], folder / f"clean-{number}")
    return Proof(
        f"{clean.runs} runs, {len(clean.wrong)} false alarms, {clean.again} imports again of changed files; "
        f"{len(clean.shapes)} shapes of files, {clean.compared:,} rows compared, {clean.quarantined:,} set aside",
        clean.wrong,
    )
