"""Repairing, trying again and undoing from the pages: seen first, done by a second click, by who may."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.core.inspection.keys import list_url, row_url
from apps.importer.admin import clinic
from apps.importer.admin.clinic import WORDS, clinic_link
from apps.importer.admin.quarantine import vars_of
from apps.importer.models import ImportRun, QuarantinedRow
from apps.importer.pipeline import run_import
from apps.importer.repairs import REPAIRS
from apps.importer.runs import Options
from apps.learners.models import User
from apps.tutoring.models import ChatMessage
from tests.importer.legacy import message, uid, user, write
from tests.importer.test_import import Quiet

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = {
        "users": [
            user(1),
            user(2, last_login_at="yesterday"),
            user(3, last_login_at="soon", hashed_password="s-3"),
        ],
        "chat_messages": [message(1, by=1), message(2, by=9)],
    }
    path = write(tmp_path / "sparkle.db", "sparkle", rows)
    run_import([str(path)], Options(), Quiet())
    return path


def entry(**found: Any) -> QuarantinedRow:
    return QuarantinedRow.objects.filter(status="open", **found).order_by("pk")[0]


def test_every_repair_has_words() -> None:
    assert WORDS.keys() == REPAIRS.keys()


def test_a_repair_is_previewed_and_then_applied(ruling: Client, source: Path) -> None:
    link = clinic_link(vars_of(entry(column_name="last_login_at")))
    page = ruling.get(link)
    assert [name for name, _words, _needs in page.context["repairs"]] == ["set_null"]
    preview = ruling.post(link, {"do": "preview", "repair": "set_null"})
    assert (preview.context["preview"].rows, preview.context["preview"].repaired) == (2, 2)
    text = preview.content.decode()
    assert "yesterday" in text
    assert "Apply to 2 rows" in text
    assert User.objects.count() == 1, "nothing is changed yet"
    done = ruling.post(link, {"do": "apply", "repair": "set_null"}, follow=True)
    assert "2 of 2 rows are repaired; 0 stay in quarantine." in done.content.decode()
    assert done.redirect_chain[0][0] == row_url(ImportRun, ImportRun.objects.get(kind="repair").pk)
    assert User.objects.count() == 3
    assert not QuarantinedRow.objects.filter(status="open", source_table="users").exists()
    assert "Nothing is open here." in ruling.get(link).content.decode()


def test_a_repair_that_does_not_fit_is_said(ruling: Client, source: Path) -> None:
    link = clinic_link(vars_of(entry(column_name="last_login_at")))
    for answer in ({"do": "preview", "repair": "truncate"}, {"do": "apply", "repair": "nonsense"}):
        page = ruling.post(link, answer)
        assert page.status_code == 200
        assert "errorlist" in page.content.decode() or 'class="error"' in page.content.decode()
    assert User.objects.count() == 1


def test_a_missing_parent_gets_a_placeholder(ruling: Client, source: Path) -> None:
    link = clinic_link(vars_of(entry(reason="missing_parent")))
    preview = ruling.post(link, {"do": "preview", "repair": "placeholder_parent"})
    assert "1 placeholders would be made." in preview.content.decode()
    ruling.post(link, {"do": "apply", "repair": "placeholder_parent"})
    assert ChatMessage.objects.filter(user_id=uid(9)).count() == 1


def test_entries_are_tried_again(ruling: Client, source: Path, make: Callable[..., Any]) -> None:
    link = clinic_link(vars_of(entry(reason="missing_parent")))
    make(User, id=uid(9))
    page = ruling.post(link, {"do": "retry"}, follow=True)
    assert "1 rows came in; 0 stay in quarantine." in page.content.decode()
    assert ChatMessage.objects.count() == 2


def test_groups_and_entries_lead_to_the_clinic(ruling: Client, source: Path) -> None:
    groups = ruling.get(list_url(QuarantinedRow)).context["panels"][0].context["groups"]
    assert {ruling.get(group.clinic).context["rows"] for group in groups} == {1, 2}
    found = entry(column_name="last_login_at")
    [panel] = [
        p for p in ruling.get(row_url(QuarantinedRow, found.pk)).context["panels"] if p.anchor == "raw"
    ]
    assert panel.context["clinic"] == clinic_link(vars_of(found))


def test_only_who_may_repairs_and_undoes(
    client: Client, guest: Client, looking: Client, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ImportRun.objects.get()
    links = [clinic_link(vars_of(entry(reason="missing_parent"))), row_url(ImportRun, run.pk)[:-7] + "undo/"]
    for link in links:
        assert Client().get(link).status_code == 302
        assert guest.get(link).status_code == 403
        seen = looking.get(link)
        assert seen.status_code == 200
        assert "You may look" in seen.content.decode()
        assert looking.post(link, {"do": "apply", "repair": "set_null"}).status_code == 403
    assert ImportRun.objects.count() == 1


def test_a_group_that_is_too_large_is_for_the_command_line(
    ruling: Client, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clinic, "MOST", 1)
    page = ruling.post(
        clinic_link(vars_of(entry(column_name="last_login_at"))), {"do": "apply", "repair": "set_null"}
    )
    assert "repair_quarantine" in page.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "query", ["", "?reason=x", "?system=sparkle&source_name=x&source_table=users&reason=text_nul"]
)
def test_a_group_that_is_not_there(ruling: Client, query: str) -> None:
    link = "/admin/importer/quarantinedrow/clinic/" + query
    for page in (ruling.get(link), ruling.post(link, {"do": "apply", "repair": "set_null"})):
        assert "Nothing is open here." in page.content.decode()


def test_a_run_is_previewed_and_then_undone(ruling: Client, source: Path) -> None:
    run = ImportRun.objects.get()
    link = row_url(ImportRun, run.pk)[:-7] + "undo/"
    assert link in ruling.get(row_url(ImportRun, run.pk)).content.decode()
    preview = ruling.post(link, {"do": "preview"})
    assert {(line["table"], line["removed"]) for line in preview.context["lines"]} == {
        ("users", 1),
        ("chat_messages", 1),
    }
    assert preview.context["total"] == {"removed": 2, "restored": 0, "back": 0, "kept": 0}
    assert User.objects.count() == 1
    done = ruling.post(link, {"do": "undo"}, follow=True)
    assert "The run is undone." in done.content.decode()
    assert User.objects.count() == 0
    again = ruling.post(
        row_url(ImportRun, ImportRun.objects.get(kind="undo").pk)[:-7] + "undo/", {"do": "undo"}
    )
    assert "is an undo" in again.content.decode()
    assert ruling.get(link.replace(str(run.pk), "nonsense")).status_code == 404
