"""Voice sessions as conversations, with the calls of tools."""

from django.contrib import admin

from apps.conversations.models import Message, Session, ToolCall
from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.transcripts import Calls, Messages, spoken_panel, transcript_panel

MESSAGES = Messages(Message, "session", "role", "content", "timestamp", data=("meta_data",))
CALLS = Calls(
    ToolCall,
    *("session", "message", "tool_name", "timestamp"),
    notes=("execution_time_ms", "response_status"),
    data=("parameters", "result"),
)


@admin.register(Session)
class SessionAdmin(InspectionAdmin):
    """A session opens as what was said in it."""

    panels = (transcript_panel(MESSAGES, CALLS),)


@admin.register(Message)
class MessageAdmin(InspectionAdmin):
    """A message leads to its place in the conversation."""

    panels = (spoken_panel(MESSAGES),)


register_remaining("conversations")
