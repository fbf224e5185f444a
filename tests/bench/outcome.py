"""What a workload came to: a line for each peer, and figures; as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Any

RIGHT = "right"


@dataclass(frozen=True)
class Line:
    """The runs of one peer: seconds of each, peak memory in MB, cores that others used meanwhile, the verdict.

    ``ours`` marks the project's own command.

    The verdict is ``right``, ``wrong: ...``, ``failed: ...`` or ``not installed``; a failure has no seconds.
    """

    peer: str
    title: str
    ours: bool = False
    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0
    other: float | None = None
    verdict: str = RIGHT

    @property
    def typical(self) -> float | None:
        """The median of the seconds."""
        return median(self.seconds) if self.seconds else None


@dataclass(frozen=True)
class Figure:
    """A measured value with its unit, and the bound that it is to keep: at least or at most so much."""

    label: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it keeps its bound; None where it has none."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    def unbound(self) -> Figure:
        """The same without its bound."""
        return replace(self, least=None, most=None)


@dataclass(frozen=True)
class Outcome:
    """A workload's lines and figures; ``reference`` names the peer whose time counts as 1.0.

    ``details`` holds what has no place in a table: reports of the command, plans of queries.
    """

    workload: str
    title: str
    rows: int
    reference: str = ""
    lines: list[Line] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    def line(self, peer: str) -> Line | None:
        """The line of a peer."""
        return next((line for line in self.lines if line.peer == peer), None)

    def ratio(self, line: Line) -> float | None:
        """How many times as fast as the reference a peer was, by their medians; None where either has no time."""
        reference = self.line(self.reference)
        if reference is None or reference.typical is None or line.typical is None:
            return None
        return reference.typical / line.typical

    def as_json(self) -> dict[str, Any]:
        """The outcome with its ratios."""
        lines = [{**asdict(line), "median": line.typical, "ratio": self.ratio(line)} for line in self.lines]
        figures = [{**asdict(figure), "kept": figure.kept} for figure in self.figures]
        return {**asdict(self), "lines": lines, "figures": figures}


def from_json(data: Mapping[str, Any]) -> Outcome:
    """An outcome as ``as_json`` wrote it."""
    lines = [
        Line(**{k: v for k, v in line.items() if k not in ("median", "ratio")}) for line in data["lines"]
    ]
    figures = [Figure(**{k: v for k, v in figure.items() if k != "kept"}) for figure in data["figures"]]
    return Outcome(**{**data, "lines": lines, "figures": figures})
