"""Conversations: every message once and in order, tools between, pages by key."""

import datetime
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory

from apps.conversations.admin import CALLS, MESSAGES
from apps.conversations.models import Message, Session, ToolCall
from apps.core.inspection import transcripts
from apps.core.inspection.keys import row_url
from apps.core.inspection.transcripts import read
from apps.dialogs.models import WebuiMessage, WebuiSession
from apps.learners.models import User
from apps.tutoring.admin import session_url
from apps.tutoring.models import ChatMessage
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2025, 11, 8, 12, tzinfo=datetime.UTC)


def minutes(count: float) -> datetime.datetime:
    return NOON + datetime.timedelta(minutes=count)


def test_every_message_comes_once_and_in_order(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "PAGE", 7)
    session = make(Session)
    made = [make(Message, session=session, timestamp=minutes(n // 3), content=f"{n}") for n in range(40)]
    order = [f"m-{pk}" for pk in Message.objects.order_by("timestamp", "pk").values_list("pk", flat=True)]
    url, seen = "/x/", []
    while url:
        page = read(RequestFactory().get(url.partition("#")[0]), MESSAGES, session.pk)
        seen += [turn.anchor for turn in page.turns]
        url = page.later
    assert seen == order
    back, url = [], page.earlier
    while url:
        page = read(RequestFactory().get(url.partition("#")[0]), MESSAGES, session.pk)
        back = [turn.anchor for turn in page.turns] + back
        url = page.earlier
    assert back == order[: len(back)]
    assert page.started
    assert len(made) == 40


def test_a_link_opens_the_conversation_at_a_message(ruling: Client, make: Callable[..., Any]) -> None:
    session = make(Session)
    rows = [make(Message, session=session, timestamp=minutes(n), content=f"word {n}") for n in range(5)]
    link = ruling.get(row_url(Message, rows[3].pk)).context["panels"][0].context["link"]
    talk = ruling.get(link).context["panels"][0].context["talk"]
    assert [turn.anchor for turn in talk.turns] == [f"m-{row.pk}" for row in rows[3:]]
    assert talk.earlier is not None
    assert not talk.started
    assert link.endswith(f"#m-{rows[3].pk}")


@pytest.mark.parametrize(
    "query", ["_from=x", "_until=x", "_at=x", "_at=00000000-0000-4000-8000-000000000000"]
)
def test_a_wrong_place_shows_the_beginning(make: Callable[..., Any], query: str) -> None:
    message = make(Message)
    talk = read(RequestFactory().get(f"/x/?{query}"), MESSAGES, message.session_id)
    assert [turn.anchor for turn in talk.turns] == [f"m-{message.pk}"]


def test_tools_stand_under_their_message_or_at_their_time(ruling: Client, make: Callable[..., Any]) -> None:
    session = make(Session)
    first, second = (make(Message, session=session, timestamp=minutes(n)) for n in (0, 2))
    own = make(ToolCall, session=session, message=second, timestamp=minutes(5), tool_name="search")
    alone = make(ToolCall, session=session, timestamp=minutes(1), tool_name="clock", execution_time_ms=7)
    with queries_at_most():
        page = ruling.get(row_url(Session, session.pk))
    turns = page.context["panels"][0].context["talk"].turns
    assert [turn.anchor for turn in turns] == [f"m-{first.pk}", f"c-{alone.pk}", f"m-{second.pk}"]
    assert [call.anchor for call in turns[2].calls] == [f"c-{own.pk}"]
    assert "execution time ms 7" in page.content.decode()


def test_tools_come_once_over_all_pages(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "PAGE", 4)
    session = make(Session)
    for n in range(10):
        make(Message, session=session, timestamp=minutes(n))
    calls = {f"c-{make(ToolCall, session=session, timestamp=minutes(n + 0.5)).pk}" for n in range(-1, 10)}
    url, seen = "/x/", []
    while url:
        page = read(RequestFactory().get(url.partition("#")[0]), MESSAGES, session.pk, CALLS)
        seen += [turn.anchor for turn in page.turns if turn.speaker == "tool"]
        url = page.later
    assert sorted(seen) == sorted(calls)


def test_pauses_are_shown(ruling: Client, make: Callable[..., Any]) -> None:
    session = make(Session)
    for count in (0, 59, 59 + 180, 60 * 24 * 5):
        make(Message, session=session, timestamp=minutes(count))
    text = ruling.get(row_url(Session, session.pk)).content.decode()
    assert "3 hours later" in text
    assert "4 days later" in text
    assert text.count(" later</li>") == 2


def test_a_session_without_a_table_opens_by_its_messages(
    ruling: Client, guest: Client, make: Callable[..., Any]
) -> None:
    user, session = make(User), uuid4()
    for n in range(3):
        make(
            ChatMessage,
            user=user,
            session_id=session,
            content=f"第{n}句",
            tokens_used=5,
            created_at=minutes(n),
        )
    make(ChatMessage, user=user, content="other")
    page = ruling.get(session_url(session))
    assert page.status_code == 200
    assert [turn.text for turn in page.context["panel"]["talk"].turns] == [
        f'<div class="longtext">第{n}句</div>' for n in range(3)
    ]
    assert ruling.get(session_url(uuid4())).status_code == 404
    assert guest.get(session_url(session)).status_code == 403
    assert ruling.post(session_url(session)).status_code == 403


def test_roles_of_the_web_interface(ruling: Client, make: Callable[..., Any]) -> None:
    session = make(WebuiSession)
    for role in ("user", "assistant", "system", "tool"):
        make(WebuiMessage, session=session, role=role)
    turns = ruling.get(row_url(WebuiSession, session.pk)).context["panels"][0].context["talk"].turns
    assert sorted(turn.speaker for turn in turns) == ["assistant", "system", "tool", "user"]


def test_what_was_said_stays_text(ruling: Client, make: Callable[..., Any]) -> None:
    message = make(Message, content="<script>alert(1)</script>", meta_data={"token": "tok-1"})
    text = ruling.get(row_url(Session, message.session_id)).content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "tok-1" not in text
