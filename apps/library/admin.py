"""The agents' knowledge base as a trail: a source, its pieces in order."""

from django.contrib import admin

from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.trail import Pieces, around_panel, pieces_panel
from apps.library.models import KbChunk, KbSource

CHUNKS = Pieces(KbChunk, "source", "start_line", "content", heading="heading")


@admin.register(KbSource)
class KbSourceAdmin(InspectionAdmin):
    """A source opens with its pieces."""

    panels = (pieces_panel(CHUNKS),)


@admin.register(KbChunk)
class KbChunkAdmin(InspectionAdmin):
    """A piece opens among the pieces around it."""

    panels = (around_panel(CHUNKS),)


register_remaining("library")
