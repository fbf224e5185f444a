"""Versioned content, snippets and packs of answers."""

import datetime

import factory

from apps.content.models import (
    AnswerPack,
    AnswerPackLink,
    ContentAudit,
    ContentEvent,
    ContentItem,
    ContentLineage,
    ContentType,
    EntityType,
    RegisteredContent,
    Snippet,
    SnippetNote,
)
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class SnippetFactory(DomainFactory):
    class Meta:
        model = Snippet

    language = "python"
    code = "print('你好')"
    created_at = 1_795_331_440
    updated_at = 1_795_331_440


class SnippetNoteFactory(DomainFactory):
    class Meta:
        model = SnippetNote

    snippet = factory.SubFactory(SnippetFactory)
    summary = "打印问候语"


class AnswerPackFactory(DomainFactory):
    class Meta:
        model = AnswerPack

    id = factory.Sequence("pack-{}".format)
    name = factory.Sequence("answers-{}".format)
    items_json = [{"q": "why", "a": "because"}]
    created_at = WHEN
    updated_at = WHEN


class AnswerPackLinkFactory(DomainFactory):
    class Meta:
        model = AnswerPackLink

    id = factory.Sequence("link-{}".format)
    pack = factory.SubFactory(AnswerPackFactory)
    entity_type = EntityType.TASK
    entity_id = "01KG3X00000000000000000000"
    created_at = WHEN


class RegisteredContentFactory(DomainFactory):
    class Meta:
        model = RegisteredContent

    content_id = factory.Sequence("agent-{}".format)
    type = "agent"
    version = "1.0.0"
    checksum = "0" * 64
    spec = {}
    is_root = True


class ContentLineageFactory(DomainFactory):
    class Meta:
        model = ContentLineage

    content_id = "agent-0"
    from_version = "1.0.0"
    to_version = "1.1.0"
    reason = "a clearer prompt"


class ContentAuditFactory(DomainFactory):
    class Meta:
        model = ContentAudit

    event = ContentEvent.REGISTERED
    content_id = "agent-0"
    version = "1.0.0"


class ContentItemFactory(DomainFactory):
    class Meta:
        model = ContentItem

    id = factory.Sequence("content-{}".format)
    content_type = ContentType.AGENT
    name = factory.Sequence("lead-{}".format)
    version = "1.0.0"
    created_at = WHEN
    updated_at = WHEN
