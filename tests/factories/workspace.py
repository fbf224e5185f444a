"""Schema versions, capabilities and commands."""

import datetime

import factory

from apps.workspace.models import Command, PinnedCommand, SchemaCapability, SchemaVersion
from tests.factories import DomainFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class SchemaVersionFactory(DomainFactory):
    class Meta:
        model = SchemaVersion

    version = factory.Sequence("0.{}.0".format)


class SchemaCapabilityFactory(DomainFactory):
    class Meta:
        model = SchemaCapability

    capability = factory.Sequence("capability-{}".format)
    version = "0.1.0"


class CommandFactory(DomainFactory):
    class Meta:
        model = Command

    id = factory.Sequence("hist_{:012x}".format)
    command_id = "kb:search"
    executed_at = WHEN
    status = "success"


class PinnedCommandFactory(DomainFactory):
    class Meta:
        model = PinnedCommand

    id = factory.Sequence("pin_{:012x}".format)
    history = factory.SubFactory(CommandFactory)
