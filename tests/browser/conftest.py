"""A real browser before the real pages, over a database with an import in it.

Left out, and said so, where the machine has no Chromium (``CHROMIUM`` may name one).
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from apps.core.login import make_token, viewer

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium on this machine: the pages are not tried in a browser")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's event loop runs in this thread
        started = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def imported(browser: Browser, transactional_db: None, tmp_path: Path) -> None:
    """Sparkle's and Voice Agent's sample files, imported."""
    call_command("make_samples", str(tmp_path), rows=40, system=["sparkle", "voice_agent"], verbosity=0)
    with pytest.raises(SystemExit) as ended:
        call_command("import_sqlite", str(tmp_path), no_progress=True, verbosity=0)
    assert ended.value.code == 3, "some rows are in quarantine"


class Watched:
    """A page that keeps what goes wrong in it: console errors, and requests to other hosts."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.wrong: list[str] = []
        page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if urlsplit(request.url).netloc not in (urlsplit(self.server).netloc, ""):
            self.wrong.append(f"request to {request.url}")

    def open(self, path: str) -> None:
        """Go to a path."""
        answer = self.page.goto(self.server + path)
        assert answer is not None
        assert answer.status == 200, path


@pytest.fixture
def watched(imported: None, browser: Browser, live_server: LiveServer, settings: Any) -> Iterator[Watched]:
    """A page of a fresh browser window; nothing may have gone wrong in it when the test ends."""
    settings.DEBUG = True
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    found = Watched(context.new_page(), live_server.url)
    yield found
    context.close()
    assert found.wrong == []


@pytest.fixture
def entered(watched: Watched) -> Watched:
    """The page of a person who has come in by the link."""
    watched.open(f"/enter/{make_token(viewer())}/")
    return watched
