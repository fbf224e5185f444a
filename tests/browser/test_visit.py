"""What a person does with the pages, in a browser: looking, repairing, taking away, by mouse and by keyboard."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User as Account
from playwright.sync_api import Page, expect

from apps.importer.models import QuarantinedRow
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.browser.conftest import Watched

pytestmark = pytest.mark.slow


def test_looking_around(entered: Watched) -> None:
    page = entered.page
    texts = ChatMessage.objects.values_list("content", flat=True)
    word = next(found[0] for text in texts if (found := re.search("[一-鿿]{2}", text)))
    expect(page.locator("h1")).to_have_text("What is here")
    page.locator("a[href='/admin/tutoring/chatmessage/']").first.click()
    page.fill("#searchbar", word)
    page.press("#searchbar", "Enter")
    expect(page.locator("mark").first).to_have_text(word)
    page.locator("#result_list tbody th a").first.click()
    message = page.url
    page.get_by_text("This message in its conversation").click()
    expect(page.locator(".turn:target")).to_contain_text(word)
    page.goto(message)
    page.get_by_text("X-ray: each value").click()
    content = page.locator("table.xray tr", has=page.locator("th", has_text="content")).locator("td")
    assert content.nth(1).inner_text() == content.nth(3).inner_text() != ""


def test_a_value_in_json_as_a_filter(entered: Watched) -> None:
    page, wanted = entered.page, User.objects.filter(schedule_preferences__contains={"通勤": ["08:00"]})
    entered.open(f"/admin/learners/user/{wanted[0].pk}/change/")
    leaf = page.locator("details.json dd:has(> .pick)", has_text="08:00").last
    expect(leaf.locator(".pick")).to_have_css("opacity", "0")
    leaf.hover()
    expect(leaf.locator(".pick")).to_have_css("opacity", "1")
    leaf.locator(".pick").click()
    expect(page.locator(".chip")).to_have_text('Schedule preferences.通勤[] = "08:00" ✕')
    expect(page.locator("h1 .count")).to_have_text(str(wanted.count()))
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_a_node_its_neighbours_and_the_map(entered: Watched) -> None:
    page, node = entered.page, KnowledgeNode.objects.exclude(embedding=None).first()
    assert node is not None
    entered.open(f"/admin/knowledge/knowledgenode/{node.pk}/change/")
    expect(page.locator("svg.strip")).to_be_visible()
    page.locator("#vectors table a").first.click()
    expect(page.locator("h1")).to_contain_text("Knowledge node")
    entered.open("/admin/knowledge/knowledgenode/")
    page.get_by_role("link", name="Map").click()
    page.locator("svg.plane a").first.click(force=True)
    expect(page.locator("h1")).to_contain_text("Knowledge node")


def test_the_quarantine_is_looked_at_by_a_viewer(entered: Watched) -> None:
    page = entered.page
    page.locator("#quarantine a").first.click()
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("tr.at-fault").first).to_be_visible()
    page.get_by_text("What may be done").click()
    expect(page.get_by_text("You may look, and not repair.")).to_be_visible()


def test_repairing_and_taking_away(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    Account.objects.create_superuser("ruler", password="quite-long-7")
    watched.open("/admin/")
    page.fill("#id_username", "ruler")
    page.fill("#id_password", "quite-long-7")
    page.press("#id_password", "Enter")
    before = QuarantinedRow.objects.filter(status="open", reason="text_nul").count()
    page.locator("#quarantine a", has_text="text_nul").click()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_text("What may be done").click()
    page.locator("li", has_text="strip_nul").get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply to").click()
    expect(page.locator(".messagelist")).to_contain_text("are repaired")
    assert QuarantinedRow.objects.filter(status="open", reason="text_nul").count() < before
    watched.open("/admin/tutoring/chatmessage/?role=USER")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == ChatMessage.objects.filter(role="USER").count() > 0


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on a link or field that the selector names."""
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_by_keyboard_alone(entered: Watched) -> None:
    page: Any = entered.page
    tab_to(page, "a[href='/admin/tutoring/chatmessage/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chatmessage/")
    page.keyboard.press("/")
    page.keyboard.type("的")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    tab_to(page, "#result_list tbody th a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/*")
    here = page.url
    page.keyboard.press("p")
    page.wait_for_url(lambda url: url != here)
    page.keyboard.press("n")
    page.wait_for_url(here.partition("?")[0] + "*")


def test_repairing_and_the_map_by_keyboard_alone(watched: Watched) -> None:
    page: Any = watched.page
    Account.objects.create_superuser("ruler", password="quite-long-7")
    watched.open("/admin/")
    page.keyboard.type("ruler")
    page.keyboard.press("Tab")
    page.keyboard.type("quite-long-7")
    page.keyboard.press("Enter")
    page.wait_for_selector("#quarantine")
    before = QuarantinedRow.objects.filter(status="open", reason="text_nul").count()
    for wanted, next_one in (
        ("#quarantine a[href*='reason=text_nul']", "#result_list"),
        ("#result_list tbody th a", "#raw"),
        ("#raw a[href*='clinic']", "ul.repairs"),
        ("form:has(input[value=strip_nul]) button[value=preview]", "#preview"),
        ("#preview button[value=apply]", ".messagelist"),
    ):
        tab_to(page, wanted)
        page.keyboard.press("Enter")
        page.wait_for_selector(next_one)
    assert QuarantinedRow.objects.filter(status="open", reason="text_nul").count() < before
    watched.open("/admin/knowledge/knowledgenode/map/")
    tab_to(page, "svg.plane a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#vectors")


def test_the_language_is_chosen_on_the_page(entered: Watched) -> None:
    page = entered.page
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("h1")).to_have_text("概览")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("What is here")
