"""A conversation as a conversation: who said what and when, with the calls of tools between."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import moment
from apps.core.inspection.keys import encode, row_url
from apps.core.inspection.paging import BadCursor, Page, Sort, read_page
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import folded, visible
from apps.core.inspection.tree import tree

PAGE = 200
MOST_CALLS = 1000
LONGEST = 20_000
SMALL = 200
"""Characters of JSON that are shown unfolded."""
PAUSE = datetime.timedelta(hours=1)
SPEAKERS = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
}
SPEAKERS |= {"system": "system", "developer": "system", "tool": "tool", "function": "tool"}
FROM, UNTIL, AT = "_from", "_until", "_at"


@dataclass(frozen=True)
class Messages:
    """How a table of messages is read as conversations: the fields for each part of a turn.

    ``notes`` are shown beside the time, ``data`` fold below the text.
    """

    model: type[Model]
    session: str
    role: str
    text: str
    time: str
    notes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calls:
    """How a table of tool calls is read: they belong to a message, or stand alone at their time."""

    model: type[Model]
    session: str
    message: str
    name: str
    time: str
    notes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One thing said or done."""

    anchor: str
    link: str
    speaker: str
    role: str
    time: datetime.datetime | None
    text: SafeString
    notes: list[tuple[str, Any]]
    data: list[tuple[str, SafeString]]
    calls: list[Turn] = field(default_factory=list)
    pause: str = ""

    @property
    def shown_time(self) -> SafeString:
        """The time to the second."""
        return moment(self.time) if self.time is not None else SafeString("")


@dataclass(frozen=True)
class Transcript:
    """A page of a conversation, and the addresses of the pages beside it."""

    turns: list[Turn]
    earlier: str | None
    later: str | None
    started: bool


def transcript_panel(messages: Messages, calls: Calls | None = None) -> Any:
    """Return a maker of panels that shows a session's messages on the session's page."""

    def panel(request: HttpRequest, own: Any, row: Model) -> Panel | None:
        found = read(request, messages, row.pk, calls)
        if not found.turns:
            return None
        return Panel(
            "conversation", _("Conversation"), "core/inspection/transcript.html", {"talk": found}, first=True
        )

    return panel


def spoken_panel(messages: Messages) -> Any:
    """Return a maker of panels that leads from a message to its place in its session's conversation."""

    def panel(request: HttpRequest, own: Any, row: Any) -> Panel | None:
        sessions = messages.model._meta.get_field(messages.session).related_model
        link = message_link(row_url(sessions, getattr(row, f"{messages.session}_id")), row.pk)
        return link_panel(link)

    return panel


def link_panel(link: str) -> Panel:
    """Return the panel with a link to a conversation."""
    return Panel(
        "session", _("Conversation"), "core/inspection/session_link.html", {"link": link}, first=True
    )


def read(request: HttpRequest, messages: Messages, session: Any, calls: Calls | None = None) -> Transcript:
    """Read the page of a conversation that the address asks for."""
    model = messages.model
    sort = Sort(model, model._meta.get_field(messages.time), descending=False)
    rows = model._base_manager.filter(**{messages.session: session})
    page = _page(request, rows, sort)
    turns = [_turn(row, messages) for row in page.rows]
    if calls is not None and page.rows:
        turns = _with_calls(turns, page, messages, calls, session)
    return Transcript(
        _with_pauses(turns),
        _link(request, UNTIL, sort.encode(page.rows[0])) if page.newer and page.rows else None,
        _link(request, FROM, sort.encode(page.rows[-1])) if page.older and page.rows else None,
        started=not page.newer,
    )


def _page(request: HttpRequest, rows: QuerySet[Any], sort: Sort) -> Page:
    after, before, at = (request.GET.get(name) for name in (FROM, UNTIL, AT))
    try:
        if at:
            return _page_at(rows, sort, at)
        place = sort.decode(before or after) if before or after else None  # type: ignore[arg-type]
    except BadCursor:
        place, before = None, None
    return read_page(rows, sort, PAGE, place, backward=bool(before))


def _page_at(rows: QuerySet[Any], sort: Sort, key: str) -> Page:
    """Return the page that begins with a message."""
    first = rows.filter(pk=_key(sort, key)).first()
    if first is None:
        return read_page(rows, sort, PAGE, None, backward=False)
    place = sort.place_of(first)
    page = read_page(rows, sort, PAGE - 1, place, backward=False)
    before = rows.filter(sort.beyond(place, backward=True)).exists()
    return Page([first, *page.rows], newer=before, older=page.older)


def _key(sort: Sort, key: str) -> Any:
    try:
        return sort.pk.to_python(key)
    except Exception as error:  # whatever a field raises: the text is no key
        raise BadCursor(key) from error


def _link(request: HttpRequest, name: str, value: str) -> str:
    return f"{request.path}?{urlencode({name: value})}#conversation"


def _turn(row: Any, how: Messages) -> Turn:
    role = str(getattr(row, how.role) or "")
    return Turn(
        anchor=f"m-{encode(row.pk)}",
        link=row_url(type(row), row.pk),
        speaker=SPEAKERS.get(role.strip().lower(), "other"),
        role=role,
        time=getattr(row, how.time),
        text=folded((getattr(row, how.text) or "")[:LONGEST], 1500),
        notes=_notes(row, how.notes),
        data=_data(row, how.data),
    )


def _notes(row: Any, names: Iterable[str]) -> list[tuple[str, Any]]:
    fields = {field.name: field for field in type(row)._meta.concrete_fields}
    values = ((str(fields[name].verbose_name), getattr(row, name)) for name in names)
    shown = [(name, value) for name, value in values if value not in (None, "")]
    return [
        (name, visible(f"{name} {value}" if isinstance(value, int) else str(value))) for name, value in shown
    ]


def _data(row: Any, names: Iterable[str]) -> list[tuple[str, SafeString]]:
    fields = {field.name: field for field in type(row)._meta.concrete_fields}
    values = ((str(fields[name].verbose_name), getattr(row, name)) for name in names)
    return [
        (name, tree(value, opened=_opened(value))) for name, value in values if value not in (None, {}, [])
    ]


def _opened(value: Any) -> int:
    """Return how many levels of a JSON value are open: a small one shows what it is at once."""
    return 2 if len(json.dumps(value, default=str)) <= SMALL else 0


def _call_turn(row: Any, how: Calls) -> Turn:
    return Turn(
        anchor=f"c-{encode(row.pk)}",
        link=row_url(type(row), row.pk),
        speaker="tool",
        role=str(getattr(row, how.name)),
        time=getattr(row, how.time),
        text=SafeString(""),
        notes=_notes(row, how.notes),
        data=_data(row, how.data),
    )


def _with_calls(turns: list[Turn], page: Page, messages: Messages, how: Calls, session: Any) -> list[Turn]:
    """Put calls under their messages, and those without one among the turns by their time."""
    own = Q((f"{how.message}__in", [row.pk for row in page.rows]))
    alone = Q((f"{how.message}__isnull", True)) & _span(page, messages, how, session)
    rows = how.model._base_manager.filter(own | alone, **{how.session: session}).order_by(how.time, "pk")[
        :MOST_CALLS
    ]
    by_message: dict[Any, list[Turn]] = {}
    for row in rows:
        by_message.setdefault(getattr(row, f"{how.message}_id"), []).append(_call_turn(row, how))
    keyed = zip(page.rows, turns, strict=True)
    spoken = [replace(turn, calls=by_message.get(row.pk, [])) for row, turn in keyed]
    return _merged(spoken, by_message.get(None, []))


def _span(page: Page, messages: Messages, how: Calls, session: Any) -> Q:
    """Return the condition for the time from a page's first message to the next page's; open at both ends."""
    span = Q()
    if page.newer:
        span &= Q((f"{how.time}__gte", getattr(page.rows[0], messages.time)))
    if page.older:
        sort = Sort(messages.model, messages.model._meta.get_field(messages.time), descending=False)
        rows = messages.model._base_manager.filter(
            sort.beyond(sort.place_of(page.rows[-1])), **{messages.session: session}
        )
        following = rows.order_by(*sort.order()).values_list(messages.time, flat=True).first()
        span &= Q((f"{how.time}__lt", following))
    return span


def _merged(turns: Sequence[Turn], others: Sequence[Turn]) -> list[Turn]:
    first = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return sorted([*turns, *others], key=lambda turn: turn.time or first) if others else list(turns)


def _with_pauses(turns: list[Turn]) -> list[Turn]:
    """Mark turns that come more than an hour after the one before."""
    shown: list[Turn] = []
    before: datetime.datetime | None = None
    for turn in turns:
        gap = turn.time - before if turn.time and before else None
        shown.append(replace(turn, pause=_duration(gap)) if gap is not None and gap >= PAUSE else turn)
        before = turn.time or before
    return shown


def _duration(gap: datetime.timedelta) -> str:
    hours = int(gap.total_seconds() // 3600)
    if hours < 48:
        return _("%(count)s hours later") % {"count": hours}
    return _("%(count)s days later") % {"count": hours // 24}


def message_link(session_url: str, key: Any) -> str:
    """Return the address of a conversation at one of its messages."""
    return f"{session_url}?{urlencode({AT: key})}#m-{encode(key)}"
