"""The project's pages, and Django's own admin as it comes, for comparison."""

from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import path

from apps.knowledge.models import KnowledgeNode
from apps.tutoring.models import ChatMessage
from config import urls

stock = AdminSite(name="stock")
stock.register(KnowledgeNode)
stock.register(
    ChatMessage,
    type(
        "UsualAdmin",
        (ModelAdmin,),
        {
            "list_display": ("id", "user", "task", "role", "content", "created_at"),
            "list_filter": ("role", "model_name"),
            "search_fields": ("content",),
            "date_hierarchy": "created_at",
        },
    ),
)
urlpatterns = [path("stock/", stock.urls), *urls.urlpatterns]
