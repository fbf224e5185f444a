"""The admin of this project as an app: ``INSTALLED_APPS`` names it in the place of ``django.contrib.admin``."""

from django.contrib.admin.apps import AdminConfig


class InspectionConfig(AdminConfig):
    """The admin, with the inspecting site as its default site."""

    default_site = "apps.core.inspection.site.InspectionSite"
