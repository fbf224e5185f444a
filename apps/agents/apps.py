from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "apps.agents"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Agent tasks"
