"""The pages: the admin, and the ways into it."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.core.login import enter

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("enter/<str:token>/", enter, name="enter"),
    path("i18n/", include("django.conf.urls.i18n")),
]
