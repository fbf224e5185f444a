"""A few of each kind of proof; ``make proofs`` does them by the hundred and the thousand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.tutoring.models import AgentStatsSummary
from tests.proofs import changes, clean, damaged, large, limits, undo
from tests.proofs.proof import Commands, imported
from tests.proofs.sites import material_of

pytestmark = pytest.mark.slow


@pytest.mark.django_db
@pytest.mark.parametrize("system", ["atlas", "voice_agent"])
def test_single_changes_are_named(system: str, tmp_path: Path) -> None:
    path = material_of(tmp_path / "files", system, 150)
    imported(path)
    assert changes.prove([path], 50, 1).wrong == []


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    """Commands on the test database."""
    decided = {"DATABASE_URL": database_url, "DJANGO_SECRET_KEY": "for-this-test-alone"}
    return Commands(dict(os.environ) | decided, tmp_path)


def empty() -> None:
    """Begin anew."""
    call_command("flush", verbosity=0, interactive=False)
    AgentStatsSummary.refresh()


def test_damaged_files_harm_nothing_else(commands: Commands) -> None:
    assert damaged.prove(commands, empty, 7, 1, 100, ("voice_agent",)).wrong == []


def test_a_run_is_undone(commands: Commands) -> None:
    assert undo.prove(commands, empty, 1, 1, 150, ["sparkle"]).wrong == []


@pytest.mark.django_db
def test_undisturbed_imports_raise_no_alarm(tmp_path: Path) -> None:
    assert clean.prove(tmp_path, lambda: None, 3, 2).wrong == []


def test_a_verification_is_small(commands: Commands) -> None:
    assert large.prove(commands, 5000).wrong == []


@pytest.mark.parametrize("limit", limits.LIMITS[1:3])
def test_files_at_the_limits(commands: Commands, limit: limits.Limit) -> None:
    assert limits.prove(commands, lambda: None, [limit]).wrong == []
