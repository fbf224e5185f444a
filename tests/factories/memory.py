"""Memories, their events and clean-ups."""

import datetime

import factory

from apps.memory.models import MemoryAudit, MemoryGcRun, MemoryItem
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class MemoryItemFactory(DomainFactory):
    class Meta:
        model = MemoryItem

    id = factory.Sequence("mem-{:012x}".format)
    scope = "project"
    type = "decision"
    content = {"summary": "use postgres"}


class MemoryAuditFactory(DomainFactory):
    class Meta:
        model = MemoryAudit

    event = "created"
    memory = factory.SubFactory(MemoryItemFactory)


class MemoryGcRunFactory(DomainFactory):
    class Meta:
        model = MemoryGcRun

    started_at = WHEN
    status = "completed"
