from datetime import UTC, datetime

import pytest
from django.db import connection

from apps.core.triggers import IMPORTING
from tests.factories.agents import TaskTemplateFactory
from tests.factories.projects import ProjectFactory
from tests.factories.runs import WorkItemFactory

pytestmark = pytest.mark.django_db

THEN = datetime(2026, 1, 28, tzinfo=UTC)
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("factory", "changes"),
    [
        (ProjectFactory, {"description": "new"}),
        (TaskTemplateFactory, {"use_count": 7}),
        (WorkItemFactory, {"status": "in_progress"}),
    ],
)
def test_a_change_is_timed(factory, changes):
    row = factory(updated_at=THEN)
    type(row).objects.filter(pk=row.pk).update(**changes)
    row.refresh_from_db()
    assert row.updated_at > LATER


def test_an_update_that_changes_nothing_is_not_timed():
    row = ProjectFactory(updated_at=THEN, description="same")
    type(row).objects.update(description="same")
    row.refresh_from_db()
    assert row.updated_at == THEN


def test_a_time_that_is_given_stands():
    row = ProjectFactory(updated_at=THEN)
    type(row).objects.update(description="new", updated_at=LATER)
    row.refresh_from_db()
    assert row.updated_at == LATER


def test_an_import_keeps_the_time_of_its_source():
    row = ProjectFactory(updated_at=THEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [IMPORTING])
    type(row).objects.update(description="new")
    row.refresh_from_db()
    assert row.updated_at == THEN
