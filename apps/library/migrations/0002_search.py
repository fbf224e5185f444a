from django.db import migrations

# The path stands in another table: a chunk takes it along when it is written, and is written again when it changes.
SEARCH = """
CREATE FUNCTION kb_chunks_search() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.search :=
        setweight(search_grams(NEW.heading), 'A') || setweight(search_grams(NEW.content), 'B') ||
        setweight(search_grams((SELECT path FROM kb_sources WHERE source_id = NEW.source_id)), 'C');
    RETURN NEW;
END
$$;
CREATE TRIGGER kb_chunks_search BEFORE INSERT OR UPDATE OF source_id, heading, content, search ON kb_chunks
FOR EACH ROW EXECUTE FUNCTION kb_chunks_search();

CREATE FUNCTION kb_sources_search() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE kb_chunks SET search = NULL WHERE source_id = NEW.source_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER kb_sources_search AFTER UPDATE OF path ON kb_sources
FOR EACH ROW WHEN (NEW.path IS DISTINCT FROM OLD.path) EXECUTE FUNCTION kb_sources_search();
"""

NO_SEARCH = """
DROP TRIGGER kb_sources_search ON kb_sources;
DROP FUNCTION kb_sources_search();
DROP TRIGGER kb_chunks_search ON kb_chunks;
DROP FUNCTION kb_chunks_search();
"""


class Migration(migrations.Migration):
    """The search column of chunks, kept by triggers: heading before content before the document's path."""

    dependencies = [("core", "0002_search"), ("library", "0001_initial")]
    operations = [migrations.RunSQL(SEARCH, NO_SEARCH)]
