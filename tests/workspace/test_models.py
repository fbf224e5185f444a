import pytest
from django.utils import timezone

from apps.workspace.models import PinnedCommand
from tests.factories.workspace import (
    CommandFactory,
    PinnedCommandFactory,
    SchemaCapabilityFactory,
    SchemaVersionFactory,
)

pytestmark = pytest.mark.django_db


def test_postgresql_knows_when_a_command_was_noted_and_pinned():
    before = timezone.now()
    pinned = PinnedCommandFactory(history=CommandFactory(command_id="kb:search"))
    pinned.refresh_from_db()
    assert abs(pinned.pinned_at - before).total_seconds() < 60
    assert abs(pinned.history.created_at - before).total_seconds() < 60


def test_a_pinned_command_goes_with_its_history():
    PinnedCommandFactory().history.delete()
    assert not PinnedCommand.objects.exists()


def test_a_capability_is_on_unless_said_otherwise():
    capability = SchemaCapabilityFactory()
    capability.refresh_from_db()
    assert capability.enabled is True


def test_versions_are_called_by_their_numbers():
    assert str(SchemaVersionFactory(version="0.30.0")) == "0.30.0"
