-- Search that forgives: accents, word forms, unfinished words and typing errors.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- English word forms, and no stop words: "It", "Us" and "Up" are titles.
CREATE TEXT SEARCH DICTIONARY english_forms (TEMPLATE = snowball, LANGUAGE = english); -- noqa: PRS
CREATE TEXT SEARCH CONFIGURATION movie_words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION movie_words
ALTER MAPPING FOR asciiword, word, numword, hword, asciihword, numhword, hword_part, hword_asciipart, hword_numpart
WITH english_forms;

-- A title as it is typed: as written, and with what joins a word ("Spider-Man", "WALL·E", "S.W.A.T.") dropped.
CREATE FUNCTION title_spellings(title text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN fold_text(title) || CASE
    WHEN title ~ '\w[-.·]\w' THEN ' ' || fold_text(regexp_replace(title, '[-.·]', '', 'g'))
    ELSE ''
END;

-- Weights: A titles, B year and genres, C people, D overview. Texts are capped: a tsvector holds at most 1 MiB. In plpgsql, for
-- it keeps its plans and computes each part once; as one SQL expression it took three times as long.
CREATE FUNCTION movie_search_vector(
    title text, original_title text, alternative_titles text[], year integer, overview text, metadata jsonb
) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    titles text := title_spellings(title);
    kind text := concat_ws(' ', year, array_to_string(json_strings(metadata, '$.genres[*].name'), ' '));
    people text := array_to_string(
        json_strings(metadata, '$.cast[0 to 19].name') || json_strings(metadata, '$.crew[0 to 19].name'), ' '
    );
BEGIN
    IF original_title <> title THEN
        titles := titles || ' ' || title_spellings(original_title);
    END IF;
    IF alternative_titles <> '{}' THEN
        titles := left(titles || ' ' || title_spellings(array_to_string(alternative_titles, ' ')), 20000);
    END IF;
    RETURN setweight(to_tsvector('simple', titles) || to_tsvector('movie_words', titles), 'A')
        || setweight(to_tsvector('simple', fold_text(kind)), 'B')
        || setweight(to_tsvector('simple', fold_text(people)), 'C')
        || setweight(to_tsvector('movie_words', fold_text(left(coalesce(overview, ''), 20000))), 'D');
END
$$;

ALTER TABLE movies
ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    movie_search_vector(title, original_title, alternative_titles, year, overview, metadata)
) STORED;

-- The vector stays within the row, and only the document, which is larger, goes out of line: ranking reads the vectors of
-- hundreds of movies, and out of line each costs four times as much.
ALTER TABLE movies SET (toast_tuple_target = 3000);

CREATE INDEX movies_search_idx ON movies USING gin (search);
-- The same for the better known movies: what many of them match need not be looked for among all.
CREATE INDEX movies_search_128_idx ON movies USING gin (search) WHERE vote_count >= 128;
CREATE INDEX movies_search_1024_idx ON movies USING gin (search) WHERE vote_count >= 1024;
CREATE INDEX movies_search_4096_idx ON movies USING gin (search) WHERE vote_count >= 4096;

-- The words of titles, years and people: what a mistyped word is corrected to. A word stays when its movie goes;
-- the worst that it does is to find nothing.
CREATE TABLE search_words (
    word text COLLATE "C" NOT NULL
);

CREATE INDEX search_words_word_idx ON search_words (word);

-- Each of the words as it is, and with any one of its letters left out.
CREATE FUNCTION shortened(words text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT left(w.word, n) || substr(w.word, n + 2)
    FROM unnest(words) AS w (word)
    CROSS JOIN LATERAL generate_series(0, length(w.word)) AS n
);

-- Words at most two edits apart become one when two letters of each are left out: a lookup, however many words there
-- are. The beginnings of words are enough. Without a pending list, which every search would have to read.
CREATE INDEX search_words_shortened_idx ON search_words
USING gin (shortened(shortened(ARRAY[left(word, 7)]))) WITH (fastupdate = off);

-- Without a unique constraint, so that two writers who learn the same word never wait for one another; the rare
-- duplicate is harmless.
CREATE FUNCTION learn_words() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        INSERT INTO search_words (word)
        SELECT DISTINCT t.word
        FROM added AS a
        CROSS JOIN unnest(tsvector_to_array(ts_filter(a.search, '{a,b,c}'))) AS t (word)
        WHERE NOT EXISTS (SELECT FROM search_words AS s WHERE s.word = t.word);
    ELSE
        INSERT INTO search_words (word)
        SELECT t.word
        FROM unnest(tsvector_to_array(ts_filter(NEW.search, '{a,b,c}'))) AS t (word)
        WHERE NOT EXISTS (SELECT FROM search_words AS s WHERE s.word = t.word);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER movies_added_words AFTER INSERT ON movies
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION learn_words();

CREATE TRIGGER movies_changed_words AFTER UPDATE ON movies
FOR EACH ROW WHEN (OLD.search IS DISTINCT FROM NEW.search) EXECUTE FUNCTION learn_words();

-- Of the movies there already.
INSERT INTO search_words (word)
SELECT DISTINCT unnest(tsvector_to_array(ts_filter(m.search, '{a,b,c}')))
FROM movies AS m;

-- The words asked for: at most sixteen, since nobody types more and each costs an index scan. Articles count only where
-- nothing else is asked for: people leave them out, and put them where there are none.
CREATE FUNCTION asked_words(asked text) RETURNS TABLE (place bigint, word text, is_last boolean)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        w.place,
        left(w.word, 100),
        w.place = cardinality(a.words)
    FROM (
        SELECT
            f.words,
            '{the,a,an,and,of}'::text[] AS articles
        FROM (SELECT (string_to_array(fold_text(left(asked, 400)), ' '))[:16] AS words) AS f
    ) AS a
    CROSS JOIN unnest(a.words) WITH ORDINALITY AS w (word, place)
    WHERE w.word <> '' AND (w.word <> ALL(a.articles) OR a.words <@ a.articles);
END;

-- A word in any of its forms, and if it is unfinished every word that begins so; a number always is finished. A folded
-- word holds no character that means something in a tsquery, so the casts below cannot fail.
CREATE FUNCTION word_query(word text, unfinished boolean) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN word || CASE WHEN unfinished AND word !~ '^[0-9]+$' THEN ':*' ELSE '' END
    || ' | ' || coalesce((ts_lexize('english_forms', word))[1], word);

-- Every word that is asked for, the last one perhaps unfinished.
CREATE FUNCTION exact_query(asked text, unfinished boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg('(' || word_query(w.word, w.is_last AND unfinished) || ')', ' & ' ORDER BY w.place)::tsquery
    FROM asked_words(asked) AS w
);

-- The known words nearest to one: a single edit or swap of letters away, or two where a word of more than five
-- letters has nothing nearer. In plpgsql, as near_query, for it keeps its plan.
CREATE FUNCTION near_words(asked text) RETURNS SETOF text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY
    WITH measured AS (
        SELECT DISTINCT
            s.word,
            levenshtein_less_equal(s.word, asked, 2)
            -- Two letters swapped count as two edits there, and for people as one, the likeliest.
            - (length(s.word) = length(asked) AND translate(s.word, asked, '') = '')::integer * 1.5 AS distance
        FROM search_words AS s
        WHERE length(asked) BETWEEN 3 AND 60
            AND length(s.word) BETWEEN length(asked) - 2 AND length(asked) + 2
            AND shortened(shortened(ARRAY[left(s.word, 7)])) && CASE
                WHEN length(asked) <= 5 THEN shortened(ARRAY[asked])
                ELSE shortened(shortened(ARRAY[left(asked, 7)]))
            END
    )
    SELECT m.word
    FROM measured AS m
    WHERE m.distance <= least(
        CASE WHEN length(asked) <= 5 THEN 1 ELSE 2 END,
        greatest(1, (SELECT min(n.distance) FROM measured AS n))
    )
    ORDER BY m.distance ASC, similarity(m.word, asked) DESC, m.word ASC
    LIMIT 12;
END
$$;

-- The two known words that were typed as one: "starwars".
CREATE FUNCTION split_words(asked text) RETURNS SETOF text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT left(asked, n) || ' & ' || substr(asked, n + 1)
    FROM generate_series(3, least(length(asked), 30) - 3) AS n
    -- With a limit, so that each is looked up in the index instead of all known words being read for all.
    CROSS JOIN LATERAL (SELECT FROM search_words AS s WHERE s.word = left(asked, n) LIMIT 1) AS first
    CROSS JOIN LATERAL (SELECT FROM search_words AS s WHERE s.word = substr(asked, n + 1) LIMIT 1) AS second;
END;

-- The known words that were typed as this word and a neighbour: "bat man".
CREATE FUNCTION joined_words(before text, asked text, after text) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT j.word
    FROM unnest(ARRAY[before || asked, asked || after]) AS j (word)
    WHERE EXISTS (SELECT FROM search_words AS s WHERE s.word = j.word);
END;

-- Every word that is asked for, or one near to it. A known word counts as finished here.
CREATE FUNCTION near_query(asked text) RETURNS tsquery
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
BEGIN
    RETURN (
        SELECT string_agg(
            '('
            || word_query(w.word, w.is_last AND NOT EXISTS (SELECT FROM search_words AS s WHERE s.word = w.word))
            || coalesce((SELECT string_agg(' | ' || n.word, '') FROM near_words(w.word) AS n (word)), '')
            || coalesce((SELECT string_agg(' | (' || n.words || ')', '') FROM split_words(w.word) AS n (words)), '')
            || coalesce((SELECT string_agg(' | ' || n.word, '') FROM joined_words(w.before, w.word, w.after) AS n (word)), '')
            || ')',
            ' & ' ORDER BY w.place
        )::tsquery
        FROM (
            SELECT
                a.place,
                a.word,
                a.is_last,
                lag(a.word) OVER (ORDER BY a.place) AS before,
                lead(a.word) OVER (ORDER BY a.place) AS after
            FROM asked_words(asked) AS a
        ) AS w
    );
END
$$;
