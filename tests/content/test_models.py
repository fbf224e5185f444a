import pytest
from django.db import IntegrityError, transaction

from apps.content.models import Snippet
from apps.core.search import Words
from tests.factories.content import (
    AnswerPackFactory,
    AnswerPackLinkFactory,
    ContentAuditFactory,
    ContentItemFactory,
    ContentLineageFactory,
    RegisteredContentFactory,
    SnippetFactory,
    SnippetNoteFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"is_root": True},
        {"is_root": False, "parent_version": "1.0.0", "change_reason": "better"},
        {"is_root": False, "parent_version": "1.0.0", "change_reason": None},
        {"is_root": None},
    ],
)
def test_a_version_is_a_root_or_says_what_it_changes(changes: dict[str, object]):
    RegisteredContentFactory(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_root": True, "parent_version": "1.0.0"},
        {"is_root": False},
        {"is_root": False, "parent_version": "1.0.0", "change_reason": ""},
    ],
)
def test_a_version_is_not_both_or_neither(changes: dict[str, object]):
    with pytest.raises(IntegrityError, match="content_registry_lineage_check"), transaction.atomic():
        RegisteredContentFactory(**changes)


def test_a_version_of_one_content_stands_once():
    first = RegisteredContentFactory()
    RegisteredContentFactory(content_id=first.content_id, version="2.0.0")
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredContentFactory(content_id=first.content_id)
    item = ContentItemFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentItemFactory(name=item.name)


def test_lineage_and_audits_outlive_the_registry():
    assert str(ContentLineageFactory(content_id="gone")) == "gone: 1.0.0 to 1.1.0"
    assert str(ContentAuditFactory(content_id="gone")) == "registered gone"


def test_links_of_a_pack_go_with_it():
    link = AnswerPackLinkFactory()
    link.pack.delete()
    assert not type(link).objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerPackFactory(status="lost")


def found(words: str) -> list[Snippet]:
    return list(Snippet.objects.filter(search=Words(words)))


def test_a_snippet_is_found_by_title_code_and_tags():
    snippet = SnippetFactory(title="连接池", code="pool = connect()", tags_json=["网络"])
    SnippetFactory()
    for words in ("连接", "connect", "网络", "pool 网络 连接池"):
        assert found(words) == [snippet], words


def test_a_snippet_is_found_by_its_note_for_as_long_as_that_stands():
    note = SnippetNoteFactory(summary="重试三次")
    assert found("重试 print") == [note.snippet]
    note.summary = "只试一次"
    note.save()
    assert found("重试") == []
    assert found("一次") == [note.snippet]
    note.delete()
    assert found("一次") == []


def test_a_changed_snippet_is_still_found_by_its_note():
    note = SnippetNoteFactory(summary="重试三次")
    Snippet.objects.update(title="新的标题")
    assert found("重试 标题") == [note.snippet]
