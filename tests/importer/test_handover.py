"""A unique value that passes from one row of the file to another: by the order of the rows, whatever the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.importer.models import QuarantinedRow
from apps.learners.models import User
from tests.importer.legacy import uid, user, write
from tests.importer.test_import import counts, load

pytestmark = pytest.mark.django_db

BATCHES = [1, 2, 3, 1000]


def again(folder: Path, before: list[Any], after: list[Any], batch: int, fast: bool = True) -> Any:
    load(write(folder / "a" / "sparkle.db", "sparkle", {"users": before}), fast=fast)
    path = write(folder / "b" / "sparkle.db", "sparkle", {"users": after})
    return counts(load(path, batch=batch, fast=fast), "users")


def emails() -> dict[str, str]:
    return {str(pk)[-1]: str(email)[0] for pk, email in User.objects.values_list("pk", "email")}


def set_aside() -> list[tuple[Any, ...]]:
    return sorted(QuarantinedRow.objects.values_list("reason", "column_name", "message", "source_rowid"))


def person(number: int, letter: str) -> Any:
    return user(number, email=f"{letter}@example.com")


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("batch", BATCHES)
def test_a_new_row_takes_what_a_changed_one_gave_up(tmp_path: Path, batch: int, fast: bool) -> None:
    before, after = [person(1, "a"), person(2, "b")], [person(1, "c"), person(2, "b"), person(3, "a")]
    assert again(tmp_path, before, after, batch, fast) == (1, 1, 1, 0, 0)
    assert emails() == {"1": "c", "2": "b", "3": "a"}


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("batch", BATCHES)
def test_a_new_row_before_the_one_that_gives_up(tmp_path: Path, batch: int, fast: bool) -> None:
    before, after = [person(1, "a"), person(2, "b")], [person(1, "a"), person(3, "b"), person(2, "c")]
    assert again(tmp_path, before, after, batch, fast) == (0, 1, 1, 1, 0)
    assert emails() == {"1": "a", "2": "c"}
    assert [entry[0] for entry in set_aside()] == ["duplicate_key"]


@pytest.mark.parametrize("batch", BATCHES)
def test_changed_rows_pass_a_value_on(tmp_path: Path, batch: int) -> None:
    before = [person(1, "a"), person(2, "b"), person(3, "c")]
    after = [person(1, "d"), person(2, "a"), person(3, "b")]
    assert again(tmp_path, before, after, batch) == (0, 3, 0, 0, 0)
    assert emails() == {"1": "d", "2": "a", "3": "b"}


@pytest.mark.parametrize("batch", BATCHES)
def test_changed_rows_that_swap_their_values(tmp_path: Path, batch: int) -> None:
    before, after = [person(1, "a"), person(2, "b")], [person(1, "b"), person(2, "a"), person(3, "a")]
    assert again(tmp_path, before, after, batch) == (0, 0, 0, 3, 0)
    assert emails() == {"1": "a", "2": "b"}


@pytest.mark.parametrize("batch", BATCHES)
def test_an_edited_row_gives_nothing_up(tmp_path: Path, batch: int) -> None:
    load(write(tmp_path / "a" / "sparkle.db", "sparkle", {"users": [person(1, "a")]}))
    User.objects.filter(pk=uid(1)).update(nickname="edited")
    path = write(tmp_path / "b" / "sparkle.db", "sparkle", {"users": [person(1, "b"), person(2, "a")]})
    assert counts(load(path, batch=batch), "users") == (0, 0, 0, 2, 0)
    assert [(reason, column) for reason, column, *_ in set_aside()] == [
        ("duplicate_key", "email"),
        ("target_edited", None),
    ]
