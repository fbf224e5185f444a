from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "apps.practice"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Practice"
