from apps.core.admin import register_remaining

register_remaining("knowledge")
