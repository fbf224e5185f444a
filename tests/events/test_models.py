import uuid

import pytest
from django.db import IntegrityError, connection

from apps.events.models import Job, OutboxEvent, Projection, ProjectionSnapshot
from tests.factories.events import (
    IdempotencyKeyFactory,
    JobFactory,
    OutboxEventFactory,
    ProcessedEventFactory,
    ProjectionSnapshotFactory,
    StoredEventFactory,
)

pytestmark = pytest.mark.django_db


def test_postgresql_completes_an_event_written_by_another_program():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event_outbox (aggregate_type, aggregate_id, event_type, payload, sequence_number)"
            " VALUES ('Task', gen_random_uuid(), 'task.created', '{}', 1)"
        )
    event = OutboxEvent.objects.get()
    assert isinstance(event.pk, uuid.UUID)
    assert (event.event_version, event.published_at) == (1, None)
    assert event.created_at is not None


def test_a_sequence_number_is_taken_once_in_the_history_of_an_aggregate():
    event = StoredEventFactory()
    StoredEventFactory(sequence_number=event.sequence_number)
    with pytest.raises(IntegrityError):
        StoredEventFactory(aggregate_id=event.aggregate_id, sequence_number=event.sequence_number)


def test_the_outbox_forbids_no_twin():
    event = OutboxEventFactory()
    OutboxEventFactory(aggregate_id=event.aggregate_id, sequence_number=event.sequence_number)
    assert OutboxEvent.objects.count() == 2


def test_an_event_is_marked_for_one_consumer_only():
    mark = ProcessedEventFactory()
    with pytest.raises(IntegrityError):
        ProcessedEventFactory(event_id=mark.event_id, consumer_group="another")


def test_snapshots_without_an_aggregate_may_be_many():
    ProjectionSnapshotFactory.create_batch(2, aggregate_id=None)
    assert ProjectionSnapshot.objects.count() == 2


def test_a_projection_starts_active():
    Projection.objects.create(projection_name="task_list")
    assert Projection.objects.get().status == "active"


def test_the_state_of_a_job_is_open_text():
    JobFactory(status="paused by hand")
    assert Job.objects.get().status == "paused by hand"


def test_a_learner_takes_jobs_and_stored_responses_along():
    job = JobFactory()
    IdempotencyKeyFactory(user=job.user)
    job.user.delete()
    assert not Job.objects.exists()
