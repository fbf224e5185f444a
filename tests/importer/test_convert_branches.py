"""Every branch of the conversion is taken by the tables of cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

TESTS = ("test_convert", "test_plain", "test_anything")


def test_every_branch_is_covered(tmp_path: Path) -> None:
    data, report = f"--data-file={tmp_path / 'coverage'}", tmp_path / "report.json"
    files = [f"tests/importer/{name}.py" for name in TESTS]
    measured = ["--branch", "--source=apps/importer/convert", data]
    cases = "not postgres and not a_plain_column and not a_packed_column"
    quiet = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", cases]
    coverage = [sys.executable, "-m", "coverage"]
    for command in (
        [*coverage, "run", *measured, "-m", "pytest", *quiet, *files],
        [*coverage, "json", data, "-o", str(report)],
    ):
        ran = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(report.read_text())["files"]
    missing = {
        name: [*file["missing_lines"], *file["missing_branches"]]
        for name, file in found.items()
        if file["missing_lines"] or file["missing_branches"]
    }
    assert found
    assert missing == {}
