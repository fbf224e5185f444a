"""A system check: no imported model gets pages that could change rows, or that load whole tables."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register


@register("core")
def imported_models_are_inspected(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find models of the project's own apps that are registered without ``InspectionAdmin``."""
    from apps.core.inspection.base import InspectionAdmin

    admin.autodiscover()
    own = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    return [
        Error(
            f"{model._meta.label} is registered with {type(found).__name__}, which is no InspectionAdmin.",
            hint="Derive its admin class from apps.core.inspection.base.InspectionAdmin.",
            obj=model,
            id="core.E001",
        )
        for model, found in admin.site._registry.items()
        if model._meta.app_label in own and not isinstance(found, InspectionAdmin)
    ]
