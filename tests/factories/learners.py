"""Learners and what the app kept about them."""

import datetime

import factory

from apps.learners.models import Notification, PushHistory, PushPreference, User, UserDailyMetric
from tests.factories import DomainFactory


class UserFactory(DomainFactory):
    class Meta:
        model = User

    username = factory.Sequence("learner{}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    hashed_password = "$2b$12$not.a.real.hash"


class UserDailyMetricFactory(DomainFactory):
    class Meta:
        model = UserDailyMetric

    user = factory.SubFactory(UserFactory)
    date = factory.Sequence(lambda n: datetime.date(2025, 1, 1) + datetime.timedelta(days=n))


class PushPreferenceFactory(DomainFactory):
    class Meta:
        model = PushPreference

    user = factory.SubFactory(UserFactory)
    active_slots = factory.LazyFunction(lambda: [{"start": "08:00", "end": "09:30"}])


class PushHistoryFactory(DomainFactory):
    class Meta:
        model = PushHistory

    user = factory.SubFactory(UserFactory)
    trigger_type = "memory"


class NotificationFactory(DomainFactory):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    title = "Time to review"
    content = "三个知识点等待复习"
