"""Search by words and by pieces of Chinese text, judged by SQLite's own full text search and by substrings."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection

from apps.core.search import Words
from apps.library.models import KbChunk
from apps.memory.models import MemoryItem
from tests.factories.content import SnippetFactory, SnippetNoteFactory
from tests.factories.library import KbChunkFactory
from tests.factories.memory import MemoryItemFactory

pytestmark = pytest.mark.django_db

DOCUMENTS = [
    "The quick brown fox jumps over the lazy dog",
    "docs/guides/quick_start.md explains v1.2.3 and a@b.co",
    "Café naïve ÉCOLE, it's 10 o'clock (UTC+8)",
    "snake_case, kebab-case & CamelCase; path C:\\Users\\fox",
    "x = {'key': 0x1F, \"n\": 1e5}  # 42%",
    "emoji😀face, “quoted” – dashed… ½ price",
    "Привет мир, ΑΒΓ αβγ",
    "https://example.com/a?b=c#d 12abc abc12 3d",
    "",
]
CHINESE = [
    "用户登录失败，请检查数据库连接。",
    "使用PostgreSQL数据库保存用户会话",
    "知识库按标题切分文档，再计算向量",
    "登录成功后重试连接数据库三次",
    "日本語のテスト・カタカナ混じり",
]


def run(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def hits(documents: list[str], words: str) -> list[int]:
    """Return the places of the documents that PostgreSQL finds."""
    found = run(
        "SELECT n - 1 FROM unnest(%s::text[]) WITH ORDINALITY AS d(document, n)"
        " WHERE search_grams(document) @@ search_query(%s) ORDER BY n",
        documents,
        words,
    )
    return [number for (number,) in found]


@pytest.fixture(scope="module")
def fts5() -> sqlite3.Connection:
    file = sqlite3.connect(":memory:")
    file.execute("CREATE VIRTUAL TABLE fts USING fts5(document)")
    file.executemany("INSERT INTO fts(rowid, document) VALUES (?, ?)", enumerate(DOCUMENTS))
    file.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(fts, 'row')")
    return file


def legacy_hits(file: sqlite3.Connection, match: str) -> list[int]:
    found = file.execute("SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY rowid", [match])
    return [number for (number,) in found]


def test_every_word_is_found_where_the_legacy_index_finds_it(fts5: sqlite3.Connection):
    terms = [term for (term,) in fts5.execute("SELECT term FROM terms")]
    assert len(terms) > 50
    different = {
        term: (hits(DOCUMENTS, term), legacy_hits(fts5, f'"{term}"'))
        for term in terms
        if hits(DOCUMENTS, term) != legacy_hits(fts5, f'"{term}"')
    }
    assert different == {}


FUNCTIONS = """
SELECT pg_get_functiondef(found.oid)
FROM unnest(%s::regprocedure[]) WITH ORDINALITY AS found(oid, n) ORDER BY n
"""
NEEDED = [
    "search_fold(text)", "search_terms(text)", "search_lexemes(text)", "search_grams(text)", "search_query(text)",
]  # fmt: skip


@pytest.fixture
def other_locale() -> Iterator[Any]:
    """A cursor on a database whose C library tells letters from signs, with the functions of the search."""
    functions = [definition for (definition,) in run(FUNCTIONS, NEEDED)]
    name = f"{connection.settings_dict['NAME']}_locale"
    with connection._nodb_cursor() as server:
        try:
            server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8'")
        except DatabaseError as error:
            pytest.skip(f"this machine has no locale C.UTF-8: {error}")
    try:
        link = psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})
        with closing(link), link.cursor() as cursor:
            for function in functions:
                cursor.execute(function)
            yield cursor
    finally:
        with connection._nodb_cursor() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_words_are_the_same_in_every_locale(other_locale: Any):
    for document in [*DOCUMENTS, *CHINESE, "x² ½½ 3½ №5 ⅷ ªº ①", "word " * 3 + "x" * 3000]:
        asked = "SELECT search_grams(%s)::text, search_query(%s)::text"
        other_locale.execute(asked, [document, document])
        assert other_locale.fetchall() == run(asked, document, document), document


@pytest.mark.parametrize("words", ["quick fox", "case path", "fox cat", "b c d", "the dog over"])
def test_several_words_must_all_occur(fts5: sqlite3.Connection, words: str):
    assert hits(DOCUMENTS, words) == legacy_hits(fts5, words)


@pytest.mark.parametrize("words", ["qui*", "ca*", "12*", "do* fo*"])
def test_an_asterisk_stands_for_the_rest_of_a_word(fts5: sqlite3.Connection, words: str):
    assert hits(DOCUMENTS, words) == legacy_hits(fts5, words)


def test_a_whole_word_is_meant_without_an_asterisk():
    assert hits(["the article", "the art"], "art") == [1]


@pytest.mark.parametrize("words", ["", "  ", "***", "，。", "'\"\\&|!():*", "%_"])
def test_no_word_finds_nothing_and_is_no_error(words: str):
    assert hits([*DOCUMENTS, *CHINESE], words) == []


def test_two_characters_are_found_inside_a_sentence():
    assert hits(CHINESE, "登录") == [0, 3]
    assert hits(CHINESE, "数据") == [0, 1, 3]
    assert hits(CHINESE, "向量 标题") == [2]
    assert hits(CHINESE, "PostgreSQL数据库") == [1]
    assert hits(CHINESE, "カタカナ") == [4]


def test_one_character_is_found_wherever_it_stands():
    for character in "用败。库次语日混":
        expected = [n for n, text in enumerate(CHINESE) if character in text and character != "。"]
        assert hits(CHINESE, character) == expected, character


def test_every_piece_of_a_sentence_finds_it():
    chance = random.Random(7)
    pieces = set()
    while len(pieces) < 200:
        text = chance.choice(CHINESE)
        start = chance.randrange(len(text) - 2)
        pieces.add(text[start : start + chance.randint(2, 6)])
    for piece in pieces:
        holding = {n for n, text in enumerate(CHINESE) if piece.lower() in text.lower()}
        latin = any(character.isascii() for character in piece)
        assert latin or holding <= set(hits(CHINESE, piece)), piece
        if len(piece) == 2 and not latin and not any(mark in piece for mark in "，。・"):
            assert holding == set(hits(CHINESE, piece)), piece


def test_a_word_inside_json_does_not_stick_to_an_escape():
    (grams,) = run("SELECT search_grams(%s::jsonb)::text", '{"note": "one\\ntwo \\u4e2d\\u6587"}')[0]
    assert "'two'" in grams
    assert "'中文'" in grams
    assert "ntwo" not in grams


def test_a_text_of_any_length_can_be_indexed():
    chance = random.Random(3)
    characters = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(60_000))
    snippet = SnippetFactory(title=characters, code=characters[::-1], tags_json=[characters[7:]])
    SnippetNoteFactory(snippet=snippet, summary=characters[9:])
    assert type(snippet).objects.filter(search=Words(characters[:6]), pk=snippet.pk).exists()
    assert hits(["word " * 50_000], "word") == [0]
    assert hits(["x" * 500_000], "x") == []


def test_a_chunk_is_found_and_ranked_by_where_a_word_stands():
    in_path = KbChunkFactory(source__path="docs/vector.md", heading="其他", content="nothing")
    in_content = KbChunkFactory(heading="其他", content="a vector")
    in_heading = KbChunkFactory(heading="Vector", content="nothing")
    found = run(
        "SELECT chunk_id FROM kb_chunks WHERE search @@ search_query('vector')"
        " ORDER BY ts_rank(search, search_query('vector')) DESC"
    )
    assert [key for (key,) in found] == [in_heading.pk, in_content.pk, in_path.pk]


def test_a_chunk_follows_its_documents_path():
    chunk = KbChunkFactory(source__path="docs/old.md")
    chunk.source.path = "docs/设计.md"
    chunk.source.save()
    assert KbChunk.objects.filter(search=Words("设计")).get() == chunk
    assert not KbChunk.objects.filter(search=Words("old")).exists()


def test_a_memory_is_found_by_its_content_and_tags():
    memory = MemoryItemFactory(content={"summary": "选择数据库"}, tags=["架构"])
    MemoryItemFactory()
    assert MemoryItem.objects.filter(search=Words("数据库 架构")).get() == memory
    memory.content = {"summary": "another"}
    memory.save()
    assert not MemoryItem.objects.filter(search=Words("数据库")).exists()


@pytest.mark.parametrize("table", ["memory_items", "kb_chunks", "snippets"])
def test_a_search_goes_by_the_index(table: str):
    run("SELECT set_config('enable_seqscan', 'off', true)")
    plan = run(f"EXPLAIN SELECT 1 FROM {table} WHERE search @@ search_query('数据库')")
    assert any(f"idx_{table}_search" in line for (line,) in plan)
