"""A batch that has to be written twice is counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importer.legacy import uid, user, write
from tests.importer.test_import import change, counts, load

pytestmark = pytest.mark.django_db


def test_unchanged_rows_of_a_batch_that_postgresql_refused_at_first(tmp_path: Path) -> None:
    path = write(tmp_path / "sparkle.db", "sparkle", {"users": [user(1), user(2)]})
    load(path)
    change(path, "INSERT INTO users SELECT * FROM users WHERE rowid = 1")
    change(path, "UPDATE users SET id = ?, username = 'other' WHERE rowid = 3", uid(9))
    assert counts(load(path), "users") == (0, 0, 2, 1, 0)
