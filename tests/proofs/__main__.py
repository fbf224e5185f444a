"""The long target: what an import promises, shown by the hundred and the thousand; a line for each kind.

Run as ``python -m tests.proofs``; ``--only`` names kinds. Ends with 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["DATABASE_URL"] = ""  # each proof is on a server of its own

import django

django.setup()

from tests.kill.ground import ground  # noqa: E402
from tests.proofs.kinds import KINDS  # noqa: E402


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs", description=__doc__)
    names = [kind.name for kind in KINDS]
    parser.add_argument("--only", action="append", choices=names, help="this kind (repeatable)")
    parser.add_argument("--count", type=int, help="so many of each kind, in place of its own number")
    parser.add_argument("--seed", type=int, default=1, help="another number, other chances (1)")
    return parser.parse_args()


def main() -> int:
    """Do the proofs; print a line for each as it is done, and whatever was wrong below it."""
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server goes too
    failed = False
    with ground() as place:
        for kind in (kind for kind in KINDS if not options.only or kind.name in options.only):
            started = time.monotonic()
            proof = kind.do(place, kind.count if options.count is None else options.count, options.seed)
            verdict = "FAILED" if proof.wrong else "holds"
            line = f"{kind.name}: {verdict}: {proof.figures} ({time.monotonic() - started:.0f} s)"
            sys.stdout.write("\n".join([line, *(f"  {one}" for one in proof.wrong[:20])]) + "\n")
            sys.stdout.flush()
            failed = failed or bool(proof.wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
