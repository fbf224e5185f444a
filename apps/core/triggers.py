"""Triggers that several tables share, for use in migrations."""

from django.db.migrations import RunSQL

IMPORTING = "rehome.importing"
"""A setting that an import turns ``on`` in its transactions: rows keep the times that their source gives."""


def touch_updated_at(table: str) -> RunSQL:
    """Keep ``updated_at`` of a table current: a change that leaves it as it was sets it to now.

    A change that sets another ``updated_at`` itself, and any change by an import, is left alone.
    """
    return RunSQL(
        f"CREATE TRIGGER {table}_touch BEFORE UPDATE ON {table} FOR EACH ROW "
        "WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.* "
        f"AND current_setting('{IMPORTING}', true) IS DISTINCT FROM 'on') "
        "EXECUTE FUNCTION touch_updated_at()",
        f"DROP TRIGGER {table}_touch ON {table}",
    )
