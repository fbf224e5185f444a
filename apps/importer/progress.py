"""The progress bar on a terminal: rows per second and time left; silent anywhere else."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

REDRAW = 0.1
"""Seconds between two drawings."""


class Progress:
    """Tells a person on a terminal how far a table is; a message never tears the bar."""

    def __init__(self, stream: TextIO, shown: bool) -> None:
        self.stream = stream
        self.shown = shown and stream.isatty()
        self._label, self._total, self._done, self._skipped = "", 0, 0, 0
        self._started = self._drawn = 0.0

    def say(self, message: str) -> None:
        """Write one line."""
        self._wipe()
        self.stream.write(message + "\n")

    def start(self, label: str, rows: int, done: int) -> None:
        """A table of so many rows begins, of which ``done`` are there already."""
        self._label, self._total, self._done, self._skipped = label, rows, done, done
        self._started = time.monotonic()
        self._draw()

    def advance(self, rows: int) -> None:
        """So many rows more were committed."""
        self._done += rows
        if time.monotonic() - self._drawn >= REDRAW:
            self._draw()

    def stop(self) -> None:
        """The table is over."""
        self._wipe()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if self.shown:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write("\r\x1b[K" + self.line()[:width])
            self.stream.flush()

    def _wipe(self) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def line(self) -> str:
        """Return the bar as one line of text."""
        share = self._done / self._total if self._total else 1.0
        rate = (self._done - self._skipped) / max(time.monotonic() - self._started, 1e-9)
        left = (self._total - self._done) / rate if rate else 0
        filled = int(share * 20)
        bar = "#" * filled + "." * (20 - filled)
        clock = f"{int(left) // 60}:{int(left) % 60:02d} left" if rate else ""
        return f"{self._label} [{bar}] {share:4.0%} {self._done:,}/{self._total:,} {rate:,.0f} rows/s {clock}"
