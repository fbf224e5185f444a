"""The page of a table's columns: what the planner's statistics say of each, without a row being read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import Show, short_key
from apps.core.inspection.charts import stacked
from apps.core.inspection.counts import Count
from apps.core.inspection.describe import AnyField, is_light, kind
from apps.core.inspection.keys import list_url
from apps.core.inspection.text import grouped, one_line

FREQUENT = 5
"""The most values of a column that the page names."""
STATISTICS = """
SELECT s.attname, c.reltuples::bigint, s.null_frac, s.n_distinct, s.avg_width,
    CASE WHEN s.attname = ANY(%(shown)s) THEN (s.most_common_vals::text::text[])[1:%(most)s] END,
    s.most_common_freqs[1:%(most)s]
FROM pg_class c JOIN pg_stats s ON s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname
WHERE c.relname = %(table)s AND c.relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Survey:
    """A column: its title and name, its share of NULLs, how many values differ, its usual bytes, frequent values."""

    title: str
    column: str
    nulls: float
    distinct: Count
    width: str
    values: list[tuple[SafeString, str]]

    @property
    def bar(self) -> SafeString:
        """The shares of rows with a value and without."""
        return stacked([("plain", _("filled"), 1 - self.nulls), ("back", "NULL", self.nulls)], width=100)

    @property
    def empty(self) -> str:
        """The share of NULLs as text; nothing where there is none."""
        return percent(self.nulls) if self.nulls else ""


def percent(share: float) -> str:
    """Return a share in percent; one that is too small to show is said to be so."""
    return f"{share:.0%}" if share >= 0.01 or not share else "< 1%"


def surveyed(table: str, fields: Sequence[AnyField]) -> Iterator[Survey]:
    """Yield what is known of a table's columns, in their order; nothing of a table that was never analyzed."""
    shown = [str(field.column) for field in fields if is_light(field)]
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS, {"table": table, "shown": shown, "most": FREQUENT})
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    for field in fields:
        if field.column in known:
            rows, nulls, distinct, width, values, shares = known[field.column]
            different = Count(round(distinct if distinct >= 0 else -distinct * rows), "about")
            pairs = zip(values or (), shares or (), strict=False)
            show = _shower(field)
            frequent = [(show(value), percent(share)) for value, share in pairs]
            yield Survey(
                str(field.verbose_name), str(field.column), nulls, different, grouped(width), frequent
            )


def _shower(field: AnyField) -> Show:
    """Return what shows a value that the statistics give as text."""
    if kind(field) in ("reference", "uuid"):
        return short_key
    names = {"t": _("Yes"), "f": _("No")} if kind(field) == "boolean" else dict(field.flatchoices or ())
    return lambda text: one_line(str(names.get(text, text)), 40)


def survey_context(request: HttpRequest, own: Any) -> dict[str, Any]:
    """Return what the page of a model's columns shows."""
    return {
        **own.admin_site.each_context(request),
        "opts": own.opts,
        "title": _("Columns"),
        "columns": list(surveyed(own.opts.db_table, list(own.fields_by_name.values()))),
        "list_link": list_url(own.model),
    }
