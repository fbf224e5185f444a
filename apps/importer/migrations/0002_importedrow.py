"""The view by which others read where each imported row came from; the table behind it stays narrow."""

from django.db import migrations

CREATE = """
CREATE VIEW importer_importedrow AS
SELECT p.stream_id || ':' || p.identity AS id,
    src.system, src.name AS source_name, s.source_table, p.source_rowid,
    CASE
        WHEN cardinality(s.key) = 0 OR p.identity = 'rowid:' || p.source_rowid THEN '{}'::jsonb
        WHEN cardinality(s.key) = 1 THEN jsonb_build_object(s.key[1], p.identity)
        ELSE (SELECT jsonb_object_agg(s.key[part.n], part.value)
            FROM jsonb_array_elements_text(p.identity::jsonb) WITH ORDINALITY AS part (value, n))
    END AS source_key,
    s.target_table, coalesce(p.target_pk, p.identity) AS target_pk,
    CASE p.outcome WHEN 1 THEN 'imported' WHEN 2 THEN 'updated' ELSE 'unchanged' END AS outcome,
    first.id AS first_run_id, last.id AS last_run_id, p.extras
FROM importer_provenance p
JOIN importer_stream s ON s.id = p.stream_id
JOIN importer_importsource src ON src.id = s.source_id
LEFT JOIN importer_importrun first ON first.number = p.first_run
LEFT JOIN importer_importrun last ON last.number = p.last_run
"""


class Migration(migrations.Migration):
    dependencies = [("importer", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP VIEW importer_importedrow")]
