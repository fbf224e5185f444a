"""How the values of the workloads are written for COPY, and as Python objects: by the kind of the target's column.

This is the benchmark's own reading of files that it wrote itself, and knows only what these hold. What the
importer makes of a value is judged by it, so the two share nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import orjson

Text = Callable[[Any], str]
Native = Callable[[Any], Any]


@dataclass(frozen=True)
class Plan:
    """How the rows of one legacy table go into their target: pairs of column and kind, in the order of the file."""

    source: str
    target: str
    model: str
    key: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def texts(self) -> list[Text]:
        """For each column what makes the text that COPY and INSERT take."""
        return [TEXTS.get(kind, str) for _, kind in self.columns]

    def natives(self) -> list[Native]:
        """For each column what makes the object that a Django model takes."""
        return [NATIVES.get(kind, _same) for _, kind in self.columns]


def read_plans(path: Path) -> list[Plan]:
    """The plans of a file of them."""
    return [
        Plan(**{**plan, "columns": tuple(map(tuple, plan["columns"]))})
        for plan in json.loads(path.read_text())
    ]


def moment(value: Any) -> datetime:
    """A stored moment: text with or without an offset (then UTC), or seconds since 1970."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def floats(value: Any) -> np.ndarray[Any, Any]:
    """A stored vector: packed float32, or a JSON list."""
    if isinstance(value, bytes):
        return np.frombuffer(value, dtype="<f4")
    return np.array(json.loads(value), dtype=np.float32)


def vector_text(value: Any) -> str:
    """A vector as pgvector reads it."""
    if isinstance(value, str):
        return value
    return orjson.dumps(floats(value), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def moment_text(value: Any) -> str:
    """A moment as PostgreSQL reads it; a text that says its offset is one already."""
    if isinstance(value, str) and "+" not in value:
        return value + "+00"
    return value if isinstance(value, str) else moment(value).isoformat()


def document(value: str) -> Any:
    """A JSON document; its ``null`` is no missing value."""
    read = json.loads(value)
    if read is None:
        from django.db.models import JSONField, Value

        return Value(None, JSONField())
    return read


def line(values: list[str | None]) -> str:
    """A row as a line of COPY's text format."""
    return "\t".join(r"\N" if value is None else escaped(value) for value in values) + "\n"


def escaped(value: str) -> str:
    """A value as COPY's text format has it."""
    value = value.replace("\\", "\\\\").replace("\n", "\\n")
    return value.replace("\t", "\\t").replace("\r", "\\r")


def _same(value: Any) -> Any:
    return value


def _truth(value: int) -> str:
    return "t" if value else "f"


TEXTS: dict[str, Text] = {
    "DateTimeField": moment_text,
    "BooleanField": _truth,
    "VectorField": vector_text,
    "FloatField": repr,
}
NATIVES: dict[str, Native] = {
    "DateTimeField": moment,
    "DateField": lambda value: datetime.fromisoformat(value).date(),
    "BooleanField": bool,
    "UUIDField": UUID,
    "JSONField": document,
    "VectorField": floats,
}
