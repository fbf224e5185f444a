from django.apps import AppConfig


class DialogsConfig(AppConfig):
    name = "apps.dialogs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Dialogs"
