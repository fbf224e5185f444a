"""The admin of this project as an app: ``INSTALLED_APPS`` names it in the place of ``django.contrib.admin``.

Its pages are imported with the addresses (``config/urls.py``), not by every command: an import shows none.
"""

from django.contrib.admin.apps import SimpleAdminConfig


class InspectionConfig(SimpleAdminConfig):
    """The admin, with the inspecting site as its default site."""

    default_site = "apps.core.inspection.site.InspectionSite"
