from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Documents gathered from feeds and sites, and what became of them."""

    name = "apps.collection"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Document collection"
