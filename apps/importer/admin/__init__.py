"""The importer's pages: its runs with their balance, its quarantine, and where each row came from."""

from django.contrib import admin

from apps.core.admin import InspectionAdmin
from apps.core.inspection import panels
from apps.core.inspection.home import with_facts
from apps.core.inspection.registry import translate_names
from apps.importer import models
from apps.importer.admin.home import latest_runs, open_quarantine, table_facts
from apps.importer.admin.origins import origin_panel
from apps.importer.admin.quarantine import ArchiveAdmin, QuarantineAdmin
from apps.importer.admin.runs import FileAdmin, RunAdmin, TableAdmin
from apps.importer.admin.streams import StreamAdmin

PAGES: tuple[tuple[type, type[InspectionAdmin]], ...] = (
    (models.ImportRun, RunAdmin),
    (models.RunFile, FileAdmin),
    (models.RunTable, TableAdmin),
    (models.QuarantinedRow, QuarantineAdmin),
    (models.ArchivedRow, ArchiveAdmin),
    (models.ImportSource, InspectionAdmin),
    (models.Stream, StreamAdmin),
    (models.DeferredIndex, InspectionAdmin),
)
"""What is shown. A row that waits for its parent and the former values that an undo needs are the engine's own."""

for model, page in PAGES:
    translate_names(model)
    admin.site.register(model, page)

panels.on_every_row(origin_panel)
panels.on_home(latest_runs)
panels.on_home(open_quarantine)
with_facts(table_facts)
