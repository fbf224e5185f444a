"""Where apps add to a row's page and to the home page, without the pages knowing them.

A panel is a template and what it shows. A maker of panels gets the request, the model's admin and the row,
and returns a panel or None; a maker for the home page gets the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """A part of a page: an anchor, a title, the template that renders ``context``; ``first`` before the fields."""

    anchor: str
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    first: bool = False


RowPanel = Callable[[HttpRequest, Any, Model], Panel | None]
HomePanel = Callable[[HttpRequest], Panel | None]

_row_panels: list[RowPanel] = []
_home_panels: list[HomePanel] = []


def on_every_row(make: RowPanel) -> RowPanel:
    """Add a panel to the page of every imported row."""
    if make not in _row_panels:
        _row_panels.append(make)
    return make


def on_home(make: HomePanel) -> HomePanel:
    """Add a panel to the home page."""
    if make not in _home_panels:
        _home_panels.append(make)
    return make


def row_panels(request: HttpRequest, admin: Any, row: Model) -> Iterator[Panel]:
    """Yield the panels of a row's page: those of its model's admin, then those of every row."""
    for make in (*admin.panels, *_row_panels):
        panel = make(request, admin, row)
        if panel is not None:
            yield panel


def home_panels(request: HttpRequest) -> Iterator[Panel]:
    """Yield the panels of the home page."""
    for make in _home_panels:
        panel = make(request)
        if panel is not None:
            yield panel
