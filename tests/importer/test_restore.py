"""Former values put back: after a kill in the middle, beside others who write, and where they cannot go back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.importer import removal, restore, undo
from apps.importer.models import FormerRow, ImportRun, Provenance
from apps.knowledge.models import KnowledgeNode
from tests.importer.legacy import node, uid, user, write
from tests.importer.test_import import change, load
from tests.importer.undoing import connection_of_another, dump, everything, last, named, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return everything(tmp_path)


# -- killed in the middle


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (removal, "spare"),
        (removal, "delete"),
        (restore, "restore"),
        (restore, "forget"),
        (undo, "_undo_archive"),
        (undo, "_undo_entries"),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_killed_in_the_middle_and_repeated(
    path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: bool
) -> None:
    load(path)
    before = dump()
    update(path)
    load(path)
    imported, run = dump(), last()
    step = getattr(module, name)

    def killed(*args: Any, **options: Any) -> Any:
        if after:
            step(*args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, name, killed)
    with pytest.raises(KeyboardInterrupt):
        undo.undo(run)
    assert dump() == imported
    assert ImportRun.objects.get(kind="undo").status == "interrupted"
    monkeypatch.undo()
    assert undo.undo(run).kept == 0
    assert dump() == before
    assert sorted(run.undos.values_list("status", flat=True)) == ["abandoned", "completed"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_others_may_write_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that refers to one that is being taken out, committed before that is: the undo begins again."""
    load(path)
    delete, calls = removal.delete, []

    def slowly() -> None:
        calls.append(1)
        if len(calls) == 1:
            with connection_of_another() as cursor:
                cursor.execute(
                    "INSERT INTO user_daily_metrics (id, user_id, date, created_at, updated_at) "
                    "VALUES (gen_random_uuid(), %s, '2025-11-03', now(), now())",
                    [uid(2)],
                )
        delete()

    monkeypatch.setattr(removal, "delete", slowly)
    kept = named(undo.undo(last()))
    assert kept == {("users", uid(2)): "rows that stay refer to it (user_daily_metrics)"}
    assert len(calls) == 2


# -- values that cannot go back


def test_a_former_parent_that_is_gone(tmp_path: Path) -> None:
    path = write(
        tmp_path / "sparkle.db", "sparkle", {"knowledge_nodes": [node(1, parent=2), node(2), node(3)]}
    )
    load(path)
    change(path, "UPDATE knowledge_nodes SET parent_id = ? WHERE rowid = 1", uid(3, 1))
    load(path)
    KnowledgeNode.objects.filter(pk=uid(2, 1)).delete()
    assert named(undo.undo(last())) == {
        ("knowledge_nodes", uid(1, 1)): "the row it referred to is gone (knowledge_nodes)"
    }
    assert str(KnowledgeNode.objects.get(pk=uid(1, 1)).parent_id) == uid(3, 1)


def test_former_values_that_wait_for_one_another(tmp_path: Path) -> None:
    """Addresses passed on from row to row: each is free only once the next row has its former one."""
    rows = [user(n) for n in range(1, 6)]
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": rows})
    load(path)
    before = dump()
    for n in (5, 4, 3, 2, 1):
        change(path, "UPDATE users SET email = ? WHERE rowid = ?", f"user{n + 1}@example.com", n)
        load(path)
    runs = list(ImportRun.objects.filter(kind="import").order_by("-number"))
    merged = runs[0]
    FormerRow.objects.update(run=merged)
    Provenance.objects.filter(last_run__gt=runs[-1].number).update(last_run=merged.number)
    with connection.cursor() as cursor:  # as if one run had done it all
        cursor.execute("UPDATE users SET id = id")
        cursor.execute("UPDATE importer_provenance SET identity = identity")
    assert undo.undo(merged).kept == 0
    assert dump()["users"] == before["users"]


def test_a_table_that_has_other_columns_now(path: Path) -> None:
    load(path)
    update(path)
    load(path)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users ADD COLUMN later integer")
    assert named(undo.undo(last())) == {("users", uid(1)): "its table has other columns now"}
