from django.db import migrations

TOUCH = """
CREATE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$
"""


class Migration(migrations.Migration):
    """The trigger function that keeps ``updated_at`` current."""

    dependencies = [("core", "0002_search")]
    operations = [migrations.RunSQL(TOUCH, "DROP FUNCTION touch_updated_at()")]
