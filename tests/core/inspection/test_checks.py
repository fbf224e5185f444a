"""The check that every model of ours is registered with the inspecting admin."""

from django.contrib import admin

from apps.core.inspection.checks import imported_models_are_inspected
from apps.tutoring.models import ChatMessage


def test_all_is_well() -> None:
    assert imported_models_are_inspected() == []


def test_a_plain_admin_is_found() -> None:
    registry = admin.site._registry
    proper = registry[ChatMessage]
    registry[ChatMessage] = admin.ModelAdmin(ChatMessage, admin.site)
    try:
        [error] = imported_models_are_inspected()
    finally:
        registry[ChatMessage] = proper
    assert error.id == "core.E001"
    assert "tutoring.ChatMessage" in error.msg
