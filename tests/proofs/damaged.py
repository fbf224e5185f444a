"""Damaged files, imported together with a healthy one: refused or imported in part, and nothing worse."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command

from tests.kill import material
from tests.proofs.proof import Commands, Proof

GROUP = 10
"""Damaged files in one run."""
MOST_MEMORY = 1000
"""MB."""
PATIENCE = 120.0
"""Seconds for a run; one that takes longer is done again file by file."""
PAGE = 4096
HEADER = ((16, 2), (18, 1), (19, 1), (20, 1), (21, 1), (22, 1), (23, 1), (24, 4), (28, 4), (32, 4), (36, 4), (40, 4),
          (44, 4), (48, 4), (52, 4), (56, 4), (60, 4), (64, 4), (92, 4), (96, 4))  # fmt: skip
"""The fields of a SQLite header: place and bytes."""
CLASSES = ("imported", "updated", "unchanged", "quarantined", "skipped")

Damage = Callable[[bytearray, Random], None]


def flip_few(content: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((1, 2, 5))):
        content[chance.randrange(100, len(content))] ^= chance.randrange(1, 256)


def flip_many(content: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((50, 500))):
        content[chance.randrange(100, len(content))] ^= chance.randrange(1, 256)


def alter_text(content: bytearray, chance: Random) -> None:
    """Within one page, bytes in the midst of cells: the structure stays as it is, what is stored does not."""
    start = chance.randrange(len(content) // PAGE) * PAGE
    letters = [n for n in range(start + PAGE // 2, start + PAGE) if chr(content[n]).isalnum()]
    for n in chance.sample(letters, min(len(letters), 3)):
        content[n] = chance.choice((0, 0x20, 0xFF, content[n] ^ 1))


def cut(content: bytearray, chance: Random) -> None:
    del content[chance.randrange(1, len(content)) :]


def swap_pages(content: bytearray, chance: Random) -> None:
    one, other = (chance.randrange(len(content) // PAGE) * PAGE for _ in range(2))
    kept = content[one : one + PAGE]
    content[one : one + PAGE] = content[other : other + PAGE]
    content[other : other + PAGE] = kept


def zero_page(content: bytearray, chance: Random) -> None:
    start = chance.randrange(len(content) // PAGE) * PAGE
    content[start : start + PAGE] = bytes(PAGE)


def change_header(content: bytearray, chance: Random) -> None:
    place, size = chance.choice(HEADER)
    value = chance.choice((0, 1, 2, 255, 4096, 2**31 - 1, chance.getrandbits(32))) % 256**size
    content[place : place + size] = struct.pack(">I", value)[4 - size :]


DAMAGES: tuple[Damage, ...] = (flip_few, flip_many, alter_text, cut, swap_pages, zero_page, change_header)


@dataclass
class Damaged:
    """The run over many damaged files."""

    commands: Commands
    fresh: Callable[[], Any]
    """Begins anew with an empty database."""
    chance: Random
    rows: int
    outcomes: Counter[str] = field(default_factory=Counter)
    peak: float = 0.0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    originals: dict[str, bytes] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    """Rows that an import of each undamaged file sets aside."""
    healthy: dict[str, tuple[Path, dict[str, int]]] = field(default_factory=dict)

    def run(self, count: int, systems: tuple[str, ...]) -> None:
        """Damage so many files, group by group, each group of one system beside a healthy file of the next."""
        for system in systems:
            path = material.make(self.commands.folder / f"original-{system}", system, self.rows)
            self.originals[system] = path.read_bytes()
            self.fresh()
            whole = self.commands.run("import_sqlite", path, "--no-progress")
            self.set_aside[system] = whole.report["totals"]["quarantined"]
        for number, first in enumerate(range(0, count, GROUP)):
            place = number % len(systems)
            other = material.SYSTEMS[(material.SYSTEMS.index(systems[place]) + 1) % len(material.SYSTEMS)]
            self._group(systems[place], other, first, min(GROUP, count - first))

    def _group(self, system: str, other: str, first: int, size: int) -> None:
        folder = self.commands.folder / f"group-{first}"
        folder.mkdir()
        paths = [self._damage(folder, system, number) for number in range(first, first + size)]
        healthy, totals = self._healthy(other)
        before = [hashlib.sha256(path.read_bytes()).digest() for path in paths]
        self.fresh()
        ran = self.commands.run("import_sqlite", *paths, healthy, "--no-progress", limit=PATIENCE)
        self.peak, self.slowest = max(self.peak, ran.peak), max(self.slowest, ran.seconds)
        what = f"{system}, files {first} to {first + size - 1}"
        if ran.code == -1:
            self._find_hanging(what, paths)
            return
        if ran.code not in (0, 3, 4) or "Traceback" in ran.said or ran.peak > MOST_MEMORY:
            self.wrong.append(f"{what}: exit {ran.code}, {ran.peak:.0f} MB: {ran.said[-1500:]}")
            return
        if before != [hashlib.sha256(path.read_bytes()).digest() for path in paths]:
            self.wrong.append(f"{what}: a file was changed")
        *found, last = ran.report["sources"]
        if last["status"] != "done" or last["totals"] != totals:
            self.wrong.append(f"{what}: the healthy file: {last['status']}, {last['totals']}, not {totals}")
        self._judge(what, found, self.set_aside[system])
        done = [path for path, source in zip(paths, found, strict=True) if source["status"] == "done"]
        self._verify(what, [*done, healthy])

    def _damage(self, folder: Path, system: str, number: int) -> Path:
        content = bytearray(self.originals[system])
        damage = DAMAGES[number % len(DAMAGES)]
        damage(content, self.chance)
        path = folder / f"{number:03}-{damage.__name__}.db"
        path.write_bytes(content)
        return path

    def _healthy(self, system: str) -> tuple[Path, dict[str, int]]:
        """A clean file of a system, and what an import of it alone says."""
        if system not in self.healthy:
            folder = self.commands.folder / f"healthy-{system}"
            call_command(
                "make_samples",
                str(folder),
                rows=30,
                system=[system],
                clean=True,
                verbosity=0,
                stdout=StringIO(),
            )
            (path,) = (p for p in folder.iterdir() if p.suffix in (".db", ".sqlite"))
            self.fresh()
            ran = self.commands.run("import_sqlite", path, "--no-progress")
            assert ran.code == 0, ran.said
            self.healthy[system] = path, ran.report["totals"]
        return self.healthy[system]

    def _judge(self, what: str, sources: list[dict[str, Any]], usual: int) -> None:
        """Count what became of the files; every row of each table is in one class."""
        for source in sources:
            for table in source["tables"]:
                if table["source_rows"] != sum(table[name] for name in CLASSES):
                    self.wrong.append(f"{what}: {source['path']}: {table}")
            if source["status"] == "refused":
                self.outcomes[f"refused {source['reason']}"] += 1
                if not source["message"] or not source["message"].isprintable():
                    self.wrong.append(f"{what}: {source['path']}: says {source['message']!r}")
            else:
                more = source["totals"]["quarantined"] > usual
                self.outcomes["imported but for some rows" if more else "imported"] += 1

    def _verify(self, what: str, paths: list[Path]) -> None:
        ran = self.commands.run("verify_import", *paths, limit=PATIENCE)
        self.peak = max(self.peak, ran.peak)
        if ran.code != 0:
            self.wrong.append(f"{what}: verify_import: exit {ran.code}: {ran.said[-1500:]}")

    def _find_hanging(self, what: str, paths: list[Path]) -> None:
        for path in paths:
            self.fresh()
            if self.commands.run("import_sqlite", path, "--no-progress", limit=PATIENCE / 2).code == -1:
                self.wrong.append(f"{what}: {path.name} hangs")
                return
        self.wrong.append(f"{what}: too slow together, though no file is alone")


def prove(
    commands: Commands,
    fresh: Callable[[], Any],
    count: int,
    seed: int,
    rows: int = 400,
    systems: tuple[str, ...] = material.SYSTEMS,
) -> Proof:
    """Import so many damaged files."""
    damaged = Damaged(commands, fresh, Random(seed), rows)
    damaged.run(count, systems)
    outcomes = ", ".join(f"{name} {n}" for name, n in sorted(damaged.outcomes.items()))
    figures = f"{sum(damaged.outcomes.values())} of {count} files: {outcomes}; at most {damaged.peak:.0f} MB"
    return Proof(f"{figures}, {damaged.slowest:.1f} s for {GROUP} of them and a healthy one", damaged.wrong)
