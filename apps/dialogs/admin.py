"""Chats with the agents, and those of the web interface, as conversations."""

from django.contrib import admin

from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.transcripts import Messages, spoken_panel, transcript_panel
from apps.dialogs.models import ChatMessage, ChatSession, WebuiMessage, WebuiSession

CHAT = Messages(ChatMessage, "session", "role", "content", "created_at", data=("metadata",))
WEBUI = Messages(WebuiMessage, "session", "role", "content", "created_at", data=("metadata",))


@admin.register(ChatSession)
class ChatSessionAdmin(InspectionAdmin):
    """A chat opens as what was said in it."""

    panels = (transcript_panel(CHAT),)


@admin.register(WebuiSession)
class WebuiSessionAdmin(InspectionAdmin):
    """A session of the web interface opens as what was said in it."""

    panels = (transcript_panel(WEBUI),)


@admin.register(ChatMessage)
class ChatMessageAdmin(InspectionAdmin):
    """A message leads to its place in the chat."""

    panels = (spoken_panel(CHAT),)


@admin.register(WebuiMessage)
class WebuiMessageAdmin(InspectionAdmin):
    """A message leads to its place in the session."""

    panels = (spoken_panel(WEBUI),)


register_remaining("dialogs")
