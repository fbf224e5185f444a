import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from apps.tutoring.models import AgentStatsSummary, ChatMessage
from tests.factories.tutoring import AgentExecutionStatFactory, ChatMessageFactory, TokenUsageFactory

pytestmark = pytest.mark.django_db


def test_a_page_of_a_session_is_read_from_one_index():
    page = ChatMessage.objects.filter(session_id=uuid.uuid4()).order_by("-created_at")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("DROP INDEX idx_chat_created_at")  # costs the same while the table is empty
    plan = page.explain()
    assert "idx_chat_messages_session_created" in plan
    assert "Sort" not in plan


def test_a_client_names_a_message_once():
    ChatMessageFactory.create_batch(2, message_id=None)
    ChatMessageFactory(message_id="m-1")
    with pytest.raises(IntegrityError):
        ChatMessageFactory(message_id="m-1")


def test_messages_of_one_session_belong_together():
    first = ChatMessageFactory()
    ChatMessageFactory(session_id=first.session_id, role="ASSISTANT")
    ChatMessageFactory()
    assert ChatMessage.objects.filter(session_id=first.session_id).count() == 2


def test_a_request_is_billed_once():
    usage = TokenUsageFactory()
    with pytest.raises(IntegrityError):
        TokenUsageFactory(request_id=usage.request_id)


def test_the_summary_counts_the_runs_when_it_is_refreshed():
    for status, duration in (("success", 100), ("failed", 300), ("timeout", None)):
        AgentExecutionStatFactory(status=status, duration_ms=duration)
    AgentExecutionStatFactory(user_id=8)
    assert not AgentStatsSummary.objects.exists()
    AgentStatsSummary.refresh()
    summary = AgentStatsSummary.objects.get(user_id=7)
    assert summary.pk == "7:math"
    assert (summary.execution_count, summary.success_count, summary.failure_count) == (3, 1, 1)
    assert (summary.min_duration_ms, summary.max_duration_ms) == (100, 300)
    assert summary.avg_duration_ms == Decimal(200)
    assert AgentStatsSummary.objects.count() == 2
