"""Chat messages, agents' runs and tokens; the summary of the runs is a view and has no factory."""

import datetime

import factory

from apps.tutoring.models import AgentExecutionStat, ChatMessage, MessageRole, TokenUsage
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory


class ChatMessageFactory(DomainFactory):
    class Meta:
        model = ChatMessage

    user = factory.SubFactory(UserFactory)
    role = MessageRole.USER
    content = "请解释一下傅里叶变换"


class AgentExecutionStatFactory(DomainFactory):
    class Meta:
        model = AgentExecutionStat

    user_id = 7
    session_id = factory.Sequence("session-{}".format)
    request_id = factory.Sequence("request-{}".format)
    agent_type = "math"
    started_at = datetime.datetime(2025, 12, 27, 9, 30, tzinfo=datetime.UTC)
    status = "success"


class TokenUsageFactory(DomainFactory):
    class Meta:
        model = TokenUsage

    user = factory.SubFactory(UserFactory)
    session_id = factory.Sequence("session-{}".format)
    request_id = factory.Sequence("request-{}".format)
