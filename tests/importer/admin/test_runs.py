"""The pages of runs and of the home page: what was imported, and that it balances."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractUser, Permission
from django.test import Client

from apps.core.inspection.keys import list_url, row_url
from apps.importer.models import ImportRun, QuarantinedRow, RunFile, RunTable
from tests.watchers import queries_at_most


def a_run(make: Callable[..., Any], **counts: int) -> ImportRun:
    file = make(RunFile)
    make(
        RunTable, file=file, source_table="chat_messages", target_table="chat_messages", seconds=0.5, **counts
    )
    make(
        RunTable,
        file=file,
        source_table="sqlite_sequence",
        target_table=None,
        kind="skipped",
        skip_reason="internal",
    )
    return file.run


def test_a_run_shows_its_balance(ruling: Client, make: Callable[..., Any]) -> None:
    run = a_run(
        make, source_rows=1200, imported=1190, quarantined=10, reasons={"missing_parent": 7, "text_nul": 3}
    )
    page = ruling.get(row_url(ImportRun, run.pk))
    text = page.content.decode()
    assert "it balances ✓" in text
    assert "2.0 s" in text
    assert "600 rows a second" in text, "of the whole run, as a clock on the wall has it"
    assert 'href="/admin/tutoring/chatmessage/"' in text
    assert f'href="{list_url(QuarantinedRow)}?run={run.pk}&amp;reason=missing_parent"' in text
    assert 'class="bar-quarantined"' in text
    assert "sqlite_sequence" not in text


def test_a_run_that_does_not_balance_says_so(ruling: Client, make: Callable[..., Any]) -> None:
    run = a_run(make, source_rows=12, imported=11)
    text = ruling.get(row_url(ImportRun, run.pk)).content.decode()
    assert "it does not balance" in text
    assert "it balances" not in text


def test_a_refused_file_says_why(ruling: Client, make: Callable[..., Any]) -> None:
    file = make(
        RunFile,
        status="refused",
        reason="not_sqlite",
        message="this is no SQLite file <b>",
        source=None,
        source_name="x\u202egpj",
    )
    text = ruling.get(row_url(ImportRun, file.run.pk)).content.decode()
    for page in (text, ruling.get("/admin/").content.decode()):
        assert "x[U+202E]gpj" in page
        assert "\u202e" not in page
    assert "<code>not_sqlite</code> this is no SQLite file &lt;b&gt;" in text


def test_a_run_without_a_file_opens(ruling: Client, make: Callable[..., Any]) -> None:
    run = make(ImportRun, status="running", finished_at=None)
    assert "This run read no file." in ruling.get(row_url(ImportRun, run.pk)).content.decode()


def test_the_list_adds_the_tables_up(ruling: Client, make: Callable[..., Any]) -> None:
    runs = [a_run(make, source_rows=1000 + n, imported=1000, updated=n) for n in range(5)]
    with queries_at_most():
        page = ruling.get(list_url(ImportRun))
    shown = {row.pk: row for row in page.context["cl"].result_list}
    assert [shown[run.pk].sum_source_rows for run in runs] == [1000, 1001, 1002, 1003, 1004]
    assert [shown[run.pk].sum_files for run in runs] == [1] * 5
    assert "1,004" in page.content.decode()


def test_home_shows_systems_runs_and_quarantine(ruling: Client, make: Callable[..., Any]) -> None:
    run = a_run(make, source_rows=1200, imported=1200)
    make(QuarantinedRow, reason="text_nul")
    with queries_at_most():
        text = ruling.get("/admin/").content.decode()
    for found in (
        "Sparkle",
        "Atlas",
        "AgentOS",
        "Voice Agent",
        "text_nul",
        "1,200",
        row_url(ImportRun, run.pk),
    ):
        assert found in text
    assert text.count("2025-12-27 09:30:00") == 3


def test_home_shows_each_person_what_they_may_see(
    client: Client, guest: Client, django_user_model: type[AbstractUser]
) -> None:
    user = django_user_model.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename="view_chatmessage", content_type__app_label="tutoring")
    )
    client.force_login(user)
    seen = client.get("/admin/").content.decode()
    assert "/admin/tutoring/chatmessage/" in seen
    assert "/admin/learners/user/" not in seen
    assert "In quarantine" not in seen
    assert "chatmessage" not in guest.get("/admin/").content.decode()
