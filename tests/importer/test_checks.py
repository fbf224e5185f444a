"""System checks of the mappings: what a mapping of one's own may get wrong is named before anything is imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from apps.importer import checks
from apps.importer.mapping import LegacySystem, Link, load_systems

SYSTEM = load_systems()["atlas"]


def altered(name: str, **changes: Any) -> LegacySystem:
    """Atlas with another declaration of one table."""
    tables = (replace(table, **changes) if table.source == name else table for table in SYSTEM.tables)
    return replace(SYSTEM, tables=tuple(tables))


CASES: list[tuple[LegacySystem, Callable[..., Any], str, str]] = [
    (
        altered("raw_documents", ignore=frozenset({"nothing"})),
        checks.mappings_name_real_fields,
        "importer.E001",
        "'nothing'",
    ),
    (
        altered("raw_documents", key=("nowhere",)),
        checks.mappings_give_keys,
        "importer.E002",
        "atlas.raw_documents: the key column 'nowhere' feeds no field",
    ),
    (
        altered("raw_documents", links={"source": Link("name", by=("name",))}),
        checks.mappings_keep_texts,
        "importer.E003",
        "atlas.raw_documents: the link's column 'name' feeds no field",
    ),
]
CHECKS = [check for _, check, _, _ in CASES]


@pytest.mark.parametrize(("system", "check", "code", "message"), CASES, ids=[code for *_, code, _ in CASES])
def test_a_fault_of_a_mapping_is_named(
    monkeypatch: pytest.MonkeyPatch, system: LegacySystem, check: Callable[..., Any], code: str, message: str
) -> None:
    monkeypatch.setattr(checks, "load_systems", lambda: {"atlas": system})
    found = check(None)
    assert {error.id for error in found} == {code}
    assert all(message in error.msg for error in found)


@pytest.mark.parametrize("check", CHECKS)
def test_the_mappings_that_are_here_have_none(check: Callable[..., Any]) -> None:
    assert check(None) == []


@pytest.mark.parametrize("check", CHECKS[1:])
def test_a_field_that_is_none_is_told_alone(
    monkeypatch: pytest.MonkeyPatch, check: Callable[..., Any]
) -> None:
    """What follows from it would only hide it."""
    monkeypatch.setattr(checks, "load_systems", lambda: {"atlas": CASES[0][0]})
    assert check(None) == []
