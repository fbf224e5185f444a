"""Conversations of the chat engine and of the browser, and the context of prompts."""

import datetime

import factory

from apps.dialogs.models import (
    ChatArtifact,
    ChatMessage,
    ChatSession,
    ContextSnapshot,
    ContextSnapshotItem,
    WebuiMessage,
    WebuiSession,
)
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class ChatSessionFactory(DomainFactory):
    class Meta:
        model = ChatSession

    session_id = factory.Sequence("01KG3X{:020d}".format)


class ChatMessageFactory(DomainFactory):
    class Meta:
        model = ChatMessage

    message_id = factory.Sequence("message-{}".format)
    session = factory.SubFactory(ChatSessionFactory)
    role = "user"
    content = "你好, what does the index hold?"


class ChatArtifactFactory(DomainFactory):
    class Meta:
        model = ChatArtifact

    artifact_id = factory.Sequence("artifact-{}".format)
    artifact_type = "summary"
    content = "知识库的架构说明"
    created_at = 1_795_331_440_241


class ContextSnapshotFactory(DomainFactory):
    class Meta:
        model = ContextSnapshot

    snapshot_id = factory.Sequence("snapshot-{}".format)
    session = factory.SubFactory(ChatSessionFactory)
    created_at = 1_795_331_440_241
    reason = "send"
    budget_tokens = 8000
    total_tokens_est = 120
    composition_json = {"window_msg_ids": []}


class ContextSnapshotItemFactory(DomainFactory):
    class Meta:
        model = ContextSnapshotItem

    snapshot = factory.SubFactory(ContextSnapshotFactory)
    item_type = "window_msg"
    item_id = factory.Sequence("m{}".format)


class WebuiSessionFactory(DomainFactory):
    class Meta:
        model = WebuiSession

    session_id = factory.Sequence("session-{}".format)
    user_id = "default"
    created_at = WHEN
    updated_at = WHEN


class WebuiMessageFactory(DomainFactory):
    class Meta:
        model = WebuiMessage

    message_id = factory.Sequence("message-{}".format)
    session = factory.SubFactory(WebuiSessionFactory)
    role = "user"
    content = "hello 你好 😀"
    created_at = WHEN
