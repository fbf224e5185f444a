"""What a verification found of one table: counts of all, and the first of what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SHOWN = 20
"""How many differences of a table are named; all are counted."""
SHOWN_LENGTH = 200


@dataclass
class Findings:
    """What the comparison of one table found; rows in quarantine are counted, not compared."""

    source_table: str
    target_table: str
    source_rows: int = 0
    compared: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    quarantined: int = 0
    digest: str = ""
    differences: list[dict[str, Any]] = field(default_factory=list)
    quarantined_rows: list[dict[str, Any]] = field(default_factory=list)

    def tell(
        self, kind: str, key: Any, column: str | None = None, source: Any = None, target: Any = None
    ) -> None:
        """Name one difference, while there is room."""
        if len(self.differences) < SHOWN:
            named = {
                "kind": kind,
                "key": key,
                "column": column,
                "source": _short(source),
                "target": _short(target),
            }
            self.differences.append(named)

    def add(self, other: Findings) -> None:
        """Add what was found in a part of the table."""
        for name in ("compared", "different", "missing", "extra", "quarantined"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differences += other.differences[: SHOWN - len(self.differences)]
        self.quarantined_rows += other.quarantined_rows[: SHOWN - len(self.quarantined_rows)]

    @property
    def equal(self) -> bool:
        """Whether table and file are the same, rows in quarantine apart."""
        return not (self.different or self.missing or self.extra)


def _short(value: Any) -> Any:
    return value if value is None or len(str(value)) <= SHOWN_LENGTH else f"{str(value)[:SHOWN_LENGTH]}…"
