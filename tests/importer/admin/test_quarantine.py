"""The pages of the quarantine: groups, and each entry with its raw row."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.core.inspection.keys import list_url, row_url
from apps.importer.admin.raw import cells
from apps.importer.admin.reasons import MEANINGS
from apps.importer.models import ArchivedRow, QuarantinedRow

REASONS = [
    *("null_required", "empty_value", "type_mismatch", "column_missing", "uuid_invalid"),
    *("number_invalid", "number_range", "datetime_invalid", "datetime_ambiguous"),
    *("datetime_range", "datetime_precision", "boolean_invalid", "json_invalid"),
    *("json_duplicate_key", "json_unstorable", "json_too_deep", "array_invalid"),
    *("vector_invalid", "vector_dimension", "vector_value", "text_nul", "text_encoding"),
    *("text_too_long", "value_too_large", "enum_unknown", "duplicate_key", "missing_parent"),
    *("parent_quarantined", "target_edited", "rejected_by_database"),
]


def test_every_reason_is_explained() -> None:
    assert sorted(MEANINGS) == sorted(REASONS)


def test_open_entries_are_grouped(ruling: Client, make: Callable[..., Any]) -> None:
    for _ in range(3):
        make(QuarantinedRow, reason="text_nul", column_name="content", source_table="messages")
    make(QuarantinedRow, reason="missing_parent", column_name=None, source_table="tasks")
    make(QuarantinedRow, reason="text_nul", column_name="content", source_table="messages", status="resolved")
    page = ruling.get(list_url(QuarantinedRow))
    groups = page.context["panels"][0].context["groups"]
    assert [(g.table, g.column, g.reason, g.rows) for g in groups] == [
        ("messages", "content", "text_nul", "3"),
        ("tasks", "", "missing_parent", "1"),
    ]
    for group in groups:
        assert str(ruling.get(group.link).context["cl"].count) == group.rows


def test_an_entry_shows_the_raw_row_with_the_column_marked(ruling: Client, make: Callable[..., Any]) -> None:
    entry = make(QuarantinedRow)
    page = ruling.get(row_url(QuarantinedRow, entry.pk)).content.decode()
    assert '<tr class="at-fault"><th scope="row"><span aria-hidden="true">▶</span> created_at' in page
    assert page.count("at-fault") == 1
    assert "The value is no date or time." in page
    assert page.index("yesterday") < page.index("Source table")


def test_an_entry_without_raw_content_opens(ruling: Client, make: Callable[..., Any]) -> None:
    entry = make(QuarantinedRow, raw={}, column_name=None, reason="value_too_large")
    assert (
        "Only the place of this row was kept."
        in ruling.get(row_url(QuarantinedRow, entry.pk)).content.decode()
    )


@pytest.mark.parametrize(
    ("stored", "kind", "shown"),
    [
        (None, "NULL", "—"),
        ({"i": "9007199254740993"}, "integer", "9007199254740993"),
        ({"r": "1.5"}, "real", "1.5"),
        ({"t": "<script>"}, "text", "&lt;script&gt;"),
        ({"t": ""}, "text", "(empty text)"),
        ({"tb": base64.b64encode(b"caf\xe9").decode()}, "text that is no clean UTF-8", "caf\ufffd"),
        ({"b": base64.b64encode(b"\x00\xff").decode()}, "binary", "00 ff"),
        ({"b": "not base64"}, "binary", "not base64"),
        ("odd", "?", "odd"),
    ],
)
def test_stored_values_are_readable(stored: Any, kind: str, shown: str) -> None:
    [cell] = cells({"column": stored}, "column")
    assert cell.stored == kind
    assert shown in cell.value
    assert cell.at_fault


def test_a_secret_in_the_raw_row_is_hidden(ruling: Client, make: Callable[..., Any]) -> None:
    entry = make(QuarantinedRow, raw={"hashed_password": {"t": "$2b$12$hidden"}, "username": {"t": "ada"}})
    for url in (
        list_url(QuarantinedRow),
        row_url(QuarantinedRow, entry.pk),
        row_url(QuarantinedRow, entry.pk)[:-7] + "json/",
    ):
        page = ruling.get(url)
        assert page.status_code == 200
        assert "$2b$12$hidden" not in page.content.decode()


def test_an_archived_row_shows_what_was_stored(ruling: Client, make: Callable[..., Any]) -> None:
    page = ruling.get(row_url(ArchivedRow, make(ArchivedRow).pk)).content.decode()
    assert "海边" in page
    assert "tok-1" not in page
