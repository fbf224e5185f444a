"""Links beside texts that may name a parent: they follow the parents, whenever these come, go or change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.collection.models import RawDocument
from apps.importer import links as module
from apps.importer import undo
from apps.importer.models import FormerRow, ImportRun, Provenance
from apps.importer.retry import Choice, retry
from apps.importer.sql import query
from tests.importer.legacy import NOW, uid, write
from tests.importer.test_import import Quiet, change, load, table
from tests.importer.test_retry import sheet
from tests.importer.test_verify import totals
from tests.importer.undoing import dump, last

pytestmark = pytest.mark.django_db

BAD = "yesterday"


def origin(key: str, name: str, **more: Any) -> dict[str, Any]:
    """A data source of Atlas."""
    return {"id": key, "name": name, "source_type": "rss_feed", "created_at": NOW, "updated_at": NOW, **more}


def document(number: int, names: str | None) -> dict[str, Any]:
    """A document of Atlas, whose text names where it came from."""
    fixed = {"source_type": "rss_feed", "document_type": "rss", "raw_content": "", "collected_at": NOW}
    return {**fixed, "id": uid(number), "source_id": names, "created_at": NOW, "updated_at": NOW}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two documents of a data source with a time that is none, one of a healthy one, one of nobody known."""
    rows = {
        "data_sources": [origin("one", "first", created_at=BAD), origin("two", "second")],
        "raw_documents": [
            document(1, "first"),
            document(2, "second"),
            document(3, "unknown"),
            document(4, "one"),
        ],
    }
    path = write(tmp_path / "atlas.db", "atlas", rows)
    load(path)
    return path


def links() -> list[str | None]:
    """Whom each document refers to."""
    found = RawDocument.objects.order_by("id").values_list("source__legacy_id", flat=True)
    return list(found)


def renewed(report: Any) -> int | None:
    found: int | None = sheet(report, "raw_documents").get("links_renewed")
    return found


def heal(path: Path) -> None:
    change(path, "UPDATE data_sources SET created_at = ?", NOW)


def is_equal(path: Path) -> bool:
    found = totals(path)
    return (found["different"], found["missing"], found["extra"]) == (0, 0, 0)


def test_a_parent_that_comes_by_a_retry(path: Path) -> None:
    assert links() == [None, "two", None, None]
    before = dump()
    change_entry(f'{{"t": "{NOW}"}}')
    outcome = retry(Choice())
    assert links() == ["one", "two", None, "one"]
    assert renewed(outcome.report) == 2
    assert sheet(outcome.report, "raw_documents")["source_rows"] == 0  # none of its rows was tried
    heal(path)
    assert is_equal(path)
    undone = undo.undo(ImportRun.objects.latest("number"))
    assert undone.kept == 0
    assert links() == [None, "two", None, None]
    change_entry(f'{{"t": "{BAD}"}}')
    assert dump() == before
    assert not FormerRow.objects.exists()


def change_entry(stored: str) -> None:
    """Give the row in quarantine another time, as if the rules had changed."""
    query("UPDATE importer_quarantinedrow SET raw = jsonb_set(raw, '{created_at}', %s::jsonb)", [stored])


def test_a_repair_tells_of_the_links(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undo.undo(last())
    change(path, "UPDATE data_sources SET created_at = ?, description = char(97, 0) WHERE id = 'one'", NOW)
    load(path)
    words = [
        "--table",
        "data_sources",
        "--column",
        "description",
        "--reason",
        "text_nul",
        "--repair",
        "strip_nul",
    ]
    for more, told in (([], "would refer"), (["--apply"], "refer")):
        call_command("repair_quarantine", *words, *more)
        assert f"\n2 rows that name them {told} to them\n" in capsys.readouterr().out
    assert links() == ["one", "two", None, "one"]


def test_rows_that_are_tried_beside_those_that_get_a_link(path: Path, tmp_path: Path) -> None:
    undo.undo(last())
    change(path, "UPDATE raw_documents SET created_at = ? WHERE id = ?", BAD, uid(4))
    load(path)
    change_entry(f'{{"t": "{NOW}"}}')
    outcome = retry(Choice())
    assert links() == ["one", "two", None, "one"]
    tried = sheet(outcome.report, "raw_documents")
    assert (tried["source_rows"], tried["imported"], tried["links_renewed"]) == (1, 1, 1)


def test_a_parent_that_comes_by_the_next_import(path: Path) -> None:
    heal(path)
    result = load(path)
    assert links() == ["one", "two", None, "one"]
    assert table(result, "raw_documents")["unchanged"] == 4
    assert renewed(result.report) == 2
    assert is_equal(path)
    undo.undo(last())
    assert links() == [None, "two", None, None]


def test_a_link_that_is_right_is_not_written_again(path: Path) -> None:
    heal(path)
    load(path)
    before = query("SELECT xmin, ctid FROM raw_documents ORDER BY id")
    origins = query("SELECT xmin, ctid FROM importer_provenance")
    assert renewed(load(path).report) is None
    change(path, "UPDATE raw_documents SET title = 'x' WHERE id = ?", uid(3))
    assert table(load(path), "raw_documents")["updated"] == 1
    after = query("SELECT xmin, ctid FROM raw_documents ORDER BY id")
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]
    assert len({*origins} - {*query("SELECT xmin, ctid FROM importer_provenance")}) == 1


class Deleting(Quiet):
    """Deletes a data source, and keeps it beside, before the documents are read."""

    def start(self, label: str, rows: int, done: int) -> None:
        if label == "raw_documents":
            query("CREATE TEMPORARY TABLE gone AS SELECT * FROM data_sources WHERE legacy_id = 'two'")
            query("DELETE FROM data_sources WHERE legacy_id = 'two'")


def test_a_parent_that_was_gone_for_a_while(path: Path) -> None:
    undo.undo(last())
    load(path, Deleting())
    assert links() == [None] * 4
    query("INSERT INTO data_sources SELECT * FROM gone")
    result = load(path)
    assert links() == [None, "two", None, None]
    assert renewed(result.report) == 1
    assert is_equal(path)


def test_parents_that_are_many_are_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undo.undo(last())
    monkeypatch.setattr(module, "FEW", 1)
    monkeypatch.setattr(module, "MOST_KNOWN", 1)
    heal(path)
    for batch in (1, 1000):
        assert renewed(load(path, batch=batch).report) is None
        assert links() == ["one", "two", None, "one"]
        assert is_equal(path)
        undo.undo(last())


def test_of_two_parents_with_one_name_none_is_meant(path: Path) -> None:
    change(path, "UPDATE data_sources SET created_at = ?, name = 'second'", NOW)
    result = load(path)
    assert links() == [None, None, None, "one"]
    assert renewed(result.report) == 2
    assert is_equal(path)


def test_a_row_that_was_edited_stays(path: Path) -> None:
    RawDocument.objects.filter(pk=uid(1)).update(title="mine")
    heal(path)
    assert renewed(load(path).report) == 1
    assert links() == [None, "two", None, "one"]


def test_rows_of_another_source_are_not_meant(path: Path, tmp_path: Path) -> None:
    rows = {
        "data_sources": [origin("three", "first")],
        "raw_documents": [document(5, "first"), document(6, "second")],
    }
    result = load(write(tmp_path / "other.db", "atlas", rows))
    assert renewed(result.report) is None
    assert links() == [None, "two", None, None, "three", None]
    heal(path)
    load(path)
    assert links() == ["one", "two", None, "one", "three", None]
    assert is_equal(tmp_path / "other.db")


def test_a_dry_run_leaves_links_alone(path: Path) -> None:
    heal(path)
    before = dump()
    assert renewed(load(path, dry_run=True).report) == 2
    assert dump() == before


def test_a_link_has_no_part_in_a_digest(path: Path) -> None:
    before = dict(Provenance.objects.values_list("identity", "digest"))
    heal(path)
    load(path)
    after = dict(Provenance.objects.values_list("identity", "digest"))
    assert {identity for identity in before if after[identity] != before[identity]} == set()
