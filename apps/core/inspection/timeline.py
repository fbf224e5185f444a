"""What happened to a row, over all the tables that tell of it, in the order of time: one query."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import F, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Left
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import moment
from apps.core.inspection.keys import list_url, row_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import one_line

MOST = 300
SHORT = 160


@dataclass(frozen=True)
class Track:
    """A table that tells of a row: the field that names the row, the time, what happened, and more about it.

    ``model`` is a label, so that a domain may name another's table without importing it.
    """

    model: str
    row: str
    time: str
    what: str
    more: str | None = None

    @property
    def cls(self) -> type[Model]:
        """The model of the track."""
        return apps.get_model(self.model)

    def query(self, number: int, key: Any) -> QuerySet[Any]:
        """Return the track's entries in the shape that all tracks share."""
        more = (
            Left(Cast(F(self.more), TextField()), SHORT) if self.more else Value("", output_field=TextField())
        )
        entries = self.cls._base_manager.filter(**{self.row: key})
        return entries.order_by(F(self.time).asc(nulls_first=True), "pk").values_list(
            Value(number),
            Cast(F("pk"), TextField()),
            F(self.time),
            Left(Cast(F(self.what), TextField()), SHORT),
            Coalesce(more, Value("")),
        )[: MOST + 1]


@dataclass(frozen=True)
class Happening:
    """An entry of a timeline."""

    time: SafeString
    track: str
    link: str
    what: SafeString
    more: SafeString
    later: str


def timeline_panel(tracks: Sequence[Track]) -> Any:
    """Return a maker of panels that shows a row's timeline."""

    def panel(request: HttpRequest, own: Any, row: Model) -> Panel | None:
        shown = [t for t in tracks if admin.site.is_registered(t.cls) and _may_see(request, t.cls)]
        found = happenings(shown, row)
        context = {"happenings": found[:MOST], "more": len(found) > MOST, "lists": _lists(shown, row)}
        return (
            Panel("timeline", _("Timeline"), "core/inspection/timeline.html", context, first=True)
            if found
            else None
        )

    return panel


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    return bool(admin.site._registry[model].has_view_permission(request))


def _lists(tracks: Sequence[Track], row: Model) -> list[tuple[str, str]]:
    return [(str(t.cls._meta.verbose_name_plural), f"{list_url(t.cls)}?{t.row}={row.pk}") for t in tracks]


def happenings(tracks: Sequence[Track], row: Model) -> list[Happening]:
    """Return what happened to a row, the earliest first; entries without a time come before."""
    if not tracks:
        return []
    first, *others = (track.query(number, row.pk) for number, track in enumerate(tracks))
    entries = list(first.union(*others, all=True)) if others else list(first)
    start = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    entries.sort(key=lambda entry: (entry[2] or start, entry[0], entry[1]))
    shown, before = [], None
    for number, key, time, what, more in entries[: MOST + 1]:
        shown.append(_happening(tracks[number].cls, key, time, what, more, before))
        before = time or before
    return shown


def _happening(
    model: type[Model], key: str, time: Any, what: str | None, more: str | None, before: Any
) -> Happening:
    return Happening(
        moment(time) if time else SafeString(""),
        str(model._meta.verbose_name),
        row_url(model, key),
        one_line(what or "—", 80),
        one_line(more or "", 120),
        _later(time - before) if time and before else "",
    )


def _later(gap: datetime.timedelta) -> str:
    seconds = gap.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            return f"+{seconds / size:.3g} {unit}"
    return f"+{seconds * 1000:.0f} ms" if seconds else ""
