"""Pages by key: every row once, whatever the values of the order's column."""

import datetime
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client

from apps.core.inspection.paging import BadCursor, Sort, read_page
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def users(make: Callable[..., Any]) -> list[User]:
    """Rows of which many share a value and some have none."""
    chance = random.Random(7)
    times = [None, NOON, NOON + datetime.timedelta(microseconds=1), NOON + datetime.timedelta(days=1)]
    return [make(User, last_login_at=chance.choice(times)) for _ in range(37)]


def walk(sort: Sort, size: int, backward: bool) -> list[Any]:
    rows, place, seen = sort.model._base_manager.all(), None, []
    while True:
        page = read_page(rows, sort, size, place, backward)
        seen = [*page.rows, *seen] if backward else [*seen, *page.rows]
        if not (page.newer if backward else page.older):
            return [row.pk for row in seen]
        place = sort.decode(sort.encode(page.rows[0] if backward else page.rows[-1]))


@pytest.mark.parametrize("column", [None, "last_login_at", "username", "flame_brightness", "created_at"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("backward", [True, False])
@pytest.mark.parametrize("fenced", [True, False])
def test_walking_to_the_end_visits_each_row_once(
    users: list[User], column: str | None, descending: bool, backward: bool, fenced: bool
) -> None:
    field = User._meta.get_field(column) if column else None
    sort = Sort(User, field, descending, fenced)
    everything = [user.pk for user in User.objects.order_by(*sort.order())]
    assert len(set(everything)) == 37
    for size in (1, 5, 36, 37, 100):
        assert walk(sort, size, backward) == everything


def test_a_place_survives_the_address(users: list[User]) -> None:
    for user in users:
        sort = Sort(User, User._meta.get_field("last_login_at"), True)
        assert sort.decode(sort.encode(user)) == sort.place_of(user)


@pytest.mark.parametrize("text", ["", "x", "W10", "WzEsMl0", "bnVsbA", "ÿ", "WyJ4IiwgInkiXQ"])
def test_a_wrong_place_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Sort(User, User._meta.get_field("last_login_at"), True).decode(text)


def test_a_wrong_place_in_the_address_leads_back_to_the_list(
    ruling: Client, make: Callable[..., Any]
) -> None:
    make(ChatMessage)
    page = ruling.get("/admin/tutoring/chatmessage/", {"_older": "nonsense"}, follow=True)
    assert page.status_code == 200
    assert page.redirect_chain == [("/admin/tutoring/chatmessage/?e=1", 302)]


def plan(model: type[Model], sort: Sort, place: Any) -> str:
    rows = model._base_manager.filter(sort.beyond(place)).order_by(*sort.order())[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    return str(rows.explain())


def test_a_late_page_reads_the_index_from_its_place(make: Callable[..., Any]) -> None:
    message = make(ChatMessage)
    sort = Sort(ChatMessage, ChatMessage._meta.get_field("created_at"), True)
    found = plan(ChatMessage, sort, sort.place_of(message))
    assert "Index Cond: (created_at <= " in found
    assert "Offset" not in found


def test_links_walk_the_list(ruling: Client, make: Callable[..., Any]) -> None:
    nodes = {str(make(KnowledgeNode, name=f"概念 {n}").pk) for n in range(120)}
    url, seen = "/admin/knowledge/knowledgenode/?is_seed=False", []
    for _ in range(3):
        changes = ruling.get(url).context["cl"]
        seen += [str(row.pk) for row in changes.result_list]
        if changes.older_link is None:
            break
        url = "/admin/knowledge/knowledgenode/" + changes.older_link
        assert "is_seed=False" in url
    assert len(seen) == 120
    assert set(seen) == nodes
    assert ruling.get("/admin/knowledge/knowledgenode/" + changes.newer_link).context["cl"].page.older
    last = ruling.get("/admin/knowledge/knowledgenode/?_last=1").context["cl"]
    assert [str(row.pk) for row in last.result_list] == sorted(nodes)[-50:]
    assert last.last_link is None
