"""What all pages share: reading under limits, a content policy, the login for who is not known."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import InternalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from apps.core.inspection.guard import POLICY, inspecting
from apps.core.inspection.keys import list_url
from apps.core.inspection.site import InspectionSite
from apps.learners.models import User
from apps.tutoring.models import ChatMessage

pytestmark = pytest.mark.django_db


def test_the_admin_site_is_the_inspecting_one() -> None:
    assert isinstance(admin.site, InspectionSite)


def test_every_page_has_the_content_policy(client: Client, ruling: Client) -> None:
    pages = [client.get("/admin/login/"), ruling.get("/admin/"), ruling.get(list_url(ChatMessage))]
    pages += [ruling.get("/admin/auth/user/"), ruling.get("/admin/password_change/")]
    assert [page.headers["Content-Security-Policy"] for page in pages] == [POLICY] * 5
    for page in pages:
        text = page.content.decode()
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text


def sleeping(request: Any) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    return HttpResponse()


def deleting(request: Any) -> HttpResponse:
    User.objects.all().delete()
    return HttpResponse()


@override_settings(INSPECTION_SECONDS=0.05)
def test_a_query_that_takes_too_long_ends_in_a_page_that_says_what_to_do(viewer: Any) -> None:
    request = RequestFactory().get("/admin/")
    request.user = viewer
    page = inspecting(sleeping)(request)
    assert page.status_code == 503
    assert "choose a month" in page.content.decode()
    assert User.objects.count() == 0, "the connection goes on"


def test_reading_cannot_write(viewer: Any, make: Callable[..., Any]) -> None:
    make(User)
    request = RequestFactory().get("/admin/")
    request.user = viewer
    with pytest.raises(InternalError, match="read-only"):
        inspecting(deleting)(request)
    assert User.objects.count() == 1


def test_limits_end_with_the_page(ruling: Client, make: Callable[..., Any]) -> None:
    assert ruling.get(list_url(ChatMessage)).status_code == 200
    make(User)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_posts_of_djangos_own_pages_still_write(ruling: Client, django_user_model: Any) -> None:
    answer = {"username": "new", "usable_password": "true"} | dict.fromkeys(
        ("password1", "password2"), "Zb7-quite-long"
    )
    assert ruling.post("/admin/auth/user/add/", answer).status_code == 302
    assert django_user_model.objects.filter(username="new").exists()


def test_production_settings_raise_no_warning() -> None:
    call_command("check", "--tag", "core")
