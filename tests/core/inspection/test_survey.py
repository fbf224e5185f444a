"""The page of a table's columns: estimates of the planner, without secrets."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.core.inspection.describe import fields_of
from apps.core.inspection.keys import list_url
from apps.core.inspection.survey import percent, surveyed
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(make: Callable[..., Any]) -> None:
    user = make(User)
    ChatMessage.objects.bulk_create(
        ChatMessage(
            user=user,
            role="USER" if n % 4 else "SYSTEM",
            content=f"<b>{n}</b>",
            model_name="qwen" if n % 2 else None,
        )
        for n in range(40)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_messages, users")


def test_columns_are_measured(messages: None) -> None:
    found = {column.column: column for column in surveyed("chat_messages", fields_of(ChatMessage))}
    assert found.keys() == {field.column for field in fields_of(ChatMessage)}
    assert found["role"].values == [("User", "75%"), ("System", "25%")]
    assert found["parse_degraded"].values == [("No", "100%")]
    assert (found["model_name"].nulls, found["model_name"].empty) == (0.5, "50%")
    assert str(found["id"].distinct) == "about 40"
    assert (found["id"].width, found["id"].empty, found["id"].values) == ("16", "", [])


def test_shares_are_said_in_percent() -> None:
    assert [percent(share) for share in (0, 0.004, 0.01, 0.996, 1)] == ["0%", "< 1%", "1%", "100%", "100%"]


def test_the_page_asks_little_and_shows_no_secret(ruling: Client, messages: None) -> None:
    for model in (ChatMessage, User):
        with queries_at_most(6):
            page = ruling.get(list_url(model) + "columns/")
        assert page.status_code == 200
        assert len(page.context["columns"]) == len(fields_of(model))
    [secret] = [column for column in page.context["columns"] if column.column == "hashed_password"]
    assert secret.values == []
    assert 'href="columns/"' in ruling.get(list_url(ChatMessage)).content.decode()


def test_a_table_that_was_never_analyzed_says_so(ruling: Client) -> None:
    assert "never analyzed" in ruling.get(list_url(ChatMessage) + "columns/").content.decode()


def test_only_who_may_sees_it(client: Client, guest: Client, ruling: Client) -> None:
    url = list_url(ChatMessage) + "columns/"
    assert client.get(url).status_code == 302
    assert guest.get(url).status_code == 403
    assert ruling.post(url).status_code == 403
