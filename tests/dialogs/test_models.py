import pytest
from django.db import IntegrityError, transaction

from apps.dialogs.models import ChatMessage, ContextSnapshotItem, WebuiMessage
from tests.factories.dialogs import (
    ChatArtifactFactory,
    ChatMessageFactory,
    ChatSessionFactory,
    ContextSnapshotItemFactory,
    WebuiMessageFactory,
)

pytestmark = pytest.mark.django_db


def test_what_is_in_a_conversation_goes_with_it():
    session = ChatSessionFactory()
    ChatMessageFactory(session=session)
    ContextSnapshotItemFactory(snapshot__session=session)
    session.delete()
    assert not ChatMessage.objects.exists()
    assert not ContextSnapshotItem.objects.exists()


def test_browser_messages_go_with_their_session():
    WebuiMessageFactory().session.delete()
    assert not WebuiMessage.objects.exists()


def test_a_thing_goes_into_a_prompt_once():
    item = ContextSnapshotItemFactory(item_type="rag_chunk", item_id="c1")
    ContextSnapshotItemFactory(snapshot=item.snapshot, item_type="memory", item_id="c1")
    with pytest.raises(IntegrityError), transaction.atomic():
        ContextSnapshotItemFactory(snapshot=item.snapshot, item_type="rag_chunk", item_id="c1")


def test_an_artifact_is_the_systems_first_version_unless_said_otherwise():
    artifact = ChatArtifactFactory()
    artifact.refresh_from_db()
    assert (artifact.version, artifact.created_by) == (1, "system")


def test_a_message_shows_who_said_it_and_how_it_begins():
    assert str(ChatMessageFactory(role="assistant", content="x" * 100)) == "assistant: " + "x" * 60
