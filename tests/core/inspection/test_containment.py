"""A value inside JSON as a filter: from its sign on a row's page to a list of exactly the rows that hold it."""

import html
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.db.models import JSONField, Value
from django.test import Client

from apps.core.inspection import containment
from apps.core.inspection.containment import Contained, is_guess
from apps.core.inspection.counts import capped
from apps.core.inspection.keys import list_url, row_url
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.core.inspection.test_export import lines, rows
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
HARD = [
    "中文 🚀",
    'a "quoted" \\ text',
    "it's 100% of_%s %(x)s",
    "<b>&amp;</b>",
    " \t\n",
    "",
    "a+b=c&d#e?f/g;h",
]


def links(client: Client, row: Any) -> list[str]:
    """Return the addresses behind the signs on a row's page."""
    page = client.get(row_url(type(row), row.pk)).content.decode()
    return [html.unescape(found) for found in re.findall(r'class="pick" href="([^"]*)"', page)]


def found(client: Client, document: Any, **others: str) -> list[Any]:
    """Return the keys of the messages that the list finds by a document."""
    text = document if isinstance(document, str) else json.dumps(document)
    page = client.get(list_url(ChatMessage), {"actions__contains": text, **others})
    return [row.pk for row in page.context["cl"].result_list]


@pytest.mark.parametrize("value", [*HARD, 7, 0.5, -1, 10**30, True, False, None])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda value: value,
        lambda value: {"a": value},
        lambda value: {"a b": {"'\"%<": [value, "beside"]}},
        lambda value: [[{"": value}]],
    ],
)
def test_the_sign_of_every_scalar_leads_to_the_rows_that_hold_it(
    ruling: Client, make: Callable[..., Any], value: Any, wrap: Callable[[Any], Any]
) -> None:
    wrapped = Value(None, JSONField()) if wrap(value) is None else wrap(value)  # null, and not NULL
    row, other = make(ChatMessage, actions=wrapped), make(ChatMessage, actions=wrap("another"))
    page = ruling.get(links(ruling, row)[0]).context["cl"]
    assert [line.pk for line in page.result_list] == [row.pk]
    assert str(page.count) == "1"
    assert [line.pk for line in ruling.get(links(ruling, other)[0]).context["cl"].result_list] == [other.pk]


def test_a_number_is_itself_however_it_is_written(ruling: Client, make: Callable[..., Any]) -> None:
    row = make(ChatMessage, actions={"n": 100})
    make(ChatMessage, actions={"n": "100"})
    assert found(ruling, '{"n": 1e2}') == found(ruling, '{"n":100.00}') == [row.pk]


def test_a_list_on_the_path_matches_by_any_element(ruling: Client, make: Callable[..., Any]) -> None:
    row = make(ChatMessage, actions={"tags": ["x", "y"]})
    make(ChatMessage, actions={"tags": "x"})
    make(ChatMessage, actions={"other": ["x"]})
    assert found(ruling, {"tags": ["x"]}) == found(ruling, {"tags": ["y"]}) == [row.pk]


def test_containers_and_long_texts_have_no_sign(ruling: Client, make: Callable[..., Any]) -> None:
    assert links(ruling, make(ChatMessage, actions={"a": {}, "b": [], "c": "x" * 300})) == []


def test_a_long_value_has_so_many_signs_only(ruling: Client, make: Callable[..., Any]) -> None:
    row = make(ChatMessage, actions=[list(range(100))] * 10)
    assert len(links(ruling, row)) == containment.MOST


def test_the_filter_is_a_chip_that_can_be_taken_away(ruling: Client, make: Callable[..., Any]) -> None:
    make(ChatMessage, actions={"my tags": [{"k": "x"}]}, role="USER")
    query = {"actions__contains": '{"my tags":[{"k":"x"}]}', "role": "USER"}
    page = ruling.get(list_url(ChatMessage), query)
    chip = next(chip for chip in page.context["cl"].chips if chip.name.startswith("Actions"))
    assert (chip.name, chip.value) == ('Actions["my tags"][].k', '= "x"')
    assert chip.without == "?role=USER"
    [spec] = [spec for spec in page.context["cl"].filter_specs if spec.field.name == "actions"]
    everything, chosen = spec.choices(page.context["cl"])
    assert everything["query_string"] == chip.without
    assert (chosen["display"], chosen["selected"]) == ('["my tags"][].k = "x"', True)
    assert [
        s for s in ruling.get(list_url(ChatMessage)).context["cl"].filter_specs if s.field == spec.field
    ] == []


def test_pages_search_and_other_filters_keep_it(ruling: Client, make: Callable[..., Any]) -> None:
    wanted = {make(ChatMessage, actions={"a": HARD[2]}, content=f"text {n}").pk for n in range(120)}
    for n in range(60):
        make(ChatMessage, actions={"a": n}, content=f"text {n}")
    document = json.dumps({"a": HARD[2]})
    link, seen = f"?actions__contains={quote_plus(document)}", []
    while link is not None:
        page = ruling.get(list_url(ChatMessage) + link).context["cl"]
        assert str(page.count) == "120"
        seen += [row.pk for row in page.result_list]
        link = page.older_link
    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == wanted
    page = ruling.get(list_url(ChatMessage), {"q": "text 7", "actions__contains": document})
    assert str(page.context["cl"].count) == "11"
    assert f'name="actions__contains" value="{html.escape(document)}"' in page.content.decode()
    assert found(ruling, document, role="SYSTEM") == []


def test_a_count_is_exact_up_to_its_limit(
    ruling: Client, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make(ChatMessage, actions=["x"])
    query = {"actions__contains": '["x"]'}
    assert str(ruling.get(list_url(ChatMessage), query).context["cl"].count) == "4"
    monkeypatch.setattr("apps.core.inspection.changelist.capped", lambda rows: capped(rows, 3))
    assert str(ruling.get(list_url(ChatMessage), query).context["cl"].count) == "more than 3"


@pytest.mark.parametrize("value", HARD)
def test_an_export_keeps_it(ruling: Client, make: Callable[..., Any], value: str) -> None:
    row = make(ChatMessage, actions={"%s": [value]})
    make(ChatMessage, actions={"%s": value})
    query = {"actions__contains": json.dumps({"%s": [value]})}
    assert [line["id"] for line in lines(ruling, ChatMessage, **query)] == [str(row.pk)]
    assert [line["id"] for line in rows(ruling, ChatMessage, **query)] == [str(row.pk)]


SECRET = {
    "token": "tok-1",
    "apiKey": None,
    "password": "",
    "x": [{"client-secret": {"deep": "s"}}],
    "slot": "早",
}


def test_what_a_secret_key_holds_has_no_sign(ruling: Client, make: Callable[..., Any]) -> None:
    [link] = links(ruling, make(User, schedule_preferences=SECRET))
    assert "slot" in link


@pytest.mark.parametrize(
    "document",
    [
        '{"token":"tok-1"}',
        '{"t\\u006fken":"x"}',
        '{"apiKey":null}',
        '{"x":[{"client-secret":{"deep":"s"}}]}',
        '{"access-token":{"a":[1]}}',
    ],
)
def test_nobody_may_guess_a_secret_in_json(ruling: Client, make: Callable[..., Any], document: str) -> None:
    make(User, schedule_preferences=SECRET)
    for query in ({"schedule_preferences__contains": document}, {"hashed_password__contains": document}):
        assert ruling.get(list_url(User), query).status_code == 400
        assert ruling.get(list_url(User) + "export/", {**query, "_format": "csv"}).status_code == 400
    both = f"?schedule_preferences__contains={quote_plus(document)}&schedule_preferences__contains=1"
    assert ruling.get(list_url(User) + both).status_code == 400


@pytest.mark.parametrize(
    "lookup", ["contained_by", "has_key", "contains__token", "token", "regex", "icontains"]
)
def test_no_other_lookup_reads_json(ruling: Client, lookup: str) -> None:
    assert ruling.get(list_url(User), {f"schedule_preferences__{lookup}": '{"a":1}'}).status_code == 400


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "{", "{}", "[]", '{"a":{}}', '{"a":1,"b":2}', "[1,2]", '{"slot":"x","token":"tok-1"}'),
        *("NaN", "[Infinity]", '{"a":-Infinity}', "1e2000", "1e-2000", "1e99999999999999999999", "9" * 2000),
        *(
            '"\\u0000"',
            '{"\\u0000":1}',
            '"\\ud800"',
            '{"\\udfff":1}',
            "[" * 60 + "1" + "]" * 60,
            "[" * 90_000,
        ),
    ],
)
def test_a_malformed_value_leads_back_to_the_list(ruling: Client, text: str) -> None:
    with queries_at_most():
        page = ruling.get(list_url(User), {"schedule_preferences__contains": text})
    assert page["Location"].endswith("?e=1")
    assert ruling.get(page["Location"], follow=True).status_code == 200


def test_a_document_says_what_it_was_read_from() -> None:
    deep = "[" * 40 + '"x"' + "]" * 40
    for text in ('{"a":["é"]}', "[[0.10]]", "null", "true", '"a\\"b"', '{"":-7}', deep):
        assert Contained.read(text).document == text
    assert Contained.read(' { "a" : [ 1.50 ] } ') == Contained(("a", None), Decimal("1.50"))
    assert str(Contained.read('{"a":{"中文":[{"1":{"b c":true}}]}}')) == '.a.中文[]["1"]["b c"] = true'
    assert is_guess('{"a":[{"password":1}]}')
    assert not is_guess('{"a":"password"}')


def test_a_large_table_offers_no_sign_unless_it_has_an_index(
    ruling: Client, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make(ChatMessage, actions={"a": 1})
    assert len(links(ruling, row)) == 1
    monkeypatch.setattr(containment, "SMALL", 0)
    assert links(ruling, row) == []
    assert found(ruling, {"a": 1}) == [row.pk], "by hand it may be asked for"
    connection.check_constraints()  # none is left pending, so that an index may be made
    call_command("search_index", "build", "chat_messages", verbosity=0)
    assert len(links(ruling, row)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows_found = ChatMessage.objects.filter(Contained.read('{"a":1}').condition("actions"))
    [index] = [index for index in admin.site._registry[ChatMessage].indexes if index.suffix == "json"]
    assert f"Bitmap Index Scan on {index.name}" in rows_found.explain()
    call_command("search_index", "drop", "chat_messages", verbosity=0)
    assert links(ruling, row) == []


def test_out_of_line_values_count(
    ruling: Client, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = make(KnowledgeNode, keywords=["x"])
    monkeypatch.setattr(containment, "SMALL", 200_000)
    assert len(links(ruling, node)) == 1
    for _ in range(40):
        make(KnowledgeNode, embedding=[0.5] * 1536)
    assert links(ruling, node) == []
