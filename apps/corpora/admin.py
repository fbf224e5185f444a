"""Corpora as a trail: a corpus, its documents, their pieces in order."""

from django.contrib import admin

from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.trail import Pieces, around_panel, pieces_panel
from apps.corpora.models import Chunk, Corpus, Document

DOCUMENTS = Pieces(Document, "corpus", "created_at", "source_path", heading="display_name")
CHUNKS = Pieces(Chunk, "document", "chunk_index", "text_preview", above=("corpus",))


@admin.register(Corpus)
class CorpusAdmin(InspectionAdmin):
    """A corpus opens with its documents."""

    panels = (pieces_panel(DOCUMENTS),)


@admin.register(Document)
class DocumentAdmin(InspectionAdmin):
    """A document opens with its pieces."""

    panels = (pieces_panel(CHUNKS),)


@admin.register(Chunk)
class ChunkAdmin(InspectionAdmin):
    """A piece opens among the pieces around it."""

    panels = (around_panel(CHUNKS),)


register_remaining("corpora")
