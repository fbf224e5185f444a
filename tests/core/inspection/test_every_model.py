"""What holds for the pages of every imported model, because it is registered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.core.inspection.describe import fields_of, kind
from apps.core.inspection.keys import list_url, row_url
from apps.core.inspection.registry import inspected_models
from tests.factories import factories
from tests.watchers import queries_at_most

MODELS = inspected_models()
STORED = [model for model in MODELS if model in factories()]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
every_stored_model = pytest.mark.parametrize("model", STORED, ids=lambda model: model._meta.label)

MOST_QUERIES = 12
LARGEST = 200 * 1024


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


WITHOUT_PAGES = {
    "core.Right": "has no table",
    "importer.Provenance": "has a key of two columns; each row's page shows where it came from",
    "importer.ImportedRow": "is a view over provenance, for others to read",
    "importer.Verification": "is shown on the home page, table by table",
    "importer.RunPiece": "is the engine's own, empty after a run",
    "importer.WaitingRow": "is the engine's own, empty after a run",
    "importer.FormerRow": "is what an undo needs: whole rows, secrets included",
    "importer.FormerEntry": "is what an undo needs, likewise",
}


def test_every_model_of_ours_has_pages() -> None:
    own = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    missing = {model._meta.label for model in own if not admin.site.is_registered(model)}
    assert missing == WITHOUT_PAGES.keys()


def test_every_stored_model_has_rows_to_look_at() -> None:
    ours = {*settings.DOMAIN_APPS, "apps.importer"}
    own = [model for model in MODELS if model._meta.managed and model._meta.app_config.name in ours]
    assert [model._meta.label for model in own if model not in STORED] == []


@every_model
def test_list_search_and_filters_open(ruling: Client, model: type[Model]) -> None:
    own = admin.site._registry[model]
    allowed = [field.name for field in fields_of(model) if own.lookup_allowed(field.name, "1", None)]
    for query in ({}, {"q": "登录 x'%_\\"}, {f"{name}__isnull": "1" for name in allowed}):
        with queries_at_most(MOST_QUERIES):
            assert ruling.get(list_url(model), query).status_code == 200
    assert ruling.get(address(model, "columns")).status_code == 200


@every_stored_model
def test_row_is_listed_and_opens(ruling: Client, model: type[Model], make: Callable[..., Any]) -> None:
    row = make(model)
    with queries_at_most(MOST_QUERIES):
        listed = ruling.get(list_url(model))
    assert row_url(model, row.pk) in listed.content.decode()
    with queries_at_most(MOST_QUERIES):
        page = ruling.get(row_url(model, row.pk))
    assert (listed.status_code, page.status_code) == (200, 200)
    assert max(len(listed.content), len(page.content)) < LARGEST
    shown = admin.site._registry[model].fields_by_name.values()
    columns = {field.column for field in shown if kind(field) != "secret"}
    assert ruling.get(address(model, "json", row.pk)).json().keys() == columns


@every_stored_model
def test_every_filter_of_the_list_opens(ruling: Client, model: type[Model], make: Callable[..., Any]) -> None:
    make(model)
    changes = ruling.get(list_url(model)).context["cl"]
    for spec in changes.filter_specs:
        for choice in spec.choices(changes):
            with queries_at_most(MOST_QUERIES):
                page = ruling.get(list_url(model) + choice["query_string"])
            assert page.status_code == 200, choice["query_string"]


@every_stored_model
def test_every_reference_leads_there_and_back(
    ruling: Client, model: type[Model], make: Callable[..., Any]
) -> None:
    row = make(model)
    page = ruling.get(row_url(model, row.pk)).content.decode()
    for field in fields_of(model):
        parent = getattr(row, field.name) if kind(field) == "reference" else None
        if parent is None or type(parent) not in MODELS:
            continue
        there = row_url(type(parent), parent.pk)
        assert f'href="{there}"' in page, field.name
        incoming = ruling.get(there).context["incoming"]
        [back] = [i.link for i in incoming if i.link.startswith(f"{list_url(model)}?{field.name}=")]
        assert row.pk in [found.pk for found in ruling.get(back).context["cl"].result_list]


@every_stored_model
def test_walking_older_visits_each_row_once(
    ruling: Client, model: type[Model], make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make(model)
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 2)
    link, seen = "", []
    while link is not None:
        changes = ruling.get(list_url(model) + link).context["cl"]
        seen += [row.pk for row in changes.result_list]
        link = changes.older_link
    assert len(seen) >= 5
    assert sorted(map(str, seen)) == sorted(map(str, model._base_manager.values_list("pk", flat=True)))


@every_model
def test_only_who_may_sees_it_and_nobody_changes_it(
    client: Client, guest: Client, ruling: Client, model: type[Model]
) -> None:
    lists = (list_url(model), address(model, "export"), address(model, "columns"))
    for url in (*lists, address(model, "change", "1"), address(model, "json", "1")):
        assert client.get(url)["Location"].startswith(reverse("admin:login"))
        assert guest.get(url).status_code == 403
    for page, args in (
        ("changelist", ()),
        ("add", ()),
        ("change", ("1",)),
        ("delete", ("1",)),
        ("json", ("1",)),
        ("export", ()),
        ("columns", ()),
    ):
        assert ruling.post(address(model, page, *args), {"post": "yes"}).status_code == 403, page


@every_stored_model
def test_view_permission_is_enough(looking: Client, model: type[Model], make: Callable[..., Any]) -> None:
    row = make(model)
    for url in (list_url(model), list_url(model) + "?q=x", row_url(model, row.pk)):
        with queries_at_most(MOST_QUERIES):
            assert looking.get(url).status_code == 200
    assert looking.get(address(model, "export"), {"_format": "csv"}).status_code == 403
