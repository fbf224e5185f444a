"""Where an imported row came from: source file, table and rowid, the runs, what no column took."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.keys import encode, row_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.secrets import without_secrets
from apps.core.inspection.tree import tree
from apps.importer.admin.raw import readable
from apps.importer.models import ImportRun, Provenance, Stream

# The identity is the row's key where they are the same text; the index on target_pk finds the others.
ORIGINS = """
SELECT s.id, p.identity, src.system, src.name, s.source_table, p.source_rowid, s.key, p.outcome, p.extras,
    first.id, first.number, last.id, last.number, f.path, f.sha256, f.variant
FROM importer_stream s
JOIN importer_importsource src ON src.id = s.source_id
JOIN LATERAL (
    SELECT * FROM importer_provenance a
    WHERE a.stream_id = s.id AND a.identity = %(key)s AND a.target_pk IS NULL
    UNION ALL
    SELECT * FROM importer_provenance b WHERE b.stream_id = s.id AND b.target_pk = %(key)s
) p ON true
LEFT JOIN importer_importrun first ON first.number = p.first_run
LEFT JOIN importer_importrun last ON last.number = p.last_run
LEFT JOIN importer_runfile f ON f.run_id = last.id AND f.source_id = src.id
WHERE s.target_table = %(table)s
ORDER BY s.id
"""


@dataclass(frozen=True)
class Origin:
    """One source's row that became the shown row."""

    stream: int
    identity: str
    system: str
    source: str
    table: str
    rowid: int | None
    key: list[str]
    outcome: int
    extras: str | None
    first_run: Any
    first_number: int | None
    last_run: Any
    last_number: int | None
    path: str | None
    sha256: str | None
    variant: str | None

    @property
    def outcome_name(self) -> str:
        """What the import did with the row."""
        names = {
            Provenance.Outcome.IMPORTED: _("imported"),
            Provenance.Outcome.UPDATED: _("updated"),
            Provenance.Outcome.SHARED: _("the same as another source's row"),
        }
        return names.get(Provenance.Outcome(self.outcome), "")

    @property
    def shown_key(self) -> str:
        """The row's key in its source."""
        return f"{', '.join(self.key)} = {self.identity}" if self.key else ""

    @property
    def first_link(self) -> str | None:
        """The page of the run that brought the row."""
        return row_url(ImportRun, self.first_run) if self.first_run else None

    @property
    def last_link(self) -> str | None:
        """The page of the run that last changed the row."""
        return row_url(ImportRun, self.last_run) if self.last_run else None

    @property
    def stream_link(self) -> str:
        """The page of the source's table."""
        return row_url(Stream, self.stream)

    @property
    def compare_link(self) -> str:
        """The page that holds the source's values against the stored ones."""
        return reverse("admin:importer_stream_origin", args=(self.stream, encode(self.identity)))

    @property
    def rest(self) -> SafeString | None:
        """The values of columns that no column of ours takes."""
        return tree(without_secrets(readable(json.loads(self.extras)))) if self.extras else None


def origins(row: Model) -> list[Origin]:
    """Return where a row came from; empty for a row that no import brought."""
    with connection.cursor() as cursor:
        cursor.execute(ORIGINS, {"key": str(row.pk), "table": type(row)._meta.db_table})
        return [Origin(*found) for found in cursor.fetchall()]


def origin_panel(request: HttpRequest, own: Any, row: Model) -> Panel | None:
    """Show where a row came from."""
    if type(row)._meta.app_label == "importer":
        return None
    found = origins(row)
    context = {"origins": found, "may_compare": may_compare(request)}
    return Panel("origin", _("Where it came from"), "importer/origin.html", context)


def may_compare(request: HttpRequest) -> bool:
    """Tell whether a person may see the values in source files."""
    return bool(request.user.has_perm("core.view_source_values"))
