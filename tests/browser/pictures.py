"""Pictures of the pages for the README, in both languages.

``python -m tests.browser.pictures LINK [FOLDER]``: LINK is one that ``manage.py login_link`` prints, of a running
server whose database holds the imported samples; the pictures go to FOLDER (``docs``). The machine needs a font with
Chinese characters (Debian's ``fonts-wqy-microhei``).
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

LANGUAGES = {"": "English", ".zh": "简体中文"}
SIZE = {"width": 1400, "height": 900}


def home(page: Page) -> None:
    """The home page."""


def listing(page: Page) -> None:
    """A list, searched for a Chinese word."""
    page.locator("a[href='/admin/tutoring/chatmessage/']").first.click()
    page.fill("#searchbar", "函数")
    page.press("#searchbar", "Enter")


def conversation(page: Page) -> None:
    """A voice session with calls of tools."""
    page.locator("a[href='/admin/conversations/toolcall/']").first.click()
    page.locator("#result_list tbody td.field-session a").first.click()


def node(page: Page) -> None:
    """A concept with what is around it and the nearest of its embedding."""
    page.locator("a[href='/admin/knowledge/noderelation/']").first.click()
    page.locator("#result_list tbody td.field-source_node a").first.click()


def run(page: Page) -> None:
    """A run with its balance."""
    page.locator("#runs tbody th a").first.click()


def quarantine(page: Page) -> None:
    """An entry of the quarantine, the column at fault marked."""
    page.locator("#quarantine a[href*='reason=datetime_invalid']").first.click()
    page.locator("#result_list tbody th a").first.click()


PICTURES: dict[str, Callable[[Page], None]] = {
    "home": home,
    "list": listing,
    "conversation": conversation,
    "node": node,
    "run": run,
    "quarantine": quarantine,
}


def take(link: str, folder: Path) -> list[Path]:
    """Take every picture in every language; the files' paths."""
    root, taken = "{0.scheme}://{0.netloc}/admin/".format(urlsplit(link)), []
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()
        page.goto(link)
        for ending, language in LANGUAGES.items():
            page.goto(root)
            if page.get_by_role("button", name=language).count():
                page.get_by_role("button", name=language).click()
            for name, go in PICTURES.items():
                page.goto(root)
                go(page)
                page.wait_for_load_state("load")
                taken.append(folder / f"{name}{ending}.png")
                page.screenshot(path=taken[-1])
        browser.close()
    return taken


if __name__ == "__main__":
    where = Path(sys.argv[2] if len(sys.argv) > 2 else "docs")
    where.mkdir(parents=True, exist_ok=True)
    sys.stdout.write("".join(f"{path}\n" for path in take(sys.argv[1], where)))
