"""Domain events, projections, jobs and stored responses."""

import datetime
import uuid

import factory

from apps.events.models import (
    IdempotencyKey,
    Job,
    OutboxEvent,
    ProcessedEvent,
    Projection,
    ProjectionSnapshot,
    StoredEvent,
)
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory


class OutboxEventFactory(DomainFactory):
    class Meta:
        model = OutboxEvent

    aggregate_type = "Task"
    aggregate_id = factory.LazyFunction(uuid.uuid4)
    event_type = "task.created"
    sequence_number = factory.Sequence(int)
    payload = factory.LazyFunction(lambda: {"title": "Read chapter three"})


class StoredEventFactory(DomainFactory):
    class Meta:
        model = StoredEvent

    aggregate_type = "Task"
    aggregate_id = factory.LazyFunction(uuid.uuid4)
    event_type = "task.created"
    event_version = 1
    sequence_number = factory.Sequence(int)
    payload = factory.LazyFunction(lambda: {"title": "Read chapter three"})


class ProcessedEventFactory(DomainFactory):
    class Meta:
        model = ProcessedEvent

    event_id = factory.Sequence("event-{}".format)
    consumer_group = "feed"


class ProjectionFactory(DomainFactory):
    class Meta:
        model = Projection

    projection_name = factory.Sequence("projection_{}".format)


class ProjectionSnapshotFactory(DomainFactory):
    class Meta:
        model = ProjectionSnapshot

    projection_name = "task_list"
    aggregate_id = factory.LazyFunction(uuid.uuid4)
    snapshot_data = factory.LazyFunction(lambda: {"open": 3})
    stream_position = "1-0"


class JobFactory(DomainFactory):
    class Meta:
        model = Job

    user = factory.SubFactory(UserFactory)
    type = "generate_tasks"


class IdempotencyKeyFactory(DomainFactory):
    class Meta:
        model = IdempotencyKey

    key = factory.Sequence("key-{}".format)
    user = factory.SubFactory(UserFactory)
    response = factory.LazyFunction(lambda: {"status": 200})
    expires_at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
