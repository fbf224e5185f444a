"""The property tests of every logical type, with 20,000 examples each."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from django.conf import settings

from tests.proofs.proof import Proof

TESTS = "tests/importer/test_convert_properties.py"


def prove(count: int, seed: int) -> Proof:
    """Run them in a process of their own, on all cores."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "-p",
        "no:randomly",
        f"--hypothesis-seed={seed}",
        TESTS,
    ]
    chosen = {"HYPOTHESIS_PROFILE": "long", "HYPOTHESIS_EXAMPLES": str(count)}
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=os.environ | chosen, capture_output=True, text=True
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    tests = int(passed[1]) if passed else 0
    wrong = [] if done.returncode == 0 and tests else [done.stdout[-3000:] + done.stderr[-1000:]]
    return Proof(f"{tests} properties hold, each for {count:,} examples", wrong)
