"""The people who look at the pages."""

from tests.watchers import guest, looking, make, ruling, viewer

__all__ = ["guest", "looking", "make", "ruling", "viewer"]
