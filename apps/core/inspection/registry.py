"""Registering models: those that need nothing special in one line for a whole app."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext_lazy, override

from apps.core.inspection.base import InspectionAdmin


def register_remaining(app_label: str) -> None:
    """Register every model of an app that has no admin class yet with ``InspectionAdmin``."""
    for model in apps.get_app_config(app_label).get_models():
        translate_names(model)
        if not admin.site.is_registered(model) and len(model._meta.pk_fields) == 1:
            admin.site.register(model, InspectionAdmin)


def inspected_models() -> list[type[Model]]:
    """Return the models that are registered with ``InspectionAdmin``, by their labels."""
    found = [model for model, own in admin.site._registry.items() if isinstance(own, InspectionAdmin)]
    return sorted(found, key=lambda model: model._meta.label)


def translate_names(model: type[Model]) -> None:
    """Let the names of a model, its app, fields and choices go through the catalogue, written as plain text."""
    meta = model._meta
    fields = [(field, "verbose_name") for field in meta.local_fields]
    with override(None):
        for owner, name in (
            (meta, "verbose_name_plural"),
            (meta, "verbose_name"),
            (meta.app_config, "verbose_name"),
            *fields,
        ):
            setattr(owner, name, gettext_lazy(str(getattr(owner, name))))
        for field in meta.local_fields:
            if field.choices:
                field.choices = [(value, gettext_lazy(str(label))) for value, label in field.flatchoices]
