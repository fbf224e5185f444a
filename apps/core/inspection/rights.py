"""Rights that belong to no table: a model without a table holds them, as Django's permissions need one."""

from django.db import models


class Right(models.Model):
    """What people may be allowed beyond looking at rows."""

    class Meta:
        app_label = "core"
        managed = False
        default_permissions = ()
        permissions = (
            ("export_rows", "Can export rows"),
            ("view_source_values", "Can view values in source files"),
        )
