"""One measured run of a command: time, memory of all its processes, and what else the machine did."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
KB = 1024
MB = 1_000_000
SAMPLED_EVERY = 0.25
"""Seconds between two looks at the memory of a tree of processes: each takes milliseconds from those it looks at."""
IDLE = (3, 4)
"""Places in /proc/stat of the time in which a core did nothing, or waited for a disk."""


@dataclass(frozen=True)
class Measured:
    """A run: seconds by the clock and of CPU, peak memory in MB, cores that others used, exit code, last words.

    The memory is the largest process's peak; where several ran at once, the largest sum of theirs that was
    seen, if that is more. ``other`` is None where the system does not tell.
    """

    seconds: float
    cpu: float
    peak: float
    other: float | None
    code: int
    last: str


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    limit: float,
    server_cpu: Callable[[], float],
) -> Measured:
    """Run a command in the checkout; its output goes to a log in the folder. A run over the limit is ended."""
    result, log = folder / "measured", folder / "log"
    result.unlink(missing_ok=True)
    before = busy(), server_cpu() + own_cpu()
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(result), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            launcher,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watched = _wait(process, limit)
    after = busy(), server_cpu() + own_cpu()
    if not result.exists():
        return Measured(limit, 0.0, watched / MB, None, -1, f"given up after {limit:g} s")
    seconds, cpu, peak, code = map(float, result.read_text().split())
    other = None
    if before[0] is not None and after[0] is not None:
        other = max(0.0, (after[0] - before[0]) - (after[1] - before[1]) - cpu) / seconds
    return Measured(seconds, cpu, max(peak, watched) / MB, other, int(code), last_line(log))


def _wait(process: subprocess.Popen[bytes], limit: float) -> int:
    """Wait for the launcher to end, or end it and its children; the largest memory seen of its children, in bytes."""
    watch = Watch(process.pid)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        raise
    finally:
        watch.end()
    return watch.most


class Watch:
    """Looks now and then how much memory the processes below one use together."""

    def __init__(self, pid: int) -> None:
        self.most = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(SAMPLED_EVERY):
            self.most = max(self.most, sum(map(share, below(self._pid))))


def below(pid: int) -> Iterator[int]:
    """The processes that descend from one; none of one that is gone."""
    for child in _children(pid):
        yield child
        yield from below(child)


def _children(pid: int) -> list[int]:
    try:
        listed = [file.read_text() for file in (PROC / str(pid) / "task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for text in listed for child in text.split()]


def share(pid: int) -> int:
    """Memory of a process in bytes, pages shared with others by halves, thirds and so on; 0 for one that is gone."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * KB for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def busy() -> float | None:
    """Seconds that all cores together have worked since the machine started; None where /proc does not tell."""
    try:
        fields = (PROC / "stat").read_text().splitlines()[0].split()[1:9]
    except OSError:
        return None
    return sum(int(field) for place, field in enumerate(fields) if place not in IDLE) / TICK


def own_cpu() -> float:
    """CPU seconds of this process, without its children."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cpu_of(pids: Sequence[int], parent: int) -> float:
    """CPU seconds of processes, and of those children of ``parent`` that have ended."""
    ticks = 0
    for pid in pids:
        with suppress(OSError, IndexError):
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15] if pid == parent else fields[11:13]))
    return ticks / TICK


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    lines = [line.strip() for line in log.read_bytes()[-4000:].decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def load_average() -> float | None:
    """Processes that wanted a core during the last minute, on average."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None
