from django.db import migrations

# The summary stands in another table: whatever happens to a note, its snippet is written again.
SEARCH = """
CREATE FUNCTION snippets_search() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.search :=
        setweight(search_grams(NEW.title), 'A') || setweight(search_grams(NEW.tags_json), 'C') ||
        setweight(search_grams((SELECT summary FROM snippet_notes WHERE snippet_id = NEW.id)), 'B') ||
        search_grams(NEW.code);
    RETURN NEW;
END
$$;
CREATE TRIGGER snippets_search BEFORE INSERT OR UPDATE OF id, title, code, tags_json, search ON snippets
FOR EACH ROW EXECUTE FUNCTION snippets_search();

CREATE FUNCTION snippet_notes_search() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE snippets SET search = NULL WHERE id IN (NEW.snippet_id, OLD.snippet_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER snippet_notes_search_insert AFTER INSERT ON snippet_notes
FOR EACH ROW WHEN (NEW.summary IS NOT NULL) EXECUTE FUNCTION snippet_notes_search();
CREATE TRIGGER snippet_notes_search_update AFTER UPDATE OF snippet_id, summary ON snippet_notes
FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION snippet_notes_search();
CREATE TRIGGER snippet_notes_search_delete AFTER DELETE ON snippet_notes
FOR EACH ROW WHEN (OLD.summary IS NOT NULL) EXECUTE FUNCTION snippet_notes_search();
"""

NO_SEARCH = """
DROP TRIGGER snippet_notes_search_delete ON snippet_notes;
DROP TRIGGER snippet_notes_search_update ON snippet_notes;
DROP TRIGGER snippet_notes_search_insert ON snippet_notes;
DROP FUNCTION snippet_notes_search();
DROP TRIGGER snippets_search ON snippets;
DROP FUNCTION snippets_search();
"""


class Migration(migrations.Migration):
    """The search column of snippets, kept by triggers: title before the note's summary before tags before code."""

    dependencies = [("core", "0002_search"), ("content", "0001_initial")]
    operations = [migrations.RunSQL(SEARCH, NO_SEARCH)]
