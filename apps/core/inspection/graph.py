"""A drawing of what is related to a row, one and two steps around it, in plain SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from apps.core.inspection.text import named

WIDTH, HEIGHT = 1000, 620
RINGS = ((0, 0), (210, 150), (420, 265))
"""Half axes of the rings on which the rows of each step stand."""
NEAR, FAR = 24, 60
"""The most rows of the first and of the second step."""
LABEL = 14


@dataclass(frozen=True)
class Edge:
    """A relation between two rows, by their keys, with its kind."""

    source: Any
    target: Any
    kind: str


@dataclass(frozen=True)
class Spot:
    """A row's place in the drawing."""

    x: float
    y: float
    ring: int


@dataclass(frozen=True)
class Drawing:
    """A drawing, and how many rows did not find a place in it."""

    svg: SafeString
    left_out: int


def rings(centre: Any, edges: Sequence[Edge]) -> tuple[list[Any], dict[Any, list[Any]]]:
    """Return the rows one step from the centre, and for each of them the rows first met beyond it."""
    near = list(
        dict.fromkeys(other for edge in edges if (other := _other(edge, centre)) not in (None, centre))
    )
    seen = {centre, *near}
    beyond: dict[Any, list[Any]] = {key: [] for key in near}
    for key in near:
        for edge in edges:
            other = _other(edge, key)
            if other is not None and other not in seen:
                seen.add(other)
                beyond[key].append(other)
    return near, beyond


def _other(edge: Edge, key: Any) -> Any:
    if edge.source == key:
        return edge.target
    return edge.source if edge.target == key else None


def places(centre: Any, near: Sequence[Any], beyond: Mapping[Any, Sequence[Any]]) -> dict[Any, Spot]:
    """Place the centre in the middle, its neighbours around it, and theirs outside, near whom they belong to."""
    spots = {centre: _spot(0, 0)}
    outer = [(key, other) for key in near for other in beyond[key]]
    for n, key in enumerate(near):
        spots[key] = _spot(1, 2 * math.pi * n / len(near))
    for n, (_key, other) in enumerate(outer):
        spots[other] = _spot(2, 2 * math.pi * (n + 0.5) / len(outer))
    return spots


def _spot(ring: int, angle: float) -> Spot:
    wide, high = RINGS[ring]
    return Spot(WIDTH / 2 + wide * math.cos(angle), HEIGHT / 2 + high * math.sin(angle), ring)


def draw(centre: Any, edges: Sequence[Edge], names: Mapping[Any, tuple[str, str]]) -> Drawing:
    """Draw a row and what is around it; ``names`` has each key's label and address."""
    near, beyond = rings(centre, edges)
    kept, rest = near[:NEAR], near[NEAR:]
    room = FAR
    outer: dict[Any, list[Any]] = {}
    left = len(rest) + sum(len(beyond[key]) for key in rest)
    for key in kept:
        outer[key] = beyond[key][:room]
        left += len(beyond[key]) - len(outer[key])
        room -= len(outer[key])
    spots = places(centre, kept, outer)
    drawn = [edge for edge in edges if edge.source in spots and edge.target in spots]
    return Drawing(_svg(drawn, spots, names), left)


def _svg(
    edges: Sequence[Edge], spots: Mapping[Any, Spot], names: Mapping[Any, tuple[str, str]]
) -> SafeString:
    kinds = {kind: n % 6 for n, kind in enumerate(dict.fromkeys(edge.kind for edge in edges))}
    lines = format_html_join(
        "", '<path class="e{}" d="{}"><title>{}</title></path>', _lines(edges, spots, kinds)
    )
    nodes = format_html_join(
        "",
        '<a href="{}"><circle class="r{}" cx="{}" cy="{}" r="{}"/><text x="{}" y="{}" class="r{}">{}</text>'
        "<title>{}</title></a>",
        (_node(spot, *names.get(key, (str(key), "#"))) for key, spot in spots.items()),
    )
    legend = format_html_join(
        "",
        '<text class="legend" x="12" y="{}"><tspan class="e{}">▬</tspan> {}</text>',
        ((22 + 20 * n, colour, named(kind)) for n, (kind, colour) in enumerate(kinds.items())),
    )
    return format_html(
        '<svg class="graph" viewBox="0 0 {} {}" role="img">{}{}{}</svg>', WIDTH, HEIGHT, lines, nodes, legend
    )


def _lines(edges: Sequence[Edge], spots: Mapping[Any, Spot], kinds: Mapping[str, int]) -> Any:
    for edge in edges:
        a, b = spots[edge.source], spots[edge.target]
        yield kinds[edge.kind], f"M{a.x:.0f} {a.y:.0f}L{b.x:.0f} {b.y:.0f}", named(edge.kind)


def _node(spot: Spot, label: str, link: str) -> tuple[Any, ...]:
    radius, label = (11, 8, 5)[spot.ring], named(label)
    short = Truncator(label).chars(LABEL if spot.ring else 30)
    x, y = f"{spot.x:.0f}", f"{spot.y:.0f}"
    return link, spot.ring, x, y, radius, x, f"{spot.y - radius - 3:.0f}", spot.ring, short, label
