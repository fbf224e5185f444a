"""One import disturbed and brought to its end by the same command, then compared with one that was left alone."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.embedded_pg.creation import DATABASE, ROLE
from apps.embedded_pg.layout import PORT
from tests.kill import disk, parents
from tests.kill.content import Content, check_book, compare, content, is_complete, progress
from tests.kill.ground import FINE, HELD, Command, Ended, Ground, backends
from tests.kill.proxy import Cut, Proxy

UNREACHABLE, WORKER_LOST = 5, 1
SECRET = {"DJANGO_SECRET_KEY": "for-this-trial-alone"}


@dataclass
class Tally:
    """What came of the trials of one kind."""

    name: str
    system: str
    trials: int = 0
    hits: int = 0
    """Kills, cuts, signals that struck a living import."""
    waits: int = 0
    """How often the command found that a dead one's session still held the source."""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    note: str = ""

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.trials += other.trials
        self.hits += other.hits
        self.waits += other.waits
        self.wrong += other.wrong
        self.seconds += other.seconds
        self.note = other.note or self.note


class Trials:
    """The trials of one file on one ground."""

    def __init__(self, ground: Ground, system: str, path: Path, batch: int = 1000, seed: int = 1) -> None:
        self.ground = ground
        self.system = system
        self.batch = batch
        self.path = path
        self.command = ["import_sqlite", str(path), "--no-progress"]
        self.chance = random.Random(f"{system} {seed}")
        self.reference: Content = {}
        self.steps: list[str] = []
        self.commits = 0
        self.seconds = 0.0

    def learn(self) -> None:
        """Import once undisturbed: what is to come out, in how many steps and seconds."""
        self.ground.fresh()
        started = time.monotonic()
        ended = self.start_at(0).wait()
        self.seconds = time.monotonic() - started
        assert ended.code in FINE, ended.errors
        self.steps = self.ground.steps()
        self.reference = self.look()
        self.ground.keep_as(f"reference_{self.system}")

    def start(self, *more: object, **environment: str) -> Command:
        """Start the import."""
        return self.ground.manage(*self.command, "--batch", self.batch, *more, **environment)

    def start_at(self, step: int) -> Command:
        """Start the import, to be killed at a step."""
        return self.ground.step(step, *self.command, "--batch", self.batch)

    def fork_at(self, step: int) -> Command:
        """As ``start_at``, in a fork: without the half second that a start takes."""
        return self.ground.fork(step, *self.command, "--batch", self.batch)

    def look(self) -> Content:
        """What is in the database."""
        with self.ground.connect() as cursor:
            return content(cursor)

    def compare(self) -> list[str]:
        """How the database differs from that of the undisturbed import."""
        return compare(self.look(), self.reference)

    def complete(self, tally: Tally) -> Ended:
        """Give the same command again until it comes to its end."""
        for _ in range(600):
            ended = self.start().wait()
            if ended.code != HELD:
                break
            tally.waits += 1
            time.sleep(0.1)
        return ended

    def conclude(self, tally: Tally, what: str) -> None:
        """Bring the import to its end and judge it."""
        ended = self.complete(tally)
        tally.trials += 1
        if ended.code not in FINE:
            tally.wrong.append(f"{what}: ends with {ended.code}: {ended.errors.strip()[-300:]}")
        elif differences := self.compare():
            tally.wrong.append(f"{what}: {'; '.join(differences)[:2000]}")
            self.ground.keep_as(f"wrong_{self.system}_{len(tally.wrong)}")

    def moment(self) -> float:
        """A moment of an import, in seconds from its start."""
        return self.chance.uniform(0.25, 1.0) * self.seconds

    # -- ways to disturb it

    def at_step(self, tally: Tally, step: int) -> None:
        """Kill the importer at a step."""
        self.ground.fresh()
        ended = self.start_at(step).wait()
        tally.hits += ended.code == -9
        label = (self.ground.steps() or ["?"])[-1]
        self.conclude(tally, f"killed at step {step} ({label})")

    def walk(self, tally: Tally, last: int = 20_000) -> None:
        """Kill one import at each of its steps, going on from where each kill left it; ``last`` kills at most.

        Back to where its work begins it goes for what was never seen before: indexes put off and a file under way
        are undone by the next process and done again, for ever.
        """
        self.ground.fresh()
        step, seen = 1, {""}
        while tally.hits < last:
            if self.fork_at(step).wait().code != -9:
                break
            tally.hits += 1
            with self.ground.connect() as cursor:
                self._wait_for_silence(cursor)
                tally.wrong += [f"after kill {tally.hits} at step {step}: {w}" for w in check_book(cursor)]
                if is_complete(cursor):
                    break
                now = progress(cursor)
            step = step + 1 if now in seen else self._next_step(step)
            seen.add(now)
        self.conclude(tally, f"killed at each of {tally.hits} steps")

    def _next_step(self, step: int) -> int:
        """The step of the next process that follows what this one brought to its end."""
        begun = step
        for number, label in enumerate(self.ground.steps(), start=1):
            if label.endswith("SET LOCAL rehome.importing") and number < step:
                begun = number
        return max(1, begun - 1)

    def _wait_for_silence(self, cursor: Any) -> None:
        """Wait until the server has noticed that the importer is dead."""
        deadline = time.monotonic() + 30
        while backends(cursor) != [] and time.monotonic() < deadline:
            time.sleep(0.002)

    def at_moment(self, tally: Tally, moment: float) -> None:
        """Kill the importer at a moment."""
        self.ground.fresh()
        self._strike(tally, moment, Command.kill)
        self.conclude(tally, f"killed after {moment:.3f} s")

    def _strike(self, tally: Tally, moment: float, blow: Callable[[Command], Any]) -> Ended:
        """Start the import and strike it at a moment."""
        command = self.start()
        time.sleep(moment)
        if command.alive():
            blow(command)
        ended = command.wait()
        tally.hits += ended.code not in FINE
        return ended

    def _survive(
        self, tally: Tally, moment: float, what: str, blow: Callable[[Command], Any], code: int
    ) -> None:
        """Strike the import, which may end with that exit code or as if nothing had been; then go on with it."""
        self.ground.fresh()
        told = f"{what} after {moment:.3f} s"
        self._judge_code(tally, self._strike(tally, moment, blow), (code, *FINE), told)
        self.conclude(tally, told)

    def without_postmaster(self, tally: Tally, moment: float) -> None:
        """Kill the server at a moment."""
        self._survive(tally, moment, "server killed", lambda _: self.ground.kill_postmaster(), UNREACHABLE)

    def without_backend(self, tally: Tally, moment: float) -> None:
        """Kill the server's process that serves the import at a moment."""
        self._survive(tally, moment, "backend killed", lambda _: self.ground.kill_backend(), UNREACHABLE)

    def without_worker(self, tally: Tally, moment: float) -> None:
        """Kill one of the importer's own processes, from a moment on when it has some."""
        self._survive(tally, moment, "worker killed", Command.kill_worker, WORKER_LOST)

    def _judge_code(self, tally: Tally, ended: Ended, allowed: tuple[int, ...], what: str) -> None:
        """Note an exit code that the contract does not have for this, or a traceback."""
        if ended.code not in allowed or "Traceback" in ended.errors:
            tally.wrong.append(f"{what}: exit {ended.code}, it said: {ended.errors.strip()[-600:]}")

    def chain(self, tally: Tally, kills: int = 3) -> None:
        """Kill several times in a row, each time something else."""
        self.ground.fresh()
        blows = [Command.kill, lambda _: self.ground.kill_postmaster(), lambda _: self.ground.kill_backend()]
        told = []
        for _ in range(kills):
            moment, number = self.chance.uniform(0.25, 0.8) * self.seconds, self.chance.randrange(3)
            told.append(f"{('importer', 'server', 'backend')[number]} after {moment:.3f} s")
            self._strike(tally, moment, blows[number])
        self.conclude(tally, f"killed {', '.join(told)}")

    def signalled(self, tally: Tally, number: int, moment: float) -> None:
        """Ask the importer to stop by Ctrl-C or SIGTERM."""
        self._survive(tally, moment, f"signal {number}", lambda command: command.kill(number), 128 + number)

    def count_commits(self) -> int:
        """How many COMMITs an undisturbed import sends."""
        self.ground.fresh()
        proxy = self._proxy(0, Cut.BEFORE)
        with proxy.listening():
            ended = self.start(DATABASE_URL=proxy.url(ROLE, DATABASE), **SECRET).wait()
        assert ended.code in FINE, ended.errors
        return proxy.commits

    def _proxy(self, due: int, when: Cut) -> Proxy:
        upstream = self.ground.cluster.revive() / f".s.PGSQL.{PORT}"
        return Proxy(self.ground.folder / "line", upstream, due, when)

    def cut(self, tally: Tally, due: int, when: Cut) -> None:
        """Cut the line at a COMMIT; then the same command, through a proxy that lets everything pass."""
        self.ground.fresh()
        what = f"cut at COMMIT {due}, {when.value}"
        proxy = self._proxy(due, when)
        with proxy.listening():
            ended = self.start(DATABASE_URL=proxy.url(ROLE, DATABASE), **SECRET).wait()
        tally.hits += proxy.was_cut
        self._judge_code(tally, ended, (UNREACHABLE,) if proxy.was_cut else FINE, what)
        self.conclude(tally, what)

    def race(self, tally: Tally, after: float | None) -> None:
        """Start two imports of the same source at once, if ``after`` is given on what a killed one left."""
        self.ground.fresh()
        if after is not None:
            self._strike(tally, after, Command.kill)
            with self.ground.connect() as cursor:
                self._wait_for_silence(cursor)
        both = [self.start(), self.start()]
        codes = sorted(command.wait().code for command in both)
        tally.hits += HELD in codes
        if codes not in ([0, HELD], [3, HELD]):
            tally.wrong.append(f"race: exit codes {codes}: {[c.errors.read_text()[-300:] for c in both]}")
        self.conclude(tally, "race")

    def bereaved(self, tally: Tally, moment: float, then: float | None) -> None:
        """Delete parents at a moment of the import, and kill it so much later if at all.

        The same command again leaves no row unaccounted for; with the parents put back, it leaves as many rows as
        it should, and each as the file has it. Which of two rows with one key came in may be another.
        """
        self.ground.fresh()
        with self.ground.connect() as cursor:
            parents.prepare(cursor)
            command = self.start()
            time.sleep(moment)
            taken = 0
            while command.alive() and not taken:
                taken = parents.take(cursor, self.chance)
            tally.hits += taken > 0
            what = f"{taken} parents deleted after {moment:.3f} s"
            if then is not None:
                time.sleep(then)
                command.kill()
                what += f", killed {then:.3f} s later"
            command.wait()
            self._judge_code(tally, self.complete(tally), FINE, what)
            tally.wrong += [f"{what}: {line}" for line in parents.check(cursor, self.reference)]
            parents.put_back(cursor)
        what += ", then put back"
        self._judge_code(tally, self.complete(tally), FINE, what)
        self._judge_code(tally, self.ground.manage("verify_import", self.path).wait(), (0,), what)
        found, wanted = map(parents.outline, (self.look(), self.reference))
        tally.wrong += [f"{what}: {line}" for line in compare(found, wanted)]
        tally.trials += 1

    def in_batches_of(self, tally: Tally, batch: int) -> None:
        """Import undisturbed in batches of another size."""
        self.ground.fresh()
        ended = self.ground.manage(*self.command, "--batch", batch).wait(1800)
        tally.trials += 1
        if ended.code not in FINE:
            tally.wrong.append(f"--batch {batch}: exit {ended.code}: {ended.errors.strip()[-300:]}")
        tally.wrong += [f"--batch {batch}: {line}" for line in self.compare()]

    def on_full_disk(self, tally: Tally, spare: int) -> None:
        """Import into a tablespace with so much room beyond the empty tables; then again, with more room."""
        what = f"{spare // disk.MIB} MiB left for the tables"
        with disk.small_disk(self.ground.folder / "small", 400 * disk.MIB) as folder:
            self.ground.give(folder)
            self.ground.say(f"CREATE TABLESPACE small LOCATION '{folder}'")
            self.ground.fresh("small")
            disk.resize(folder, disk.used(folder) + spare)
            self._fill_up(tally, what)
            disk.resize(folder, 400 * disk.MIB)
            self.conclude(tally, what)
            self.ground.fresh()
            self.ground.say("DROP TABLESPACE small")

    def without_room(self, tally: Tally, folder: Path, spare: int) -> None:
        """Import into a server all of whose files lie on a disk with so much room; then again, with more room."""
        what = f"{spare // disk.MIB} MiB left for the server"
        self.ground.fresh()
        self.ground.say("CHECKPOINT")
        ballast = disk.fill(folder, spare)
        self._fill_up(tally, what)
        ballast.unlink()
        self.conclude(tally, what)

    def _fill_up(self, tally: Tally, what: str) -> None:
        ended = self.start().wait()
        tally.hits += ended.code == UNREACHABLE
        self._judge_code(tally, ended, (UNREACHABLE, *FINE), what)

    # -- again and again

    def again(self, tally: Tally, times: int = 5, quick: bool = True) -> None:
        """Import again: nothing may be written to what was imported; ``quick``: in half the time at most."""
        self.ground.fresh()
        first = self._timed()
        before, took = self._written(), []
        for _ in range(times):
            took.append(self._timed())
            tally.trials += 1
        after = self._written()
        tally.wrong += [
            f"{name}: {before[name]} became {after[name]}" for name in after if after[name] != before[name]
        ]
        tally.note = f"first {first:.2f} s, again {min(took):.2f} to {max(took):.2f} s"
        if quick and sorted(took)[times // 2] > first / 2:
            tally.wrong.append(f"too slow: {tally.note}")
        tally.wrong += [line for line in self.compare() if not line.startswith("balance")]

    def _timed(self) -> float:
        report = self.ground.folder / "report.json"
        assert self.start("--report", report).wait().code in FINE
        return float(json.loads(report.read_text())["seconds"])

    def _written(self) -> dict[str, tuple[int, ...]]:
        """How many rows of each table were ever inserted, updated, deleted."""
        with self.ground.connect() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(
                "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_all_tables WHERE schemaname = 'public' "
                "AND relname !~ '^(django|auth)_' AND (relname !~ '^importer_' OR relname IN "
                "('importer_provenance', 'importer_archivedrow'))"
            )
            return {name: tuple(counts) for name, *counts in cursor.fetchall()}
