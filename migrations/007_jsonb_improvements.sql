-- What queries ask of the JSONB documents becomes typed columns, and every document keeps its outer shape.

-- Each text that is not blank once, in the order of the document; capped, since an index entry has a greatest length.
CREATE FUNCTION json_strings(document jsonb, path jsonpath) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT left(found.value #>> '{}', 200) AS item
    FROM jsonb_path_query(document, path) WITH ORDINALITY AS found (value, place)
    WHERE jsonb_typeof(found.value) = 'string' AND found.value #>> '{}' ~ '\S'
    GROUP BY item
    ORDER BY min(found.place)
);

-- A rating that is not a number in range counts as absent: "N/A" must not make a write fail.
ALTER TABLE movies
ADD COLUMN genres text[] NOT NULL GENERATED ALWAYS AS (json_strings(metadata, '$.genres[*].name')) STORED,
ADD COLUMN imdb_rating real GENERATED ALWAYS AS (
    jsonb_path_query_first(
        metadata, '$.ratings.imdb.value ? (@.type() == "number" && @ >= 0 && @ <= 10)'
    )::numeric(7, 4)::real
) STORED,
ADD COLUMN tmdb_rating real GENERATED ALWAYS AS (
    jsonb_path_query_first(
        metadata, '$.ratings.tmdb.value ? (@.type() == "number" && @ >= 0 && @ <= 10)'
    )::numeric(7, 4)::real
) STORED,
ADD COLUMN metacritic_rating real GENERATED ALWAYS AS (
    jsonb_path_query_first(
        metadata, '$.ratings.metacritic.value ? (@.type() == "number" && @ >= 0 && @ <= 100)'
    )::numeric(7, 4)::real
) STORED,
ADD COLUMN rotten_tomatoes_rating real GENERATED ALWAYS AS (
    jsonb_path_query_first(
        metadata, '$.ratings.rotten_tomatoes.meter ? (@.type() == "number" && @ >= 0 && @ <= 100)'
    )::numeric(7, 4)::real
) STORED,
ADD COLUMN vote_count integer NOT NULL GENERATED ALWAYS AS (
    coalesce(jsonb_path_query_first(
        metadata, '$.tmdb.vote_count ? (@.type() == "number" && @ >= 0 && @ <= 2147483647)'
    )::integer, 0)
) STORED,
ADD CONSTRAINT movies_metadata_check CHECK (jsonb_typeof(metadata) = 'object');

CREATE INDEX movies_imdb_rating_idx ON movies (imdb_rating, id) WHERE imdb_rating IS NOT NULL;
CREATE INDEX movies_tmdb_rating_idx ON movies (tmdb_rating, id) WHERE tmdb_rating IS NOT NULL;
CREATE INDEX movies_metacritic_rating_idx ON movies (metacritic_rating, id) WHERE metacritic_rating IS NOT NULL;
CREATE INDEX movies_rotten_tomatoes_rating_idx ON movies (rotten_tomatoes_rating, id)
WHERE rotten_tomatoes_rating IS NOT NULL;

-- The movies of each genre in the orders that lists have: an index on the array would find all movies of a genre, and
-- these had to be sorted to show fifty. Kept by the triggers below alone, so that it needs no foreign key.
CREATE TABLE movie_genres (
    id bigint NOT NULL,
    genre text NOT NULL,
    sort_title text COLLATE "C" NOT NULL,
    year integer,
    added timestamptz NOT NULL,
    CONSTRAINT movie_genres_pkey PRIMARY KEY (id, genre)
);

CREATE INDEX movie_genres_title_idx ON movie_genres (genre, sort_title, id);
CREATE INDEX movie_genres_year_idx ON movie_genres (genre, (coalesce(year, 0)), id);
CREATE INDEX movie_genres_added_idx ON movie_genres (genre, added, id);

INSERT INTO movie_genres (id, genre, sort_title, year, added)
SELECT
    m.id,
    unnest(m.genres),
    m.sort_title,
    m.year,
    m.added
FROM movies AS m;

CREATE FUNCTION follow_genres() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            INSERT INTO movie_genres (id, genre, sort_title, year, added)
            SELECT m.id, unnest(m.genres), m.sort_title, m.year, m.added FROM moved AS m;
        WHEN 'UPDATE' THEN
            DELETE FROM movie_genres AS g WHERE g.id = OLD.id;
            INSERT INTO movie_genres (id, genre, sort_title, year, added)
            SELECT NEW.id, unnest(NEW.genres), NEW.sort_title, NEW.year, NEW.added;
        WHEN 'DELETE' THEN
            DELETE FROM movie_genres AS g USING moved AS m WHERE g.id = m.id;
        ELSE
            DELETE FROM movie_genres;
    END CASE;
    RETURN NULL;
END
$$;

CREATE TRIGGER movies_added_genres AFTER INSERT ON movies
REFERENCING NEW TABLE AS moved
FOR EACH STATEMENT EXECUTE FUNCTION follow_genres();

CREATE TRIGGER movies_removed_genres AFTER DELETE ON movies
REFERENCING OLD TABLE AS moved
FOR EACH STATEMENT EXECUTE FUNCTION follow_genres();

CREATE TRIGGER movies_changed_genres AFTER UPDATE ON movies
FOR EACH ROW WHEN (
    (old.id, old.genres, old.sort_title, old.year, old.added)
    IS DISTINCT FROM (new.id, new.genres, new.sort_title, new.year, new.added)
) EXECUTE FUNCTION follow_genres();

CREATE TRIGGER movies_emptied_genres AFTER TRUNCATE ON movies
FOR EACH STATEMENT EXECUTE FUNCTION follow_genres();

ALTER TABLE movie_files
ADD CONSTRAINT movie_files_documents_check CHECK (
    jsonb_typeof(media_info) = 'object' AND jsonb_typeof(custom_formats) = 'array'
);

ALTER TABLE scene_groups
ADD CONSTRAINT scene_groups_analysis_data_check CHECK (jsonb_typeof(analysis_data) = 'object');

ALTER TABLE quality_profiles
ADD CONSTRAINT quality_profiles_documents_check CHECK (
    jsonb_typeof(quality_items) = 'array'
    AND jsonb_typeof(custom_formats) = 'array'
    AND jsonb_typeof(format_items) = 'array'
);

ALTER TABLE indexers
ADD CONSTRAINT indexers_documents_check CHECK (jsonb_typeof(fields) = 'array' AND jsonb_typeof(tags) = 'array');

ALTER TABLE download_clients
ADD CONSTRAINT download_clients_documents_check CHECK (
    jsonb_typeof(fields) = 'array' AND jsonb_typeof(tags) = 'array'
);

ALTER TABLE download_queue
ADD CONSTRAINT download_queue_documents_check CHECK (
    jsonb_typeof(custom_formats) = 'array' AND jsonb_typeof(status_messages) = 'array'
);

ALTER TABLE history
ADD CONSTRAINT history_documents_check CHECK (
    jsonb_typeof(custom_formats) = 'array' AND jsonb_typeof(data) = 'object'
);
