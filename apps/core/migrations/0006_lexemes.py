"""Full text search cuts words by its own rules alone, whatever the locale of the server.

PostgreSQL's parser asks the C library of its host what a letter is: with LC_CTYPE C.UTF-8 it dropped ``½`` and ``²``,
which are words with LC_CTYPE C. Now a word is what stands between blanks; one that is too long for a tsvector is left
out, as the parser did. With LC_CTYPE C, as the embedded PostgreSQL has it, nothing changes.
"""

from importlib import import_module

from django.db import migrations

before = import_module("apps.core.migrations.0002_search")

LEXEMES = """
CREATE FUNCTION search_lexemes(terms text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg('''' || word || ''':' || least(place, 16383), ' '), '')::tsvector
    FROM unnest(array_remove(string_to_array(terms, ' '), '')) WITH ORDINALITY AS found(word, place)
    WHERE octet_length(word) < 2047
$$
"""
GRAMS = before.GRAMS.replace("to_tsvector('simple', ", "search_lexemes(")
QUERY = before.QUERY.replace("to_tsquery('simple', string_agg(", "string_agg(").replace("' & '))", "' & ')::tsquery")
QUERY = QUERY.replace("term(piece, ending)", "term(piece, ending) WHERE octet_length(piece) < 2047")


def anew(function):
    """Return what puts a function in the place of the one of its name."""
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    """The functions that asked the parser, without it."""

    dependencies = [("core", "0005_rights")]
    operations = [
        migrations.RunSQL(LEXEMES, "DROP FUNCTION search_lexemes(text)"),
        migrations.RunSQL(anew(GRAMS), anew(before.GRAMS)),
        migrations.RunSQL(anew(QUERY), anew(before.QUERY)),
    ]
