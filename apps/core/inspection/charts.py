"""Small charts as plain SVG: no script, no style attribute, colours by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.inspection.text import grouped

WIDTH = 160
HEIGHT = 10


def stacked(parts: Sequence[tuple[str, str, float]], width: int = WIDTH) -> SafeString:
    """Return a bar of parts one after another, each a class, a title and an amount; empty without any amount."""
    total = sum(amount for _, _, amount in parts)
    if not total:
        return SafeString("")
    return _svg(
        width, _stacked(parts, width / total), ", ".join(f"{t} {grouped(a)}" for _, t, a in parts if a)
    )


def _stacked(parts: Iterable[tuple[str, str, float]], scale: float) -> Iterable[tuple[str, float, float]]:
    start = 0.0
    for name, _title, amount in parts:
        if amount:
            yield name, start, max(amount * scale, 1.5)
            start += amount * scale


def bar(amount: float, most: float, name: str = "plain", width: int = WIDTH) -> SafeString:
    """Return a bar as long as an amount is of the largest one."""
    length = width * amount / most if most > 0 else 0
    return _svg(width, [(name, 0.0, max(length, 1.0))], grouped(amount))


def _svg(width: int, pieces: Iterable[tuple[str, float, float]], title: str) -> SafeString:
    rects = format_html_join(
        "",
        '<rect class="bar-{}" x="{}" width="{}" height="{}"/>',
        ((name, f"{x:.1f}", f"{length:.1f}", HEIGHT) for name, x, length in pieces),
    )
    return format_html(
        '<svg class="bar" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>",
        *(width, HEIGHT, width, HEIGHT, title, title, rects),
    )
