"""Who looks at the admin in these tests: a viewer who may see everything, and a guest who may see nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser, Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import factories


@pytest.fixture
def viewer(django_user_model: type[AbstractUser]) -> AbstractUser:
    """A person who may look at every model and change none."""
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


@pytest.fixture
def looking(client: Client, viewer: AbstractUser) -> Client:
    """The viewer's browser."""
    client.force_login(viewer)
    return client


@pytest.fixture
def ruling(django_user_model: type[AbstractUser]) -> Client:
    """The browser of a person who may do anything that the pages offer."""
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("ruler"))
    return client


@pytest.fixture
def guest(django_user_model: type[AbstractUser]) -> Client:
    """The browser of a person who may enter the admin and see nothing in it."""
    client = Client()
    client.force_login(django_user_model.objects.create_user("guest", is_staff=True))
    return client


@pytest.fixture
def make(db: None) -> Callable[..., Any]:
    """Make rows of any model by its factory: ``make(Model, field=value)``."""

    def one(model: type[Model], **values: Any) -> Any:
        return factories()[model](**values)

    return one


@contextmanager
def queries_at_most(most: int = 12) -> Iterator[None]:
    """Let a block ask the database no more than ``most`` questions; what begins and ends transactions is none."""
    with CaptureQueriesContext(connection) as captured:
        yield
    around = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT set_config")
    asked = [sql for query in captured if not (sql := str(query["sql"])).startswith(around)]
    assert len(asked) <= most, "\n".join(asked)
