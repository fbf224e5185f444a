"""The people who look at the pages."""

from django.contrib import admin

from tests.watchers import guest, looking, make, ruling, viewer

admin.autodiscover()  # as the addresses do, before the tests go through the registry

__all__ = ["guest", "looking", "make", "ruling", "viewer"]
