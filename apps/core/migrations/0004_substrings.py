"""Functions behind a search for any piece of text, as ILIKE finds it, by an index.

``substring_grams(document)`` makes a tsvector of every three neighbouring letters or digits of a word and every two
neighbouring Chinese or Japanese characters, in lower case; a piece at the end of its run may be shorter.
``substring_query(piece)`` makes the tsquery that every document with that piece satisfies, and a few others do: who
asks compares the text itself as well. It is NULL where the piece holds no letter, digit or such character.
"""

from django.db import migrations

HAN = r"\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Characters of scripts that put no blanks between words."""

LONGEST = 50_000
"""Characters of a document that are cut into pieces: what these make always fits into a tsvector."""

# A regular expression finds no overlapping matches: each pass cuts the runs from another start. Documents that are
# longer than what is cut satisfy every query. The cost tells the planner to ask the index rather than to cut.
GRAMS = rf"""
CREATE FUNCTION substring_grams(document text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 3000 AS $$
    SELECT array_to_tsvector(array_remove(string_to_array(
        regexp_replace(words, '([^ ]{{3}})', '\1 ', 'g') || ' ' ||
        regexp_replace(regexp_replace(words, '(^| )[^ ]', ' ', 'g'), '([^ ]{{3}})', '\1 ', 'g') || ' ' ||
        regexp_replace(regexp_replace(words, '(^| )[^ ]{{1,2}}', ' ', 'g'), '([^ ]{{3}})', '\1 ', 'g') || ' ' ||
        regexp_replace(han, '([^ ]{{2}})', '\1 ', 'g') || ' ' ||
        regexp_replace(regexp_replace(han, '(^| )[^ ]', ' ', 'g'), '([^ ]{{2}})', '\1 ', 'g') ||
        CASE WHEN length(document) > {LONGEST} THEN ' ~' ELSE '' END, ' '), ''))
    FROM (
        SELECT regexp_replace(folded, '[^[:alnum:]]+|[{HAN}]+', ' ', 'g') AS words,
            regexp_replace(folded, '[^{HAN}]+', ' ', 'g') AS han
        FROM (SELECT lower(left(document, {LONGEST})) AS folded) AS f
    ) AS runs
$$
"""

# One or two letters may stand anywhere in a word: they begin some piece of it.
QUERY = rf"""
CREATE FUNCTION substring_query(piece text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ('(' || string_agg('''' || gram || '''' || ending, ' & ') || ') | ''~''')::tsquery
    FROM regexp_matches(
        lower(piece), '([{HAN}]+)|((?:(?![{HAN}])[[:alnum:]])+)', 'g'
    ) AS found(run),
    LATERAL (
        SELECT substr(run[1], place, 2), CASE WHEN length(run[1]) = 1 THEN ':*' ELSE '' END
        FROM generate_series(1, greatest(length(run[1]) - 1, 1)) AS place
        WHERE run[1] IS NOT NULL
        UNION ALL
        SELECT substr(run[2], place, 3), CASE WHEN length(run[2]) < 3 THEN ':*' ELSE '' END
        FROM generate_series(1, greatest(length(run[2]) - 2, 1)) AS place
        WHERE run[2] IS NOT NULL
    ) AS term(gram, ending)
$$
"""


class Migration(migrations.Migration):
    """The functions behind the admin's search."""

    dependencies = [("core", "0003_touch")]
    operations = [
        migrations.RunSQL(GRAMS, "DROP FUNCTION substring_grams(text)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION substring_query(text)"),
    ]
