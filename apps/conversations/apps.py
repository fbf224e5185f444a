from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Accounts of the voice assistant and what was said with them."""

    name = "apps.conversations"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Voice conversations"
