"""The admin site: every page guarded, a home page that tells what is here."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.core.inspection.guard import inspecting, secured

OWN = ("auth", "sessions")
"""Apps of Django itself whose models people of the project look after."""


class InspectionSite(AdminSite):
    """Django's admin site, reading under limits."""

    site_title = _("Rehome")
    site_header = _("Rehome")
    index_title = _("What is here")
    site_url = None
    enable_nav_sidebar = False
    index_template = "core/inspection/home.html"
    login_template = "core/inspection/login.html"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a page: who may not see it gets the login, who may reads under limits."""
        return super().admin_view(inspecting(view), cacheable)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Show the login page."""
        return secured(super().login(request, extra_context))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page shows: all but the list of all apps, which costs more than most pages do."""
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": None,
            "has_permission": self.has_permission(request),
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "log_entries": self.get_log_entries(request),
        }

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Show what is here: panels of the apps, the tables in groups, and last the project's own pages."""
        from apps.core.inspection import home
        from apps.core.inspection.panels import home_panels

        known = home.facts(request)
        context = {
            "panels": list(home_panels(request)),
            "table_groups": home.table_groups(request, known),
            "fact_titles": known.titles,
            "app_list": [app for app in self.get_app_list(request) if app["app_label"] in OWN],
            **(extra_context or {}),
        }
        return super().index(request, {**context, "title": self.index_title})
