from django.apps import AppConfig


class EmbeddedPgConfig(AppConfig):
    name = "apps.embedded_pg"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "embedded PostgreSQL"
