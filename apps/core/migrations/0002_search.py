"""Full text search that finds words of Latin letters and pieces of Chinese and Japanese text alike.

``search_grams(document)`` makes a tsvector: words as FTS5's unicode61 cuts them (letters and digits, folded to
lower case without accents), and of a run of Chinese or Japanese characters every pair of neighbours.
``search_query(words)`` makes the tsquery that goes with it: all words must occur, ``word*`` stands for words that
begin so, and a run of Chinese characters for the pairs in it. Where there is no word it is NULL.
"""

from django.db import migrations

SEPARATORS = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2000-\u206f\u20a0-\u20cf\u2190-\u2447\u2500-\u2775\u2794-\u2bff\u2e00-\u2e2e\u2e30-\u3004\u3008-\u3020"
    r"\u3030\u303d-\u303f\u309b\u309c\u30a0\u30fb\ufe10-\ufe6b\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    r"\uffe0-\ufffd\U0001f000-\U0001faff"
)
"""What stands between words: blanks, punctuation, symbols, emoji."""

HAN = r"\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
"""Characters of scripts that put no blanks between words."""

ACCENTED = r"\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"

FOLD = rf"""
CREATE FUNCTION search_fold(document text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        lower(
            CASE WHEN document ~ '[{ACCENTED}]' THEN
                normalize(regexp_replace(normalize(document, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g'), NFC)
            ELSE document END
        ),
        '[{SEPARATORS}]+', ' ', 'g')
$$
"""

# A regular expression finds no overlapping matches: the pairs that start at even places come from the text as it
# is, those at odd places from the runs without their first character. A run's last character stands alone once,
# so that every character begins some lexeme.
TERMS = rf"""
CREATE FUNCTION search_terms(document text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN folded !~ '[{HAN}]' THEN folded ELSE
        regexp_replace(folded, '([{HAN}]{{1,2}})', ' \1 ', 'g') || ' ' ||
        regexp_replace(
            regexp_replace(regexp_replace(folded, '[^{HAN}]+', ' ', 'g'), '(^| )[{HAN}]', ' ', 'g'),
            '([{HAN}]{{1,2}})', ' \1 ', 'g')
    END
    FROM (SELECT search_fold(document) AS folded) AS f
$$
"""

# A tsvector holds 1 MiB at most, and a search column joins up to four documents: each may take a quarter. What
# 20,000 characters make always fits; of a longer document as much is taken as does.
GRAMS = """
CREATE FUNCTION search_grams(document text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED AS $$
DECLARE
    reach integer := 1000000;
    grams tsvector;
BEGIN
    IF document IS NULL THEN
        RETURN '';
    ELSIF length(document) <= 20000 THEN
        RETURN to_tsvector('simple', search_terms(document));
    END IF;
    LOOP
        BEGIN
            grams := to_tsvector('simple', search_terms(left(document, reach)));
            EXIT WHEN pg_column_size(grams) <= 250000;
        EXCEPTION WHEN program_limit_exceeded THEN
            NULL;
        END;
        reach := least(reach, length(document)) * 2 / 3;
    END LOOP;
    RETURN grams;
END
$$
"""

# jsonb shows a line end inside a string as a backslash and a letter, which would stick to the next word.
GRAMS_OF_JSON = r"""
CREATE FUNCTION search_grams(document jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED AS $$
    SELECT search_grams(regexp_replace(document::text, '\\(u[0-9a-f]{4}|.)', ' ', 'g'))
$$
"""

# Of a run of characters the query asks for each pair, of a lone character for any lexeme that begins with it.
# While the words are cut, a character of private use stands for the asterisk.
QUERY = rf"""
CREATE FUNCTION search_query(words text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsquery('simple', string_agg('''' || piece || '''' || ending, ' & '))
    FROM regexp_matches(
        search_fold(replace(words, '*', chr(57344))), '([{HAN}]+|[^{HAN} \ue000]+)(\ue000?)', 'g'
    ) AS found(part),
    LATERAL (
        SELECT substr(part[1], place, 2), CASE WHEN length(part[1]) = 1 THEN ':*' ELSE '' END
        FROM generate_series(1, greatest(length(part[1]) - 1, 1)) AS place
        WHERE part[1] ~ '^[{HAN}]'
        UNION ALL
        SELECT part[1], CASE part[2] WHEN '' THEN '' ELSE ':*' END
        WHERE part[1] !~ '^[{HAN}]'
    ) AS term(piece, ending)
$$
"""


class Migration(migrations.Migration):
    """The functions behind every full text search."""

    dependencies = [("core", "0001_vector")]
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION search_fold(text)"),
        migrations.RunSQL(TERMS, "DROP FUNCTION search_terms(text)"),
        migrations.RunSQL(GRAMS, "DROP FUNCTION search_grams(text)"),
        migrations.RunSQL(GRAMS_OF_JSON, "DROP FUNCTION search_grams(jsonb)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION search_query(text)"),
    ]
