"""Writing down of each imported row where it comes from, beside the row itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any

from apps.importer.binary import Format
from apps.importer.binding import Ready, copy_field, copy_fields
from apps.importer.fastpath import Passed
from apps.importer.mapping import ResolvedTable, pg_type
from apps.importer.models import Provenance, Stream
from apps.importer.sql import cast, copy, copy_binary, quote

if TYPE_CHECKING:
    from apps.importer.blocks import Blocks

TABLE = Provenance._meta.db_table
COLUMNS = (
    "stream_id", "identity", "source_rowid", "digest", "target_pk", "outcome", "extras", "first_run", "last_run",
)  # fmt: skip


def rowid(ready: Ready) -> str | None:
    """Return the source row's rowid, which some tables lack."""
    return None if ready.row.rowid is None else str(ready.row.rowid)


def standing(table: ResolvedTable) -> str:
    """Join the rows ``t`` of a stream, which is a parameter, that were not edited with their provenance ``p``."""
    (key,) = (field for field in table.model._meta.concrete_fields if field.column == table.pk)
    return (
        f"{quote(table.target)} t JOIN importer_provenance p ON p.stream_id = %s AND t.xmin = p.xmin "
        f"AND t.{quote(table.pk)} = coalesce(p.target_pk, p.identity){cast(pg_type(key))}"
    )


class Registrar:
    """Writes the provenance of one stream's rows, for one run."""

    def __init__(self, stream: Stream, run_number: int) -> None:
        self._stream = stream.pk
        self._run = run_number

    def note(self, rows: Sequence[Ready], outcome: Provenance.Outcome) -> None:
        """COPY the provenance of rows."""
        if not rows:
            return
        stream, run, kind = self._stream, self._run, int(outcome)
        lines = (
            f"{stream}\t{copy_field(r.identity)}\t{copy_field(rowid(r))}\t{r.digest}\t"
            f"{copy_field(_other_pk(r))}\t{kind}\t{copy_field(r.extras)}\t{run}\t{run}\n"
            for r in rows
        )
        copy(TABLE, ", ".join(COLUMNS), lines)

    def note_passed(self, passed: Passed) -> None:
        """COPY the provenance of the hot path's rows."""
        if passed.in_blocks:
            self._note_in_blocks(passed)
            return
        start, run = f"{self._stream}\t", self._run
        rest = f"\t{int(Provenance.Outcome.IMPORTED)}\t\\N\t{run}\t{run}\n"
        notes = zip(
            copy_fields(passed.identities),
            passed.rowids,
            passed.digests,
            passed.pks or repeat("\\N"),
            strict=False,
        )
        copy(TABLE, ", ".join(COLUMNS), [f"{start}{i}\t{n}\t{d}\t{pk}{rest}" for i, n, d, pk in notes])

    def _note_in_blocks(self, passed: Passed) -> None:
        from apps.importer.blocks import constant, whole_numbers

        count = len(passed.rows)
        columns: list[Any] = [
            constant(self._stream, count),
            passed.identities,
            whole_numbers(passed.rowids),
            passed.digests,
            passed.pks or [None] * count,
            constant(int(Provenance.Outcome.IMPORTED), count),
            [None] * count,
            *[constant(self._run, count)] * 2,
        ]
        form, blocks = self._blocks
        names = [COLUMNS[place] for place in form.order]
        copy_binary(TABLE, ", ".join(names), blocks.rows(columns), len(columns))

    @cached_property
    def _blocks(self) -> tuple[Format, Blocks]:
        """How NumPy puts provenance together."""
        from apps.importer.blocks import Blocks

        fields = {field.column: field for field in Provenance._meta.concrete_fields}
        form = Format(pg_type(fields[name]) for name in COLUMNS)
        return form, Blocks(form)


def _other_pk(ready: Ready) -> str | None:
    """Return the target's key where it is another than the identity."""
    return None if ready.pk == ready.identity else ready.pk
