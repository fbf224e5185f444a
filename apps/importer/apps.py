"""The import engine: legacy SQLite files to PostgreSQL, every row accounted for."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ImporterConfig(AppConfig):
    """The importer's models, commands and checks."""

    name = "apps.importer"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Import"

    def ready(self) -> None:
        from apps.importer import checks  # noqa: F401  registers the checks

        for signal in (pre_migrate, post_migrate):
            signal.connect(_finish_left_behind, sender=self)


def _finish_left_behind(stdout: Any = None, **kwargs: Any) -> None:
    """Build what an interrupted import left unbuilt; ``flush`` gives nowhere to say what it waits for."""
    from apps.importer import indexes, keys

    keys.finish_left_behind(say=stdout.write if stdout else indexes.silently)
