-- What the server's own statistics and the popular movies are read from.

-- Not a trusted extension: where the owner may not create it, monitoring goes without, and `status` says so.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
    RAISE NOTICE 'pg_stat_statements is not available: %', sqlerrm;
END
$$;

CREATE MATERIALIZED VIEW popular_movies AS
SELECT
    row_number() OVER (ORDER BY d.download_count DESC, d.imdb_rating DESC, d.id ASC) AS place,
    d.id,
    d.title,
    d.year,
    d.imdb_rating,
    d.download_count
FROM (
    SELECT
        m.id,
        m.title,
        m.year,
        m.imdb_rating,
        count(h.id) AS download_count
    FROM movies AS m
    LEFT JOIN history AS h ON h.movie_id = m.id AND h.event_type = 'downloaded'
    WHERE m.imdb_rating IS NOT NULL
    GROUP BY m.id
) AS d;

-- Unique, so that the view can be refreshed while it is read.
CREATE UNIQUE INDEX popular_movies_id_key ON popular_movies (id);
CREATE INDEX popular_movies_place_idx ON popular_movies (place, id);

CREATE FUNCTION refresh_popular_movies() RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY popular_movies;
END
$$;
