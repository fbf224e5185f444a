"""The balance sheet of a run: as JSON for scripts, as text for people. Pure; knows no database."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CLASSES = ("imported", "updated", "unchanged", "quarantined", "skipped")
COUNTS = ("source_rows", *CLASSES)
LINKS = "links_renewed"
"""What a table calls the number of its rows that refer to another parent since."""
HEADINGS = ("rows", "imported", "updated", "unchanged", "quarantined", "skipped")


class Unbalanced(Exception):
    """A report in which a row is in no class, or in two: a defect of the importer."""


def totals(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up the six counts."""
    parts = list(parts)
    return {name: sum(part[name] for part in parts) for name in COUNTS}


def check_balance(report: Mapping[str, Any]) -> None:
    """Raise ``Unbalanced`` unless every source row of every table is in exactly one class."""
    for source in report["sources"]:
        for table in source["tables"]:
            if table["source_rows"] != sum(table[name] for name in CLASSES):
                raise Unbalanced(
                    f"{source['source_name']}: {table['source_table']} has {table['source_rows']} rows, but "
                    + ", ".join(f"{table[name]} {name}" for name in CLASSES)
                )


def write(report: Mapping[str, Any], path: str) -> None:
    """Write a report as JSON, whole or not at all; ``-`` is standard output."""
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def as_text(report: Mapping[str, Any]) -> str:
    """Return the balance sheet that a person reads at the end of a run."""
    lines: list[str] = []
    for source in report["sources"]:
        lines += _source_lines(source)
    lines += _footer(report)
    return "\n".join(lines)


def renewed(report: Mapping[str, Any] | None) -> int:
    """Return how many rows refer to another parent since a run."""
    tables = [table for source in report["sources"] for table in source["tables"]] if report else []
    return sum(table.get(LINKS, 0) for table in tables)


def _source_lines(source: Mapping[str, Any]) -> list[str]:
    if source["status"] == "refused":
        return [f"{source['path']}: refused ({source['reason']}): {source['message']}", ""]
    head = f"{source['path']}: {source['system']}, {source['variant']} (source {source['source_name']})"
    shown = [t for t in source["tables"] if t["source_rows"] or t.get("deleted") or t.get(LINKS)]
    empty = sum(1 for t in source["tables"] if t["kind"] != "skipped" and t not in shown)
    width = max([len(t["source_table"]) for t in shown] + [10])
    lines = [head, "  " + "table".ljust(width) + "".join(h.rjust(12) for h in HEADINGS)]
    for table in shown:
        lines.append("  " + table["source_table"].ljust(width) + _figures(table) + _note(table))
    lines.append("  " + "total".ljust(width) + _figures(source["totals"]))
    lines += [
        f"  {column['table']}.{column['column']}: no column of ours; {column['non_null']} values kept beside their rows"
        for column in source["unmapped_columns"]
    ]
    if empty:
        lines.append(f"  {empty} more {'table is' if empty == 1 else 'tables are'} empty")
    return [*lines, ""]


def _figures(counts: Mapping[str, int]) -> str:
    return "".join(f"{counts[name]:>12,}" for name in COUNTS)


def _note(table: Mapping[str, Any]) -> str:
    if table["kind"] == "skipped":
        return f"  skipped: {table['skip_reason']}"
    if table["kind"] == "archived":
        return "  archived"
    reasons = "".join(f"  {reason} {count}" for reason, count in sorted(table["reasons"].items()))
    beside = (("deleted", "deleted"), (LINKS, "links renewed"))
    return reasons + "".join(f"  {table[name]} {word}" for name, word in beside if table.get(name))


def _footer(report: Mapping[str, Any]) -> list[str]:
    counts = report["totals"]
    rate = counts["source_rows"] / report["seconds"] if report["seconds"] else 0
    word = "dry run, nothing kept" if report["dry_run"] else f"run {report['run_id']}"
    summary = ", ".join(f"{counts[name]:,} {name}" for name in CLASSES)
    return [
        f"{counts['source_rows']:,} rows = {summary}",
        f"{word}: {report['status']} in {report['seconds']:.1f} s ({rate:,.0f} rows/s)",
    ]
