"""Values as a page shows them: text as text, secrets never, large values in part."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.inspection.keys import decode, encode, list_url, row_url
from apps.core.inspection.secrets import HIDDEN, is_secret, shows_no_secret, without_secrets
from apps.core.inspection.text import folded, one_line, visible
from apps.core.inspection.tree import loads, tree
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage

SECRETS = [
    *("hashed_password", "password", "passwd", "password_hash", "token_encrypted"),
    *("ssh_passphrase_encrypted", "key_encrypted", "salt", "netrc_password_encrypted", "apiKey"),
    *("api_key", "access_token", "refreshToken", "client-secret", "Authorization", "credentials"),
    *("key_salt", "session_token", "encrypted_key"),
]
HARMLESS = [
    *("token_count", "tokens_used", "token_provider", "token_scopes", "total_tokens"),
    *("prompt_tokens", "budget_tokens", "key_type", "public_key", "key", "idempotency_key"),
    *("checkpoint_data", "username", "aggregate_id", "secretary", "passage", "tokens_est"),
]


@pytest.mark.parametrize("name", SECRETS)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_only_look_like_secrets(name: str) -> None:
    assert not is_secret(name)


def test_secrets_inside_json_are_hidden_at_any_depth() -> None:
    value = {"a": [{"api_key": "sk-1", "n": 1}], "password": "p", "b": "kept"}
    assert without_secrets(value) == {"a": [{"api_key": HIDDEN, "n": 1}], "password": HIDDEN, "b": "kept"}
    shown = tree(value)
    assert "sk-1" not in shown
    assert "kept" in shown
    assert not shows_no_secret(json.dumps(value))
    assert shows_no_secret('{"a": "password"}')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a\u202eb", 'a<span class="unseen" title="U+202E">U+202E</span>b'),
        ("a\u0007b", 'a<span class="unseen" title="U+0007">U+0007</span>b'),
        ("\ufeffx", '<span class="unseen" title="U+FEFF">U+FEFF</span>x'),
        ("👨‍👩‍👧 中文\ttab\nline", "👨‍👩‍👧 中文\ttab\nline"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_text_is_text(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_are_cut_and_long_text_is_folded() -> None:
    assert one_line("a\n\n b" + "c" * 100, 10) == "a bcccccc" + "c…"
    assert "<details" not in folded("short\ntext")
    assert folded("x" * 601).startswith("<details")


def test_json_keeps_digits_and_is_cut_where_it_is_long_or_deep() -> None:
    assert "0.1000000000000000055511151231257827" in tree(
        loads('{"a": 0.1000000000000000055511151231257827}')
    )
    assert "… +300" in tree(list(range(500)))
    assert "deeper" in tree(loads("[" * 100 + "]" * 100))
    assert tree(None) == '<span class="jk">null</span>'


@pytest.mark.parametrize(
    "key", ["", ".", "..", "a/b", "_", "_2E", "_5F", "a\nb", "%2e", "?x#y", "路径 1", "a%s", '"', "7"]
)
def test_any_key_survives_the_address(key: str) -> None:
    assert decode(encode(key)) == key
    assert encode(key)
    assert encode(key).strip(".")
    assert "/" not in encode(key)


def test_hostile_content_stays_text_on_list_and_row(ruling: Client, make: Callable[..., Any]) -> None:
    nasty = "<script>alert(1)</script>\u202e<img src=x onerror=alert(2)>"
    message = make(ChatMessage, content=nasty, actions={"<b>": "</details><script>", "javascript:": nasty})
    for url in (list_url(ChatMessage), row_url(ChatMessage, message.pk), list_url(ChatMessage) + "?q=alert"):
        page = ruling.get(url).content.decode()
        assert "<script>" not in page.replace('<script src="', "")
        assert "<img src=x" not in page
        assert "\u202e" not in page


def test_secrets_are_on_no_page(ruling: Client, make: Callable[..., Any]) -> None:
    user = make(
        User, hashed_password="$2b$12$hidden", schedule_preferences={"token": "tok-1", "slot": "早上"}
    )
    urls = [list_url(User), row_url(User, user.pk), reverse("admin:learners_user_json", args=(user.pk,))]
    for url in [*urls, list_url(User) + "?q=hidden"]:
        page = ruling.get(url).content.decode()
        assert "$2b$12$hidden" not in page
        assert "tok-1" not in page
    assert user.username not in ruling.get(list_url(User), {"q": "2b$12"}).content.decode()


@pytest.mark.parametrize("lookup", ["hashed_password", "hashed_password__startswith", "hashed_password__gte"])
def test_nobody_may_guess_a_secret_by_filtering(
    ruling: Client, make: Callable[..., Any], lookup: str
) -> None:
    make(User, hashed_password="$2b$12$hidden")
    assert ruling.get(list_url(User), {lookup: "$2b"}).status_code == 400


@pytest.mark.parametrize(
    "lookup", ["user__hashed_password", "user__hashed_password__startswith", "content__regex"]
)
def test_nobody_may_guess_through_a_reference(ruling: Client, make: Callable[..., Any], lookup: str) -> None:
    assert ruling.get(list_url(ChatMessage), {lookup: "$"}).status_code == 400


def test_large_values_are_read_in_part(ruling: Client, make: Callable[..., Any]) -> None:
    message = make(ChatMessage, content="长" * 300_000, actions=["x" * 100] * 3000)
    page = ruling.get(row_url(ChatMessage, message.pk))
    assert len(page.content) < 200 * 1024
    assert "The first 20000 of 300000 characters." in page.content.decode()


def test_deep_json_is_no_error(ruling: Client, make: Callable[..., Any]) -> None:
    node = make(KnowledgeNode, keywords=loads("[" * 900 + "]" * 900))
    assert ruling.get(row_url(KnowledgeNode, node.pk)).status_code == 200
