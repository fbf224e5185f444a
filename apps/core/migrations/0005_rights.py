"""What an export needs: the right to it, and JSON without what stands under keys that name secrets.

``without_secrets(value)`` hides it at any depth; ``is_secret(name)`` tells such a key.
"""

from django.db import migrations, models

# The same names as the pages hide, told by the same expression; at any depth.
CLEAN = r"""
CREATE FUNCTION without_secrets(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF value::text !~* 'passw|phrase|crypt|secret|salt|key|credential|author|bearer|token' THEN
        RETURN value;
    ELSIF jsonb_typeof(value) = 'object' THEN
        RETURN coalesce((
            SELECT jsonb_object_agg(key, CASE WHEN is_secret(key) THEN '"••••••"' ELSE without_secrets(item) END)
            FROM jsonb_each(value) AS member(key, item)
        ), '{}');
    ELSIF jsonb_typeof(value) = 'array' THEN
        RETURN coalesce((
            SELECT jsonb_agg(without_secrets(item) ORDER BY place)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place)
        ), '[]');
    END IF;
    RETURN value;
END
$$
"""
SECRET = r"""
CREATE FUNCTION is_secret(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT replace(regexp_replace(name, '([a-z0-9])([A-Z])', '\1_\2', 'g'), '-', '_') ~*
        ('(passw(or)?d|passphrase|encrypted|secret|(^|_)salt|private_?key|api_?key|access_?key|credentials?'
        '|authorization|bearer|(^|_)token)(_(hash|value))?$|^hashed_|(^|_)(password|encrypted)(_|$)')
$$
"""


class Migration(migrations.Migration):
    """Rights that belong to no table, and the functions that keep secrets out of files."""

    dependencies = [("core", "0004_substrings")]
    operations = [
        migrations.RunSQL(SECRET, "DROP FUNCTION is_secret(text)"),
        migrations.RunSQL(CLEAN, "DROP FUNCTION without_secrets(jsonb)"),
        migrations.CreateModel(
            name="Right",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
            ],
            options={
                "permissions": (
                    ("export_rows", "Can export rows"),
                    ("view_source_values", "Can view values in source files"),
                ),
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
