"""The legacy systems: one module each, exporting ``SYSTEM``; the only place with legacy names."""
