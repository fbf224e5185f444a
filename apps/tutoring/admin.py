"""Chats with the tutor as conversations: a session is known by its messages alone."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.keys import list_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.transcripts import Messages, link_panel, message_link, read
from apps.tutoring.models import ChatMessage

MESSAGES = Messages(
    ChatMessage,
    *("session_id", "role", "content", "created_at"),
    notes=("model_name", "tokens_used"),
    data=("actions",),
)


def session_url(session: UUID) -> str:
    """Return the address of a session's conversation."""
    return reverse("admin:tutoring_chatmessage_session", args=(session,))


def session_panel(request: HttpRequest, own: InspectionAdmin, row: ChatMessage) -> Panel:
    """Lead from a message to its conversation."""
    return link_panel(message_link(session_url(row.session_id), row.pk))


@admin.register(ChatMessage)
class ChatMessageAdmin(InspectionAdmin):
    """Messages, and the sessions they make up."""

    columns = ("id", "content", "created_at", "role", "user", "session_id", "model_name")
    panels = (session_panel,)

    def get_urls(self) -> list[Any]:
        """Return the pages' addresses: those of every model, and a session's."""
        view = self.admin_site.admin_view(self.session_view)
        return [
            path("session/<uuid:session>/", view, name="tutoring_chatmessage_session"),
            *super().get_urls(),
        ]

    def session_view(self, request: HttpRequest, session: UUID) -> HttpResponse:
        """Show a session as a conversation."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        talk = read(request, MESSAGES, session)
        if not talk.turns:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Conversation %(session)s") % {"session": session},
            "list_link": f"{list_url(ChatMessage)}?session_id={session}",
            "panel": {"talk": talk},
        }
        return TemplateResponse(request, "core/inspection/conversation.html", context)


register_remaining("tutoring")
