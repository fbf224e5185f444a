"""Rows as a file: exactly those that a list's filters choose, streamed as CSV or JSON Lines.

PostgreSQL writes the lines; they pass through here as blocks of bytes. Secrets stay out. In CSV a text that
a spreadsheet would take for a formula gets an apostrophe in front; JSON Lines hold every text as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Expression, QuerySet, TextField
from django.http import StreamingHttpResponse

from apps.core.inspection.copying import copied
from apps.core.inspection.describe import AnyField, kind

SECONDS = 600
PARAMETERS = ("_format", "_vectors", "_bom", "_colour", "_field")
"""Parameters of the address that say how to export or to draw; they filter nothing."""
FORMULA = ", ".join(str(ord(character)) for character in "=+-@\t\r")
"""The first characters of texts that spreadsheets take for formulas, by number."""
QUOTED = frozenset({"string", "text", "json", "array", "vector", "other"})


@dataclass(frozen=True)
class Form:
    """How rows are written: the file's ending and type, and whether it has a heading."""

    ending: str
    content_type: str


FORMS = {
    "csv": Form("csv", "text/csv; charset=utf-8"),
    "jsonl": Form("jsonl", "application/jsonl; charset=utf-8"),
}


def exported(fields: Sequence[AnyField], vectors: bool) -> list[AnyField]:
    """Return the fields that a file holds: no secret, vectors only when asked for."""
    return [f for f in fields if kind(f) != "secret" and (vectors or kind(f) != "vector")]


class Line(Expression):
    """A row as one line of a file, written by PostgreSQL."""

    output_field = TextField()

    def __init__(self, form: str, fields: Sequence[AnyField]) -> None:
        super().__init__(output_field=TextField())
        self.form, self.fields = form, fields

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return the line's expression over the columns of the query's table."""
        quote = connection.ops.quote_name
        table = quote(compiler.query.get_initial_alias())
        columns = [(f, f"{table}.{quote(f.column)}") for f in self.fields]
        if self.form == "csv":
            cells = " || ',' || ".join(_csv(field, column) for field, column in columns)
            return cells.replace("%", "%%"), []
        named = ", ".join(f"{_clean(field, column)} AS {quote(field.column)}" for field, column in columns)
        return f"(SELECT row_to_json(r)::text FROM (SELECT {named}) AS r)".replace("%", "%%"), []  # noqa: S608


def _clean(field: AnyField, column: str) -> str:
    if kind(field) != "json":
        return column
    return f"CASE WHEN {column} IS NOT NULL THEN without_secrets({column}) END"


def _csv(field: AnyField, column: str) -> str:
    text = f"{_clean(field, column)}::text"
    if kind(field) not in QUOTED and kind(field) != "reference":
        return f"coalesce({text}, '')"
    if kind(field) in ("string", "text", "reference"):
        text = f"CASE WHEN ascii({text}) IN ({FORMULA}) THEN '''' || {text} ELSE {text} END"
    return f"""coalesce('"' || replace({text}, '"', '""') || '"', '')"""


def heading(fields: Sequence[AnyField]) -> str:
    """Return the first line of a CSV file: the columns' names."""
    return ",".join('"' + str(field.column).replace('"', '""') + '"' for field in fields)


def stream(rows: QuerySet[Any], form: str, fields: Sequence[AnyField], bom: bool) -> Iterator[bytes]:
    """Yield a file's content, from one moment's state of the database."""
    if form == "csv":
        yield (("\ufeff" if bom else "") + heading(fields) + "\r\n").encode()
    with transaction.atomic():
        with connection.cursor() as cursor:
            limits = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_read_only', 'on', true)"
            cursor.execute(limits, [f"{SECONDS}s"])
        query, parameters = rows.annotate(line=Line(form, fields)).values_list("line").query.sql_with_params()
        yield from copied(query, parameters, b"\r\n" if form == "csv" else b"\n")
        transaction.set_rollback(True)


def response(content: Iterator[bytes], name: str, form: str) -> StreamingHttpResponse:
    """Return the answer that a browser stores as a file."""
    chosen = FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{chosen.ending}"'}
    return StreamingHttpResponse(content, content_type=chosen.content_type, headers=headers)
