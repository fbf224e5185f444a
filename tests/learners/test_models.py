import pytest
from django.db import IntegrityError
from django.utils import timezone

from apps.learners.models import User, UserStatus
from tests.factories.learners import PushPreferenceFactory, UserDailyMetricFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_names_that_differ_in_case_are_different_names():
    UserFactory(username="mei", email="mei@example.org")
    UserFactory(username="Mei", email="Mei@example.org")
    assert User.objects.count() == 2


def test_a_deleted_learner_keeps_the_name():
    UserFactory(username="mei", deleted_at=timezone.now())
    with pytest.raises(IntegrityError):
        UserFactory(username="mei")


def test_many_learners_may_lack_an_account_elsewhere():
    UserFactory.create_batch(2, google_id=None)
    UserFactory(google_id="g-1")
    with pytest.raises(IntegrityError):
        UserFactory(google_id="g-1")


@pytest.mark.parametrize("status", ["online", "AWAY", ""])
def test_postgresql_refuses_a_status_that_is_none(status: str):
    with pytest.raises(IntegrityError):
        UserFactory(status=status)


def test_a_new_learner_is_offline():
    user = UserFactory()
    user.refresh_from_db()
    assert (user.status, user.is_superuser) == (UserStatus.OFFLINE, False)


def test_a_day_is_measured_once():
    metric = UserDailyMetricFactory()
    UserDailyMetricFactory(date=metric.date)
    with pytest.raises(IntegrityError):
        UserDailyMetricFactory(user=metric.user, date=metric.date)


def test_preferences_are_one_row_a_learner():
    preference = PushPreferenceFactory()
    assert preference.user.push_preference == preference
    with pytest.raises(IntegrityError):
        PushPreferenceFactory(user=preference.user)
