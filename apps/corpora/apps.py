from django.apps import AppConfig


class CorporaConfig(AppConfig):
    """Document collections that the voice assistant answers from."""

    name = "apps.corpora"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "RAG corpora"
