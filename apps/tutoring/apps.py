from django.apps import AppConfig


class TutoringConfig(AppConfig):
    name = "apps.tutoring"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Tutoring"
