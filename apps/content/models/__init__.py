"""Versioned content for agents, code snippets, and packs of answers."""

from .answers import AnswerPack, AnswerPackLink, AnswerPackStatus, EntityType, Snippet, SnippetNote
from .registry import (
    ContentAudit,
    ContentEvent,
    ContentItem,
    ContentLineage,
    ContentStatus,
    ContentType,
    RegisteredContent,
)

__all__ = [
    "AnswerPack",
    "AnswerPackLink",
    "AnswerPackStatus",
    "ContentAudit",
    "ContentEvent",
    "ContentItem",
    "ContentLineage",
    "ContentStatus",
    "ContentType",
    "EntityType",
    "RegisteredContent",
    "Snippet",
    "SnippetNote",
]
