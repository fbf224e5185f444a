"""What is known of a file's tables is asked for all of them together."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.importer import runs, standing
from apps.importer.mapping import load_systems
from apps.importer.models import ImportSource, QuarantinedRow, Stream
from tests.importer.legacy import node, user, write
from tests.importer.test_import import load

pytestmark = pytest.mark.django_db


def questions_of_a_re_run(path: Path) -> int:
    load(path)
    with CaptureQueriesContext(connection) as asked:
        load(path)
    return len(asked)


def test_a_table_with_nothing_new_costs_no_question_of_its_own(tmp_path: Path) -> None:
    few = write(tmp_path / "few.db", "sparkle", {"users": [user(1)]})
    names = list(load_systems()["sparkle"].resolved)
    many = write(tmp_path / "many.db", "sparkle", {name: [] for name in names} | {"users": [user(1)]})
    assert len(names) > 15
    assert questions_of_a_re_run(many) == questions_of_a_re_run(few)


def test_what_is_known_of_each_table(tmp_path: Path) -> None:
    rows = {"users": [user(1), user(2) | {"id": "?"}, user(3) | {"id": "!"}], "knowledge_nodes": [node(1)]}
    load(write(tmp_path / "sparkle.db", "sparkle", rows))
    QuarantinedRow.objects.filter(source_rowid=3).update(status="ignored")
    tables = [load_systems()["sparkle"].resolved[name] for name in ("users", "knowledge_nodes", "subjects")]
    source = ImportSource.objects.get()
    streams = [runs.streams_of(source, tables)[table.source] for table in tables]
    users, nodes, subjects = (standing.standing_of(streams, tables)[stream.pk] for stream in streams)
    assert (users.imported, users.entries, users.placed, users.decided) == (True, 2, 2, True)
    assert (nodes.imported, nodes.entries, nodes.decided) == (True, 0, False)
    assert [known.is_new for known in (users, nodes, subjects)] == [False, False, True]
    assert standing.imported_rows(streams) == {streams[0].pk: 1, streams[1].pk: 1}


def test_keys_that_all_sources_share_are_known_from_any(tmp_path: Path) -> None:
    load(write(tmp_path / "one.db", "sparkle", {"users": [user(1)]}))
    users = load_systems()["sparkle"].resolved["users"]
    other = runs.source_of("sparkle", "other")
    stream = runs.streams_of(other, [users])["users"]
    known = standing.standing_of([stream], [users])[stream.pk]
    assert (known.imported, known.entries) == (True, 0)
    assert set(known.streams) == set(Stream.objects.values_list("pk", flat=True))


def test_streams_are_numbered_on_and_follow_the_mapping(tmp_path: Path) -> None:
    tables = [load_systems()["sparkle"].resolved[name] for name in ("users", "subjects")]
    source = runs.source_of("sparkle", "numbers")
    first = runs.streams_of(source, tables[:1])
    Stream.objects.update(target_table="elsewhere")
    both = runs.streams_of(source, tables)
    assert [both[table.source].pk for table in tables] == [first["users"].pk, first["users"].pk + 1]
    assert set(Stream.objects.values_list("source_table", "target_table")) == {
        (table.source, table.target) for table in tables
    }
