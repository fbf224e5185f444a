"""Factories of the voice conversations."""

import factory
from django.utils import timezone

from apps.conversations.models import Checkpoint, Message, Session, ToolCall, User
from tests.factories import DomainFactory


class UserFactory(DomainFactory):
    class Meta:
        model = User

    username = factory.Sequence("speaker-{}".format)
    email = factory.LazyAttribute("{0.username}@example.com".format)
    hashed_password = "!"


class SessionFactory(DomainFactory):
    class Meta:
        model = Session

    session_id = factory.Sequence("conv_{:012x}".format)
    user = factory.SubFactory(UserFactory)
    status = "ACTIVE"


class MessageFactory(DomainFactory):
    class Meta:
        model = Message

    session = factory.SubFactory(SessionFactory)
    role = "user"
    content = "hello"


class ToolCallFactory(DomainFactory):
    class Meta:
        model = ToolCall

    session = factory.SubFactory(SessionFactory)
    tool_name = "calculator"
    parameters = factory.LazyFunction(dict)
    result = factory.LazyFunction(dict)


class CheckpointFactory(DomainFactory):
    class Meta:
        model = Checkpoint

    thread_id = factory.Sequence("conv_{:012x}".format)
    checkpoint_id = "2025-11-08T01:02:03.000004_0"
    checkpoint_data = b"\x80\x04}\x94."
    created_at = factory.LazyFunction(timezone.now)
