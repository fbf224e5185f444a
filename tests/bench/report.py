"""The outcomes as text for the terminal, and as a file that holds the last outcome of each workload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.bench.outcome import Figure, Line, Outcome, from_json

HEADS = ("", "ratio", "median s", "from", "to", "peak MB", "others' cores", "content")


def as_text(outcome: Outcome) -> str:
    """A workload's table of peers and its figures."""
    parts = [f"{outcome.workload}: {outcome.title}, {outcome.rows:,} rows"]
    if outcome.lines:
        parts.append(table([HEADS, *(cells(outcome, line) for line in outcome.lines)]))
    parts += [figure_line(figure) for figure in outcome.figures]
    return "\n".join(parts)


def cells(outcome: Outcome, line: Line) -> tuple[str, ...]:
    """A peer's cells of the table."""
    if not line.seconds:
        return (line.title, "", "", "", "", "", "", line.verdict)
    ratio = outcome.ratio(line)
    return (
        line.title,
        "" if ratio is None else f"{ratio:.2f}",
        f"{line.typical:.2f}",
        f"{min(line.seconds):.2f}",
        f"{max(line.seconds):.2f}",
        f"{line.peak:.0f}",
        "" if line.other is None else f"{line.other:.2f}",
        line.verdict,
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows under one another: the first and last column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *middle, last in rows:
        numbers = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join(["", first.ljust(widths[0]), *numbers, last]).rstrip())
    return "\n".join(lines)


def figure_line(figure: Figure) -> str:
    """A figure with its bound and whether that is kept."""
    line = f"  {figure.label}: {number(figure.value)}{f' {figure.unit}' if figure.unit else ''}"
    bounds = [f"at least {number(figure.least)}"] if figure.least is not None else []
    bounds += [f"at most {number(figure.most)}"] if figure.most is not None else []
    if not bounds:
        return line
    return f"{line} ({', '.join(bounds)}: {'kept' if figure.kept else 'MISSED'})"


def number(value: float) -> str:
    """A number as people read it: whole where it is large or whole, else three digits."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def read(path: Path) -> dict[str, Outcome]:
    """The outcomes of a results file, by workload; none where there is no file."""
    if not path.exists():
        return {}
    return {name: from_json(outcome) for name, outcome in json.loads(path.read_text()).items()}


def write(path: Path, outcomes: dict[str, Outcome]) -> None:
    """Write a results file."""
    data = {name: outcome.as_json() for name, outcome in outcomes.items()}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
