"""How fast the admin's pages are on a large database, beside Django's own admin: ``python -m tests.pages``."""
