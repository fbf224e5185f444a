from django.db import migrations

from apps.core.triggers import touch_updated_at


class Migration(migrations.Migration):
    """``updated_at`` of ``work_items``, kept current as the legacy system kept it."""

    dependencies = [("core", "0003_touch"), ("runs", "0001_initial")]
    operations = [touch_updated_at("work_items")]
