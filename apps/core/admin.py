"""What the domain apps register their models with."""

from apps.core.inspection import checks, panels
from apps.core.inspection.base import InspectionAdmin
from apps.core.inspection.registry import register_remaining
from apps.core.inspection.vectors import vectors_panel

panels.on_every_row(vectors_panel)

__all__ = ["InspectionAdmin", "checks", "register_remaining"]
