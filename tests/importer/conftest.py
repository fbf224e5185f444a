"""What the tests share: how many examples a property test tries, and how tables are taken for large ones.

500 examples; with HYPOTHESIS_PROFILE=long HYPOTHESIS_EXAMPLES, or 20,000.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]

settings.register_profile(
    "short", max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW
)
many = int(os.environ.get("HYPOTHESIS_EXAMPLES", "20000"))
settings.register_profile("long", max_examples=many, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a table that others use for a moment only, before it is tried again."""
    from apps.importer import indexes

    monkeypatch.setattr(indexes, "PATIENCE", "20ms")


@pytest.fixture
def large_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take every table for one that is worth lanes, and is filled without keys and indexes; empties all at the end."""
    from apps.importer import indexes, lanes
    from tests.importer.test_lanes import empty

    monkeypatch.setattr(lanes, "LEAST_ROWS", 1)
    monkeypatch.setattr(indexes, "WORTH_ROWS", 1)
    yield
    empty()
