"""A table in pieces that nobody will go on with: taken back, so that it is read anew, from its start, in order."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from apps.importer.intake import COUNTS
from apps.importer.mapping import model_of, pg_type
from apps.importer.models import RunPiece, RunTable, Stream
from apps.importer.runs import SourceHeld
from apps.importer.sql import cast, query, quote


def take_back_left(tables: QuerySet[RunTable]) -> None:
    """Take back those of some tables that are left in pieces, and will not be gone on with.

    Of such a table it is not known yet which of two rows with one key comes first.
    """
    for record in tables.filter(pieces__isnull=False).distinct():
        take_back(record)


def take_back(record: RunTable) -> None:
    """Delete the rows of a table in pieces, and all that is known of them; in one transaction.

    Rows that somebody edited since stay, and will be seen to be edited. The keys may be missing, and two rows have
    one: of those with the same identity, row and provenance go that one transaction wrote.
    """
    run = record.file.run
    stream = Stream.objects.get(source=record.file.source, source_table=record.source_table)
    model = model_of(record.target_table)
    if model is None:
        raise AssertionError(f"no model has the table {record.target_table}")
    pk, kind = quote(str(model._meta.pk.column)), cast(pg_type(model._meta.pk))
    mine = "p.stream_id = %s AND p.first_run = %s"
    with transaction.atomic():
        hold_pieces(record)
        # neither table has statistics: without its key, each row might be looked for in the whole other one
        query("SET LOCAL rehome.importing = 'on'; SET LOCAL enable_nestloop = off")
        query(
            f"WITH gone AS (DELETE FROM {quote(model._meta.db_table)} t USING importer_provenance p WHERE {mine} "
            f"AND t.{pk} = coalesce(p.target_pk, p.identity){kind} AND t.xmin = p.xmin "
            "RETURNING p.identity, p.xmin AS wrote) "
            f"DELETE FROM importer_provenance p USING gone WHERE {mine} "
            "AND p.identity = gone.identity AND p.xmin = gone.wrote",
            [stream.pk, run.number, stream.pk, run.number],
        )
        stream.quarantined.filter(run=run).delete()
        record.waiting.all().delete()
        record.pieces.all().delete()
        for name in COUNTS:
            setattr(record, name, 0)
        record.reasons, record.unmapped, record.seconds, record.checkpoint = {}, {}, 0, None
        record.save()


def hold_pieces(record: RunTable) -> list[RunPiece]:
    """Lock all pieces of a table, so that nobody adds to what is added up or taken back."""
    pieces = list(record.pieces.select_for_update().order_by("number"))
    if not pieces:
        raise SourceHeld("another import went on with this source; see import_runs")
    return pieces
