from typing import Any

import pytest
from django.test import Client

from config.wsgi import application


@pytest.fixture
def static(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = True


def test_the_first_page_is_the_admin() -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("debug", [True, False])
def test_style_sheets_are_served_without_a_step_before(static: None, settings: Any, debug: bool) -> None:
    settings.DEBUG = debug
    answer = Client().get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")
    assert b"--primary" in answer.getvalue()


def test_the_language_follows_the_browser() -> None:
    for language, title in (("zh-CN,zh;q=0.9", 'lang="zh-hans"'), ("de,en;q=0.5", 'lang="en"')):
        page = Client().get("/admin/login/", headers={"accept-language": language})
        assert title in page.content.decode()


def test_there_is_an_application_for_a_wsgi_server() -> None:
    assert callable(application)
