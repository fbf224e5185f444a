"""The ratios as an SVG for the README: a group of bars for each workload, a line where the reference stands."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.bench.outcome import RIGHT, Line, Outcome
from tests.bench.peers import COPY

WIDTH, LABELS, RIGHT_MARGIN = 860, 230, 190
BAR, GAP, HEAD, GROUP, TOP, BOTTOM = 16, 6, 30, 18, 56, 34
OURS_COLOUR, PEER_COLOUR, WRONG_COLOUR = "#2563eb", "#94a3b8", "#f1a9a0"
INK, FAINT = "#1f2937", "#6b7280"
TITLE = r"Speed beside psql \copy of a ready-made file into the same tables (1.0); longer is faster"
STYLE = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px"


def draw(outcomes: Sequence[Outcome]) -> str:
    r"""The chart of the workloads that have ratios to ``\copy``; the SVG's text."""
    shown = [
        outcome
        for outcome in outcomes
        if outcome.reference == COPY and any(map(outcome.ratio, outcome.lines))
    ]
    scale = (WIDTH - LABELS - RIGHT_MARGIN) / _longest(shown)
    parts, y = [_text(16, 28, TITLE, "font-weight:600")], TOP
    for outcome in shown:
        group, y = _group(outcome, y, scale)
        parts += group
    height = y + BOTTOM
    return "\n".join([_opening(height), *_reference(y, scale), *parts, _foot(height), "</svg>"]) + "\n"


def _longest(outcomes: Sequence[Outcome]) -> float:
    ratios = [outcome.ratio(line) or 0.0 for outcome in outcomes for line in outcome.lines]
    return max([1.0, *ratios])


def _group(outcome: Outcome, y: int, scale: float) -> tuple[list[str], int]:
    """A workload's heading and bars from a height on; and the height below them."""
    parts = [_text(16, y + 16, f"{outcome.title}, {outcome.rows:,} rows", "font-weight:600")]
    y += HEAD
    for line in outcome.lines:
        parts += _bar(line, outcome.ratio(line), y, scale)
        y += BAR + GAP
    return parts, y + GROUP


def _bar(line: Line, ratio: float | None, y: int, scale: float) -> list[str]:
    middle = y + BAR - 4
    parts = [_text(LABELS - 10, middle, line.title, "text-anchor:end")]
    if ratio is None:
        return [*parts, _text(LABELS + 6, middle, line.verdict.partition(":")[0], f"fill:{FAINT}")]
    width = max(1.0, ratio * scale)
    parts.append(
        f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{_colour(line)}"/>'
    )
    return [*parts, _text(LABELS + width + 6, middle, _said(line, ratio), f"fill:{INK}")]


def _colour(line: Line) -> str:
    if line.verdict != RIGHT:
        return WRONG_COLOUR
    return OURS_COLOUR if line.ours else PEER_COLOUR


def _said(line: Line, ratio: float) -> str:
    wrong = "" if line.verdict == RIGHT else ", wrong content"
    return f"{ratio:.2f}, {line.peak:.0f} MB{wrong}"


def _opening(height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" style="{STYLE}">\n<title>{escape(TITLE)}</title>\n'
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>'
    )


def _reference(y: int, scale: float) -> list[str]:
    x = LABELS + scale
    line = f'x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{y - GROUP}"'
    return [f'<line {line} stroke="{FAINT}" stroke-dasharray="3 3"/>']


def _foot(height: int) -> str:
    return _text(
        16,
        height - 14,
        "Medians of interleaved runs; peak memory of the client beside each bar.",
        f"fill:{FAINT}",
    )


def _text(x: float, y: float, words: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" style="{style}">{escape(words)}</text>'
