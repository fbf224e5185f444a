"""The import engine: legacy SQLite files to PostgreSQL, every row accounted for."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ImporterConfig(AppConfig):
    """The importer's models, commands and checks."""

    name = "apps.importer"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Import"

    def ready(self) -> None:
        from apps.importer import checks, keys  # noqa: F401  registers the checks

        for signal in (pre_migrate, post_migrate):
            signal.connect(lambda **kwargs: keys.finish_left_behind(), sender=self, weak=False)
