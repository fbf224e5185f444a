"""Plans, tasks and sessions of focus."""

import datetime

import factory

from apps.planning.models import FocusSession, Plan, PlanType, Task, TaskType
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory

EIGHT = datetime.datetime(2025, 12, 1, 8, tzinfo=datetime.UTC)


class PlanFactory(DomainFactory):
    class Meta:
        model = Plan

    user = factory.SubFactory(UserFactory)
    name = "Final examination"
    type = PlanType.SPRINT


class TaskFactory(DomainFactory):
    class Meta:
        model = Task

    user = factory.SubFactory(UserFactory)
    title = "Read chapter three"
    type = TaskType.LEARNING
    estimated_minutes = 30


class FocusSessionFactory(DomainFactory):
    class Meta:
        model = FocusSession

    user = factory.SubFactory(UserFactory)
    start_time = EIGHT
    end_time = EIGHT + datetime.timedelta(minutes=25)
    duration_minutes = 25
