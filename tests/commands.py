"""Running manage.py as a person does: in a process of its own, with an environment that the test decides."""

import os
import subprocess
import sys
from subprocess import CompletedProcess

from django.conf import settings

DECIDED = {"DATABASE_URL": "", "DJANGO_DEBUG": "", "DJANGO_SECRET_KEY": "", "LEGACY_SQLITE": ""}
"""Variables that are not to come from this machine: empty is as good as unset, and hides what .env says."""


def manage(*arguments: object, **environment: str) -> "CompletedProcess[str]":
    """Run ``manage.py`` to its end."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("POSTGRES_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env={**kept, **DECIDED, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
