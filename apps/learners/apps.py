from django.apps import AppConfig


class LearnersConfig(AppConfig):
    name = "apps.learners"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Learners"
