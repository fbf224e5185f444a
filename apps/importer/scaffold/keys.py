"""Whether every reference finds its row: the values of a column against those of the key it refers to."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

from apps.importer.convert import Converter, Invalid
from apps.importer.scaffold.judge import EXAMPLES, told
from apps.importer.scaffold.survey import BATCH, ColumnSurvey, place
from apps.importer.source import SourceFile, SourceTable, Stored


@dataclass(frozen=True)
class Keys:
    """The values that a key has, converted, by their hashes in order: eight bytes each, however many there are."""

    converter: Converter
    hashes: Any

    def strangers(self, file: SourceFile, table: SourceTable, column: ColumnSurvey) -> tuple[int, list[str]]:
        """Count the values of a column that the key does not have, and name the first."""
        count, number = 0, 0
        named: list[str] = []
        for rows in file.rows(table, [column.name], BATCH):
            texts = [converted(self.converter, row.values[0]) for row in rows]
            known = self.has(texts)
            for n, (row, text) in enumerate(zip(rows, texts, strict=True), number + 1):
                if row.values[0] is not None and (text is None or not known[n - number - 1]):
                    count += 1
                    if len(named) < EXAMPLES:
                        named.append(f"{place(row, n)} holds {told(row.values[0])}")
            number += len(rows)
        return count, named

    def has(self, texts: list[str | None]) -> list[bool]:
        """Tell of each text whether it is a value of the key."""
        import numpy as np

        if not len(self.hashes):
            return [False] * len(texts)
        sought = np.array([hash(text) for text in texts], dtype=np.int64)
        at = np.minimum(np.searchsorted(self.hashes, sought), len(self.hashes) - 1)
        return list(self.hashes[at] == sought)


def keys_of(file: SourceFile, table: SourceTable, column: ColumnSurvey, converter: Converter) -> Keys:
    """Read the values of a key."""
    import numpy as np

    hashes = array("q")
    for rows in file.rows(table, [column.name], BATCH):
        texts = (converted(converter, row.values[0]) for row in rows)
        hashes.extend(hash(text) for text in texts if text is not None)
    return Keys(converter, np.sort(np.array(hashes, dtype=np.int64)))


def converted(converter: Converter, value: Stored) -> str | None:
    """Return what a converter makes of a value, or None where it makes nothing of it."""
    try:
        return None if value is None else converter(value)
    except Invalid:
        return None
