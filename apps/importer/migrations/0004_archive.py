"""The archive of tables that no mapping knows; its rows stand in the view of origins beside the imported ones."""

import django.db.models.deletion
from django.db import migrations, models

IMPORTED = """
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
ARCHIVED = """
SELECT 'archive:' || a.id AS id,
    src.system, src.name AS source_name, a.source_table, a.source_rowid,
    (SELECT coalesce(jsonb_object_agg(name, a.raw -> name), '{}'::jsonb) FROM unnest(s.key) AS name) AS source_key,
    'importer_archivedrow' AS target_table, a.id::text AS target_pk,
    CASE WHEN a.first_run = a.last_run THEN 'imported' ELSE 'updated' END AS outcome,
    first.id AS first_run_id, last.id AS last_run_id, NULL::jsonb AS extras
FROM importer_archivedrow a
JOIN importer_stream s ON s.id = a.stream_id
JOIN importer_importsource src ON src.id = s.source_id
LEFT JOIN importer_importrun first ON first.number = a.first_run
LEFT JOIN importer_importrun last ON last.number = a.last_run
"""
DROP = "DROP VIEW importer_importedrow"
WITH_ARCHIVE = f"{DROP}; CREATE VIEW importer_importedrow AS {IMPORTED} UNION ALL {ARCHIVED}"
WITHOUT_ARCHIVE = f"{DROP}; CREATE VIEW importer_importedrow AS {IMPORTED}"


class Migration(migrations.Migration):
    dependencies = [("importer", "0002_importedrow")]

    operations = [
        migrations.CreateModel(
            name="ArchivedRow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("source_table", models.TextField()),
                ("source_rowid", models.BigIntegerField(null=True)),
                ("place", models.TextField(db_collation="C")),
                ("raw", models.JSONField()),
                ("digest", models.UUIDField()),
                ("first_run", models.IntegerField()),
                ("last_run", models.IntegerField()),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archived",
                        to="importer.stream",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["source_table", "id"], name="importer_archived_table"),
                ],
            },
        ),
        migrations.RunSQL(WITH_ARCHIVE, WITHOUT_ARCHIVE),
    ]
