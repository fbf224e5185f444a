"""From each imported row back to its source, and each value beside the stored one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser, Permission
from django.test import Client

from apps.core.inspection.keys import row_url
from apps.importer.admin import xray
from apps.importer.admin.origins import origins
from apps.importer.mapping import load_systems, logical
from apps.importer.pipeline import run_import
from apps.importer.runs import Options
from apps.knowledge.models import KnowledgeNode
from apps.learners.models import User
from tests.importer.legacy import node, uid, user, write
from tests.importer.test_import import Quiet
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db


def load(path: Path) -> None:
    run_import([str(path)], Options(), Quiet())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = {
        "users": [user(1, hashed_password="$2b$12$hidden")],
        "knowledge_nodes": [node(1, name="傅里叶 <b>", keywords='["a"]', colour="青")],
    }
    path = write(tmp_path / "sparkle.db", "sparkle", rows, extra={"knowledge_nodes": ["colour"]})
    load(path)
    return path


def panel(client: Client, row: Any) -> Any:
    page = client.get(row_url(type(row), row.pk))
    [found] = [panel for panel in page.context["panels"] if panel.anchor == "origin"]
    return found.context


def test_a_row_knows_its_source(ruling: Client, source: Path) -> None:
    row = KnowledgeNode.objects.get(pk=uid(1, 1))
    with queries_at_most():
        [origin] = panel(ruling, row)["origins"]
    assert (origin.system, origin.source, origin.table, origin.rowid) == (
        "sparkle",
        "sparkle.db",
        "knowledge_nodes",
        1,
    )
    assert origin.path == str(source)
    assert origin.shown_key == f"id = {row.pk}"
    assert ruling.get(origin.first_link).status_code == 200
    text = ruling.get(row_url(KnowledgeNode, row.pk)).content.decode()
    assert "Columns that no model has" in text
    assert "青" in text


def test_a_row_that_no_import_brought_says_so(ruling: Client, make: Callable[..., Any]) -> None:
    node = make(KnowledgeNode)
    assert origins(node) == []
    assert "No import brought this row." in ruling.get(row_url(KnowledgeNode, node.pk)).content.decode()


def test_two_sources_of_one_row_are_both_named(ruling: Client, source: Path) -> None:
    other = source.with_name("other.db")
    other.write_bytes(source.read_bytes())
    load(other)
    found = origins(KnowledgeNode.objects.get(pk=uid(1, 1)))
    assert [(origin.source, origin.outcome_name) for origin in found] == [
        ("sparkle.db", "imported"),
        ("other.db", "the same as another source's row"),
    ]


def rays(client: Client, row: Any) -> dict[str, Any]:
    [origin] = origins(row)
    page = client.get(origin.compare_link)
    assert page.status_code == 200
    return {ray.column: ray for ray in page.context["xray"].rays} | {"problem": page.context["xray"].problem}


def test_the_xray_shows_source_and_stored_value(ruling: Client, source: Path) -> None:
    before = {path.name: path.read_bytes() for path in source.parent.iterdir()}
    found = rays(ruling, KnowledgeNode.objects.get(pk=uid(1, 1)))
    assert found["problem"] == ""
    assert found["name"].kind == "text"
    assert found["name"].value == '<div class="longtext">傅里叶 &lt;b&gt;</div>'
    assert found["name"].rule == "text, byte for byte"
    assert found["keywords"].stored.startswith('<details class="json"')
    assert {path.name: path.read_bytes() for path in source.parent.iterdir()} == before


def test_the_xray_hides_secrets(ruling: Client, source: Path) -> None:
    row = User.objects.get(pk=uid(1))
    [origin] = origins(row)
    assert "$2b$12$hidden" not in ruling.get(origin.compare_link).content.decode()


def test_a_source_that_is_gone_or_changed_is_said(
    ruling: Client, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = KnowledgeNode.objects.get(pk=uid(1, 1))
    with sqlite3.connect(source) as file:
        file.execute("UPDATE knowledge_nodes SET name = 'x'")
    file.close()
    assert "has changed since it was imported" in rays(ruling, row)["problem"]
    source.write_bytes(b"no database")
    assert "cannot be read" in rays(ruling, row)["problem"]
    monkeypatch.setattr(xray, "LARGEST", 5)
    assert "too large" in rays(ruling, row)["problem"]
    source.unlink()
    found = rays(ruling, row)
    assert "no longer where it was" in found["problem"]
    assert found["name"].kind == ""
    assert "傅里叶" in found["name"].stored


def test_only_who_may_sees_the_xray(
    client: Client, guest: Client, ruling: Client, source: Path, django_user_model: type[AbstractUser]
) -> None:
    [origin] = origins(KnowledgeNode.objects.get(pk=uid(1, 1)))
    assert client.get(origin.compare_link).status_code == 302
    assert guest.get(origin.compare_link).status_code == 403
    assert ruling.post(origin.compare_link).status_code == 403
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_source_values"))
    client.force_login(clerk)
    assert client.get(origin.compare_link).status_code == 403, "may not see the row itself"
    clerk.user_permissions.add(Permission.objects.get(codename="view_knowledgenode"))
    assert client.get(origin.compare_link).status_code == 200
    assert ruling.get(origin.compare_link.replace(uid(1, 1), uid(2, 1))).status_code == 404


def test_every_rule_has_words() -> None:
    tables = [
        t for s in load_systems().values() for v in (None, *s.variants) for t in s.of_variant(v).values()
    ]
    names = {logical(column.converter).partition("(")[0] for table in tables for column in table.columns}
    assert names <= xray.RULES.keys()
