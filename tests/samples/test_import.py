"""Every sample comes in as planned: what was planted is set aside, everything else is there."""

from pathlib import Path

import pytest

from apps.importer.pipeline import run_import
from apps.importer.runs import Options
from apps.samples.catalogue import SAMPLES
from apps.samples.writer import Sample

pytestmark = pytest.mark.django_db


class Silent:
    """A listener to whom nothing matters."""

    def say(self, message: str) -> None: ...

    def start(self, label: str, rows: int, done: int) -> None: ...

    def advance(self, rows: int) -> None: ...

    def stop(self) -> None: ...


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.system}-{one.variant}")
def test_what_was_planted_is_set_aside(made: Path, one: Sample) -> None:
    report = run_import([str(made / one.filename)], Options(), Silent()).report
    (source,) = report["sources"]
    found = {(t["source_table"], reason): n for t in source["tables"] for reason, n in t["reasons"].items()}
    skipped = {t["skip_reason"] for t in source["tables"] if t["kind"] == "skipped"}

    assert source["system"] == one.system
    assert found == one.planted
    assert skipped <= {"virtual", "shadow", "internal", "legacy_only"}
    assert source["unmapped_columns"] == []
