"""The link for one login: who may use it, when, and how often."""

import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.core import login

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _trying_out(settings: Any) -> None:
    settings.DEBUG = True


@pytest.fixture
def link() -> str:
    """Path of a fresh link, as the command prints it."""
    output = io.StringIO()
    call_command("login_link", address="127.0.0.1:8123", stdout=output)
    printed = urlsplit(output.getvalue().strip())
    assert (printed.scheme, printed.netloc) == ("http", "127.0.0.1:8123")
    return printed.path


def local(**environment: str) -> Client:
    """A browser on this machine."""
    return Client(HTTP_HOST="127.0.0.1:8000", **environment)


def test_it_opens_the_admin(link: str) -> None:
    browser = local()
    answer = browser.get(link)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert "no-store" in answer["Cache-Control"]
    assert browser.get("/admin/").status_code == 200


def test_it_opens_once(link: str) -> None:
    local().get(link)
    answer = local().get(link)
    assert answer.status_code == 403
    assert "This link has been used." in answer.content.decode()
    assert "sessionid" not in answer.cookies


def test_a_second_use_at_the_same_time_loses(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state = login._state

    def overtaken(user: User) -> str:
        before = state(user)
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
        return before

    monkeypatch.setattr(login, "_state", overtaken)
    assert "This link has been used." in local().get(link).content.decode()


def test_a_login_makes_all_earlier_links_void(link: str) -> None:
    token = login.make_token(login.viewer())
    local().get(f"/enter/{token}/")
    assert local().get(link).status_code == 403


def test_it_ends_after_ten_minutes(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    later = (timezone.now() + timedelta(seconds=login.LIFETIME + 2)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    answer = local().get(link)
    assert answer.status_code == 403
    assert "This link has expired." in answer.content.decode()


def test_a_changed_link_is_refused(link: str) -> None:
    answer = local().get(link[:-3] + "xy/")
    assert answer.status_code == 403
    assert "This link is not complete." in answer.content.decode()


def test_a_link_signed_for_something_else_is_refused() -> None:
    from django.core.signing import TimestampSigner

    token = TimestampSigner(salt="another").sign_object({"user": login.viewer().pk, "since": ""})
    assert local().get(f"/enter/{token}/").status_code == 403


def test_a_link_for_another_account_is_refused() -> None:
    other = User.objects.create_superuser("root", password="x")
    assert local().get(f"/enter/{login.make_token(other)}/").status_code == 403


@pytest.mark.parametrize(
    "environment",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_HOST": "rebound.example"},
    ],
)
def test_it_opens_on_this_machine_only(link: str, settings: Any, environment: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    browser = Client(**{"HTTP_HOST": "127.0.0.1", **environment})
    assert browser.get(link).status_code == 403
    assert local(REMOTE_ADDR="::1").get(link).status_code == 302


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "[::1]"])
def test_this_machine_has_several_names(link: str, host: str) -> None:
    assert Client(HTTP_HOST=host).get(link).status_code == 302


def test_it_opens_with_debug_on_only(link: str, settings: Any) -> None:
    settings.DEBUG = False
    assert local().get(link).status_code == 403
    with pytest.raises(CommandError, match="only while DJANGO_DEBUG is on"):
        call_command("login_link")


def test_it_is_opened_and_not_posted(link: str) -> None:
    assert local().post(link).status_code == 405
    assert local().head(link).status_code == 405
    assert local().get(link).status_code == 302


def test_the_account_may_look_at_everything_and_change_nothing() -> None:
    viewer = login.viewer()
    allowed = {name.partition(".")[2].split("_")[0] for name in viewer.get_all_permissions()}
    assert allowed == {"view"}
    assert viewer.user_permissions.count() == Permission.objects.filter(codename__startswith="view_").count()
    assert viewer.is_staff
    assert not viewer.is_superuser
    assert not viewer.has_usable_password()


def test_permissions_that_came_since_are_added() -> None:
    login.viewer().user_permissions.clear()
    assert login.viewer().user_permissions.exists()
    assert User.objects.filter(username="viewer").count() == 1


@pytest.mark.parametrize("taken", [{"password": "x"}, {"is_superuser": True}])
def test_an_account_that_somebody_made_is_left_alone(taken: dict[str, Any]) -> None:
    User.objects.create_user("viewer", **taken)
    with pytest.raises(CommandError, match="There is an account viewer"):
        call_command("login_link")
    assert not User.objects.get(username="viewer").is_staff
