"""The search: the same rows with the index and without it, found by the index."""

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from apps.core.inspection.indexes import built
from apps.core.inspection.keys import list_url
from apps.core.inspection.registry import inspected_models
from apps.core.inspection.search import HasPieces, TextIndex, containing
from apps.core.management.commands.search_index import optional_indexes
from apps.learners.models import User
from apps.tutoring.models import ChatMessage

pytestmark = pytest.mark.django_db
INDEX = TextIndex(ChatMessage, ("message_id", "content"))
SENTENCES = [
    "用户登录失败，请检查网络连接。The login failed (error 42)!",
    "今天我们学习微积分的基本定理 — Newton–Leibniz, 1687年",
    "梯度下降 gradient descent 🚀 is a first-order METHOD",
    "Ünïcödé ÉTÉ straße ΑΒΓ абв ひらがな カタカナ 한국어",
    "C:\\path\\to%20file_100% 'quoted' \"double\" a_b-c",
    "x",
    "登",
    "",
    "\n\ttabs and\nlines　全角　ＡＢＣ１２３",
    "李雷和韩梅梅AI模型v2.0混合mixed文本text",
]


@pytest.fixture
def messages(make: Callable[..., Any]) -> list[str]:
    """Texts of many kinds, one of them longer than what the index takes."""
    chance = random.Random(11)
    texts = SENTENCES + [" ".join(chance.choices(SENTENCES, k=2))[chance.randrange(9) :] for _ in range(60)]
    texts.append("填" * 60_000 + "末尾的词tail")
    user = make(User)
    ChatMessage.objects.bulk_create(ChatMessage(user=user, role="USER", content=text) for text in texts)
    connection.check_constraints()  # none is left pending, so that an index may be made
    return texts


def pieces(texts: list[str], count: int) -> list[str]:
    chance = random.Random(12)
    found: list[str] = []
    while len(found) < count:
        text = chance.choice(texts)
        start, length = chance.randrange(max(len(text), 1)), chance.randint(1, 6)
        piece = text[start : start + length]
        if piece and len(piece) == length:
            found.append(piece.swapcase() if chance.random() < 0.3 else piece)
    return found


def test_candidates_are_never_fewer_than_what_ilike_finds(messages: list[str]) -> None:
    for piece in [*pieces(messages, 300), "末尾的词", "tail", "Tail", "nowhere", "无处可寻"]:
        wanted = containing(("message_id", "content"), piece)
        exact = ChatMessage.objects.filter(wanted)
        if any(character.isalnum() for character in piece):
            by_index = exact.filter(HasPieces(INDEX, piece))
            assert by_index.count() == exact.count(), piece


def test_candidates_are_few(messages: list[str]) -> None:
    for piece in ("登录失败", "descent", "梅梅AI"):
        found = ChatMessage.objects.filter(containing(("content",), piece)).count()
        assert ChatMessage.objects.filter(HasPieces(INDEX, piece)).count() <= found + 1


def test_the_list_finds_the_same_with_the_index_and_without(ruling: Client, messages: list[str]) -> None:
    def found(piece: str) -> set[Any]:
        return {row.pk for row in ruling.get(list_url(ChatMessage), {"q": piece}).context["cl"].result_list}

    wanted = [*pieces(messages, 12), "登录失败", "GRADIENT", "100%", "%", "_", "\\"]
    without = [found(piece) for piece in wanted]
    call_command("search_index", "build", "chat_messages")
    assert [found(piece) for piece in wanted] == without
    assert any(without)


def test_a_search_without_an_index_says_how_to_make_one(
    ruling: Client, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_messages")
    words = "manage.py search_index build chat_messages"
    assert words not in ruling.get(list_url(ChatMessage), {"q": "登录"}).content.decode(), "a small table"
    monkeypatch.setattr("apps.core.inspection.base.LARGE", 10)
    assert words in ruling.get(list_url(ChatMessage), {"q": "登录"}).content.decode()
    assert words not in ruling.get(list_url(ChatMessage)).content.decode(), "nothing is searched"
    INDEX.build()
    assert words not in ruling.get(list_url(ChatMessage), {"q": "登录"}).content.decode()


def test_postgresql_uses_the_index(messages: list[str]) -> None:
    INDEX.build()
    assert INDEX.is_built()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    found = ChatMessage.objects.filter(
        HasPieces(INDEX, "登录失败"), containing(("message_id", "content"), "登录失败")
    )
    assert f"Bitmap Index Scan on {INDEX.name}" in found.explain()
    INDEX.drop()
    assert not INDEX.is_built()


def test_the_matched_passage_is_shown(ruling: Client, make: Callable[..., Any]) -> None:
    make(ChatMessage, content="前" * 500 + "<b>登录</b>失败" + "后" * 500)
    text = ruling.get(list_url(ChatMessage), {"q": "登录"}).content.decode()
    assert "…" + "前" * 37 + "&lt;b&gt;<mark>登录</mark>&lt;/b&gt;失败后" in text
    make(User, username="Élodie <x>", email="elodie@x")
    page = ruling.get(list_url(User), {"q": "ÉLOD"})
    assert "<mark>Élod</mark>ie &lt;x&gt;" in page.content.decode()


def test_the_command_builds_lists_and_drops(capsys: pytest.CaptureFixture[str], messages: list[str]) -> None:
    call_command("search_index", "status")
    assert capsys.readouterr().out == "No index is built.\n"
    call_command("search_index", "build", "chat_messages", "users")
    call_command("search_index", "status")
    listed = [line.partition(",")[0].partition(")")[0] for line in capsys.readouterr().out.splitlines()]
    assert listed[4:] == [
        *("users (username", "users (schedule_preferences"),
        *("chat_messages (message_id", "chat_messages (actions"),
    ]
    call_command("search_index", "drop")
    call_command("search_index", "build")
    call_command("search_index", "status")
    assert capsys.readouterr().out.endswith("No index is built.\n")
    with pytest.raises(CommandError, match="No table with text or JSON to search: nothing"):
        call_command("search_index", "build", "nothing")


def test_the_command_knows_the_models_before_any_page_was_asked_for() -> None:
    code = (
        "import django; django.setup(); from apps.core.management.commands.search_index import optional_indexes;"
        "print(*(index.table for index in optional_indexes()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "chat_messages" in run.stdout.split()


def test_every_index_can_be_built() -> None:
    indexes = optional_indexes()
    assert len(indexes) > len(inspected_models()) / 2
    assert len({index.name for index in indexes}) == len(indexes)
    for index in indexes:
        index.build()
    assert built([index.name for index in indexes]).keys() == {index.name for index in indexes}


def test_secrets_are_in_no_index() -> None:
    assert not [
        index for index in optional_indexes() if {"hashed_password", "token_encrypted"} & set(index.columns)
    ]


@pytest.mark.parametrize("piece", ["100%", "a_b", "\\path", "%", "Σ", "straße", "ÉTÉ", "ｂｃ"])
def test_a_search_is_what_ilike_with_the_text_itself_finds(messages: list[str], piece: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM chat_messages WHERE strpos(lower(content), lower(%s)) > 0", [piece]
        )
        [wanted] = cursor.fetchone()
    assert ChatMessage.objects.filter(containing(("content",), piece)).count() == wanted
