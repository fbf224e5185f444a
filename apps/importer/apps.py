"""The import engine: legacy SQLite files to PostgreSQL, every row accounted for."""

from django.apps import AppConfig


class ImporterConfig(AppConfig):
    """The importer's models, commands and checks."""

    name = "apps.importer"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "import"

    def ready(self) -> None:
        from apps.importer import checks  # noqa: F401  registers them
