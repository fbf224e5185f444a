"""Export: exactly the list's selection, streamed, without secrets, safe to open in a spreadsheet."""

import csv
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser, Permission
from django.db import OperationalError, connection
from django.db.models import Func, Value
from django.test import Client

from apps.core.inspection import copying, export
from apps.core.inspection.keys import list_url
from apps.core.inspection.registry import inspected_models
from apps.core.inspection.secrets import HIDDEN, is_secret
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.core.inspection.test_values import HARMLESS, SECRETS

pytestmark = pytest.mark.django_db


def taken(client: Client, model: Any, **query: str) -> str:
    answer = client.get(list_url(model) + "export/", query)
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content).decode()


def rows(client: Client, model: Any, **query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(taken(client, model, _format="csv", **query), newline="")))


def lines(client: Client, model: Any, **query: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in taken(client, model, _format="jsonl", **query).split("\n")[:-1]]


NASTY = 'a "quoted", text\r\nwith lines\t\\N \\. 中文 🚀 \u2028 %s'


def test_both_forms_hold_every_value(ruling: Client, make: Callable[..., Any]) -> None:
    message = make(ChatMessage, content=NASTY, actions={"a": [1, "x,y"]}, tokens_used=None, model_name="")
    [row], [line] = rows(ruling, ChatMessage), lines(ruling, ChatMessage)
    assert row["content"] == line["content"] == NASTY
    assert row["id"] == line["id"] == str(message.pk)
    assert json.loads(row["actions"]) == line["actions"] == {"a": [1, "x,y"]}
    assert (row["tokens_used"], line["tokens_used"]) == ("", None)
    assert (row["parse_degraded"], line["parse_degraded"]) == ("false", False)
    raw = taken(ruling, ChatMessage, _format="csv")
    assert raw.endswith(',,""\r\n'), "an empty text is told from NULL"
    assert raw.startswith('"id"')
    assert taken(ruling, ChatMessage, _format="csv", _bom="1").startswith('\ufeff"id"')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\r=x", "=cmd|'/C calc'!A0"])
def test_formulas_are_guarded_in_csv_only(ruling: Client, make: Callable[..., Any], text: str) -> None:
    make(ChatMessage, content=text, tokens_used=-5)
    [row], [line] = rows(ruling, ChatMessage), lines(ruling, ChatMessage)
    assert row["content"] == "'" + text
    assert row["tokens_used"] == "-5"
    assert line["content"] == text


def test_secrets_stay_here(ruling: Client, make: Callable[..., Any]) -> None:
    make(
        User, hashed_password="$2b$12$hidden", schedule_preferences={"x": [{"apiKey": "k-1"}], "slot": "早上"}
    )
    for text in (taken(ruling, User, _format="csv"), taken(ruling, User, _format="jsonl")):
        assert "$2b$12$hidden" not in text
        assert "hashed_password" not in text
        assert "k-1" not in text
        assert "早上" in text
    assert lines(ruling, User)[0]["schedule_preferences"]["x"] == [{"apiKey": HIDDEN}]


def test_postgresql_and_the_pages_hide_the_same_names() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s) AS name WHERE is_secret(name)", [[*SECRETS, *HARMLESS]])
        found = {name for (name,) in cursor.fetchall()}
    assert found == {name for name in (*SECRETS, *HARMLESS) if is_secret(name)} == set(SECRETS)


def test_vectors_come_when_asked_for(ruling: Client, make: Callable[..., Any]) -> None:
    make(KnowledgeNode, embedding=[0.25] * 1536)
    assert "embedding" not in lines(ruling, KnowledgeNode)[0]
    assert json.loads(lines(ruling, KnowledgeNode, _vectors="1")[0]["embedding"]) == [0.25] * 1536


def test_the_file_holds_what_the_list_shows(ruling: Client, make: Callable[..., Any]) -> None:
    user, session = make(User), uuid.uuid4()
    for n in range(60):
        make(
            ChatMessage,
            user=user,
            role="USER" if n % 3 else "SYSTEM",
            session_id=session,
            content=f"第{n}句 登录",
        )
    make(ChatMessage, user=user, content="else")
    query = {"role": "USER", "session_id": str(session), "q": "登录"}
    page = ruling.get(list_url(ChatMessage), query)
    links = dict(page.context["exports"])
    assert str(page.context["cl"].count) == "40"
    assert len(rows(ruling, ChatMessage, **query)) == len(lines(ruling, ChatMessage, **query)) == 40
    answer = ruling.get(list_url(ChatMessage) + links["JSON Lines"])
    assert b"".join(answer.streaming_content).count(b"\n") == 40
    assert answer["Content-Disposition"] == 'attachment; filename="chat_messages.jsonl"'


def streamed(form: str, field: str = "username") -> Iterator[bytes]:
    fields = export.exported([User._meta.get_field(field)], vectors=False)
    return export.stream(User.objects.order_by("username"), form, fields, bom=False)


def people(count: int, email: str = "u{}") -> None:
    User.objects.bulk_create(
        User(username=f"u{n:03}", email=email.format(n), hashed_password="!") for n in range(count)
    )


def test_lines_come_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BLOCK", 4 * len('"u000"\n'))
    people(10)
    assert [block.count(b"\r\n") for block in streamed("csv")] == [1, 4, 4, 2]


def test_who_leaves_early_leaves_the_connection_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BLOCK", 1)
    people(100)
    content = streamed("jsonl")
    assert json.loads(next(content)) == {"username": "u000"}
    content.close()  # type: ignore[attr-defined]
    assert User.objects.count() == 100
    assert not [t for t in threading.enumerate() if t.name == "copy"]


def test_an_error_of_postgresql_ends_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SECONDS", 0.001)
    people(3)
    rows = User.objects.annotate(late=Func(Value(1), function="pg_sleep")).exclude(late=None)
    with pytest.raises(OperationalError, match="statement timeout"):
        list(export.stream(rows, "jsonl", [User._meta.get_field("username")], bom=False))


@pytest.mark.parametrize(
    "text", ["\\n", "\\\n", "\\\\n", "a\\", "\b\f\v\r\n\t", "\\.", "%s %% %", "\\\\\\\t\\t", "\x01\x7f"]
)
def test_escapes_of_copy_are_undone(text: str) -> None:
    people(2, email=text + "{}")
    [_, *cells] = csv.reader(io.StringIO(b"".join(streamed("csv", "email")).decode(), newline=""))
    assert [cell for [cell] in cells] == [text + "0", text + "1"]
    found = [
        json.loads(line)["email"] for line in b"".join(streamed("jsonl", "email")).decode().split("\n")[:-1]
    ]
    assert found == [text + "0", text + "1"]


def test_export_needs_its_right(client: Client, guest: Client, looking: Client, viewer: AbstractUser) -> None:
    url = list_url(ChatMessage) + "export/?_format=csv"
    assert Client().get(url).status_code == 302
    assert guest.get(url).status_code == 403
    assert looking.get(url).status_code == 403
    assert looking.get(list_url(ChatMessage)).context["exports"] == []
    viewer.user_permissions.add(Permission.objects.get(codename="export_rows"))
    assert looking.get(url).status_code == 200
    assert looking.post(url).status_code == 403


@pytest.mark.parametrize("query", ["", "?_format=xlsx", "?_format=csv&user=nobody"])
def test_a_wrong_address_leads_back_to_the_list(ruling: Client, query: str) -> None:
    assert ruling.get(list_url(ChatMessage) + "export/" + query)["Location"].startswith(list_url(ChatMessage))


def test_every_model_can_be_exported(ruling: Client, make: Callable[..., Any]) -> None:
    for model in inspected_models():
        assert isinstance(rows(ruling, model), list)
        assert isinstance(lines(ruling, model), list)
