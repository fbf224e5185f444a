"""Rules about one column that many model declarations repeat, as check constraints."""

from django.db import models
from django.db.models.functions import Trim
from django.db.models.lookups import Exact, GreaterThan


def json_kind(field: str, kind: str, name: str) -> models.CheckConstraint:
    """Check that a JSON column holds a value of one kind, as ``jsonb_typeof`` names it, or NULL."""
    found = models.Func(models.F(field), function="jsonb_typeof", output_field=models.TextField())
    return models.CheckConstraint(condition=Exact(found, models.Value(kind)), name=name)


def not_blank(field: str, name: str) -> models.CheckConstraint:
    """Check that a text holds more than blanks."""
    return models.CheckConstraint(condition=GreaterThan(Trim(models.F(field)), models.Value("")), name=name)
