"""What the domain apps register their models with."""

from apps.core.inspection import checks
from apps.core.inspection.base import InspectionAdmin
from apps.core.inspection.registry import register_remaining

__all__ = ["InspectionAdmin", "checks", "register_remaining"]
