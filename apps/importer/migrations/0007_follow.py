"""Rows whose search column alone is rewritten stay as unedited as they were.

A search column may depend on another table's rows (a snippet's note, a chunk's document). When PostgreSQL
rewrites a row for that reason alone, its provenance is rewritten with it, so that their ``xmin`` go on agreeing.
"""

from django.db import migrations

FOLLOW = """
CREATE FUNCTION importer_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'search' = to_jsonb(OLD) - 'search' THEN
        EXECUTE format(
            'UPDATE importer_provenance p SET last_run = p.last_run FROM importer_stream s, %1$I t '
            'WHERE s.id = p.stream_id AND s.target_table = %1$L AND p.identity = $1 COLLATE "C" '
            'AND t.%2$I = $1::%3$s AND t.xmin = p.xmin',
            TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]) USING to_jsonb(OLD) ->> TG_ARGV[0];
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER zz_importer_follow BEFORE UPDATE ON snippets
FOR EACH ROW EXECUTE FUNCTION importer_follow('id', 'uuid');
CREATE TRIGGER zz_importer_follow BEFORE UPDATE ON kb_chunks
FOR EACH ROW EXECUTE FUNCTION importer_follow('chunk_id', 'text');
"""

UNFOLLOW = """
DROP TRIGGER zz_importer_follow ON kb_chunks;
DROP TRIGGER zz_importer_follow ON snippets;
DROP FUNCTION importer_follow();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0006_deferred_indexes"),
        ("content", "0002_search"),
        ("library", "0002_search"),
    ]

    operations = [migrations.RunSQL(FOLLOW, UNFOLLOW)]
