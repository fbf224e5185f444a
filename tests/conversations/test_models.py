import pytest
from django.db import IntegrityError

from apps.conversations.models import Message, Session, ToolCall
from tests.factories.conversations import (
    CheckpointFactory,
    MessageFactory,
    SessionFactory,
    ToolCallFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_postgresql_stamps_rows_that_bring_no_time():
    message = MessageFactory()
    assert message.timestamp is not None
    assert message.session.user.is_active is True


def test_both_keys_of_an_account_are_unique():
    user = UserFactory()
    with pytest.raises(IntegrityError):
        UserFactory(legacy_id=user.legacy_id)


@pytest.mark.parametrize("field", ["username", "email"])
def test_names_are_unique_in_exact_case_only(field):
    UserFactory(**{field: "li@example.cn"})
    UserFactory(**{field: "Li@example.cn"})
    with pytest.raises(IntegrityError):
        UserFactory(**{field: "li@example.cn"})


def test_an_account_takes_its_conversations_along():
    message = MessageFactory()
    ToolCallFactory(session=message.session, message=message)
    anonymous = SessionFactory(user=None)
    message.session.user.delete()
    assert list(Session.objects.all()) == [anonymous]
    assert not Message.objects.exists()
    assert not ToolCall.objects.exists()


def test_roles_keep_the_case_they_were_written_in():
    for role in ("user", "USER"):
        MessageFactory(role=role)
    assert Message.objects.filter(role="user").count() == 1


def test_a_checkpoint_gives_back_its_bytes():
    data = bytes(range(256))
    checkpoint = CheckpointFactory(checkpoint_data=data)
    checkpoint.refresh_from_db()
    assert bytes(checkpoint.checkpoint_data) == data


def test_a_step_of_a_thread_is_saved_once():
    checkpoint = CheckpointFactory()
    CheckpointFactory(thread_id=checkpoint.thread_id, checkpoint_id="2025-11-08T01:02:04_1")
    with pytest.raises(IntegrityError):
        CheckpointFactory(thread_id=checkpoint.thread_id, checkpoint_id=checkpoint.checkpoint_id)
