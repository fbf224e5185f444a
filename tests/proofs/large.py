"""A large import, and its verification as a process of its own: time beside the import's, and memory."""

from __future__ import annotations

from apps.samples.writer import write_sample
from tests.bench import samples
from tests.proofs.proof import Commands, Proof

MOST_MEMORY = 256
"""MB of the verifying process."""
MOST_TIME = 1.5
"""Times as long as the import."""
LARGE = 200_000
"""Rows from which on times can be compared; below, the start of a process is most of it."""


def prove(commands: Commands, rows: int) -> Proof:
    """Import so many chat messages, and verify them."""
    path = write_sample(samples.SAMPLES["chat"], commands.folder, rows, clean=True).path
    loaded = commands.run("import_sqlite", path, "--no-progress", limit=900)
    checked = commands.run("verify_import", path, limit=900)
    ratio = checked.seconds / loaded.seconds
    wrong = [f"{ran.code}: {ran.said[-800:]}" for ran in (loaded, checked) if ran.code != 0]
    compared = checked.report.get("totals", {}).get("compared", 0)
    if compared < rows:
        wrong.append(f"only {compared:,} rows were compared")
    if checked.peak > MOST_MEMORY:
        wrong.append(f"more than {MOST_MEMORY} MB")
    if rows >= LARGE and ratio > MOST_TIME:
        wrong.append(f"more than {MOST_TIME} times as long as the import")
    return Proof(
        f"{compared:,} rows: import {loaded.seconds:.1f} s, verification {checked.seconds:.1f} s ({ratio:.2f} times "
        f"that), {checked.peak:.0f} MB",
        wrong,
    )
