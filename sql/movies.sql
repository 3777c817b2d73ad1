-- fragment: movie
m.id,
m.tmdb_id,
m.imdb_id,
m.title,
m.original_title,
m.alternative_titles,
m.clean_title,
m.sort_title,
m.year,
m.runtime,
m.overview,
m.tagline,
m.status,
m.release_date,
m.physical_release,
m.digital_release,
m.in_cinemas,
m.has_file,
m.monitored,
m.minimum_availability,
is_available(m) AS is_available,
m.quality_profile_id,
m.path,
m.root_folder_path,
m.folder_name,
m.size_on_disk,
m.tags,
m.metadata,
m.genres,
m.imdb_rating,
m.tmdb_rating,
m.metacritic_rating,
m.rotten_tomatoes_rating,
m.vote_count,
m.added,
m.last_search_time,
m.last_info_sync,
m.created_at,
m.updated_at

-- fragment: summary
m.id,
m.tmdb_id,
m.imdb_id,
m.title,
m.sort_title,
m.year,
m.runtime,
m.status,
m.in_cinemas,
m.physical_release,
m.digital_release,
m.has_file,
m.monitored,
m.minimum_availability,
is_available(m) AS is_available,
m.quality_profile_id,
m.path,
m.size_on_disk,
m.tags,
m.genres,
m.imdb_rating,
m.tmdb_rating,
m.metacritic_rating,
m.rotten_tomatoes_rating,
m.added,
m.last_search_time

-- fragment: new_columns
tmdb_id,
imdb_id,
title,
original_title,
alternative_titles,
year,
runtime,
overview,
tagline,
status,
release_date,
physical_release,
digital_release,
in_cinemas,
monitored,
minimum_availability,
quality_profile_id,
path,
root_folder_path,
folder_name,
tags,
metadata,
added,
last_search_time,
last_info_sync

-- fragment: new_values
n.tmdb_id,
n.imdb_id,
n.title,
n.original_title,
n.alternative_titles,
n.year,
n.runtime,
n.overview,
n.tagline,
n.status,
n.release_date,
n.physical_release,
n.digital_release,
n.in_cinemas,
n.monitored,
n.minimum_availability,
n.quality_profile_id,
n.path,
n.root_folder_path,
n.folder_name,
n.tags,
n.metadata,
coalesce(n.added, now()),
n.last_search_time,
n.last_info_sync

-- fragment: refreshed_values
n.imdb_id,
n.title,
n.original_title,
n.alternative_titles,
n.year,
n.runtime,
n.overview,
n.tagline,
n.status,
n.release_date,
n.physical_release,
n.digital_release,
n.in_cinemas,
n.metadata

-- fragment: stored_values
m.imdb_id,
m.title,
m.original_title,
m.alternative_titles,
m.year,
m.runtime,
m.overview,
m.tagline,
m.status,
m.release_date,
m.physical_release,
m.digital_release,
m.in_cinemas,
m.metadata

-- fragment: refresh
imdb_id = excluded.imdb_id,
title = excluded.title,
original_title = excluded.original_title,
alternative_titles = excluded.alternative_titles,
year = excluded.year,
runtime = excluded.runtime,
overview = excluded.overview,
tagline = excluded.tagline,
status = excluded.status,
release_date = excluded.release_date,
physical_release = excluded.physical_release,
digital_release = excluded.digital_release,
in_cinemas = excluded.in_cinemas,
metadata = excluded.metadata,
last_info_sync = now(),
updated_at = now()

-- name: get(id)
-- The movie with this id.
-- budget: simple
SELECT {movie}
FROM movies AS m
WHERE m.id = :id;

-- name: find(id)
-- The movie with this id, if there is one.
-- budget: simple
SELECT {movie}
FROM movies AS m
WHERE m.id = :id;

-- name: find_by_tmdb_id(tmdb_id)
-- The movie with this TMDB id.
-- budget: simple
SELECT {movie}
FROM movies AS m
WHERE m.tmdb_id = :tmdb_id;

-- name: find_by_tmdb_ids(tmdb_ids)
-- The movies that have one of these TMDB ids, by id.
-- budget: complex
SELECT {movie}
FROM movies AS m
WHERE m.tmdb_id = ANY(:tmdb_ids)
ORDER BY m.id;

-- name: find_by_imdb_id(imdb_id)
-- The movies with this IMDb id: two TMDB entries can share one.
-- budget: simple
SELECT {movie}
FROM movies AS m
WHERE m.imdb_id = :imdb_id
ORDER BY m.id;

-- name: find_by_titles(titles, year)
-- The movies known under one of these titles, as written or as a release name spells them: by title, original title
-- or alternative title. Several mean that the titles are ambiguous.
-- budget: complex
SELECT {movie}
FROM movies AS m
WHERE clean_titles(m.title, m.original_title, m.alternative_titles) && (
    SELECT array_agg(clean_title(t.title)) FROM unnest(:titles::text[]) AS t (title)
)
AND (:year::integer IS NULL OR m.year = :year)
ORDER BY m.vote_count DESC, m.id ASC;

-- name: list_library(limit)
-- The library as a grid shows it: every movie with its file, without the long texts.
-- budget: bulk
-- plan: seq movies, movie_files: without a limit every row is wanted
-- sort: title m.sort_title text asc
-- sort: year m.year integer desc null 0
-- sort: added m.added timestamptz desc
-- sort: in_cinemas m.in_cinemas date asc null infinity
-- sort: digital_release m.digital_release date asc null infinity
-- sort: physical_release m.physical_release date asc null infinity
-- sort: last_search_time m.last_search_time timestamptz asc null -infinity
SELECT
{summary},
    f.id AS file_id,
    f.relative_path AS file_path,
    f.size AS file_size,
    f.quality AS file_quality,
    f.release_group AS file_release_group,
    f.date_added AS file_added
FROM movies AS m
LEFT JOIN movie_files AS f ON f.movie_id = m.id
WHERE {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_all(limit)
-- Every movie, whole, in the order of id: made to be streamed.
-- budget: bulk
-- plan: seq movies: without a limit every row is wanted
-- sort: id m.id bigint asc
SELECT {movie}
FROM movies AS m
WHERE {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_tmdb_ids()
-- The TMDB ids of the whole library: what a list is compared with.
-- budget: bulk
-- plan: seq movies: every row is wanted
SELECT m.tmdb_id
FROM movies AS m
ORDER BY m.tmdb_id;

-- name: list_paths()
-- The folder of every movie that has one.
-- budget: bulk
-- plan: seq movies: every row is wanted
SELECT
    m.id,
    m.path
FROM movies AS m
WHERE m.path IS NOT NULL
ORDER BY m.id;

-- name: list_recent(limit)
-- The movies added last, newest first.
-- budget: simple
-- sort: added m.added timestamptz desc
SELECT {summary}
FROM movies AS m
WHERE {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_year(year, limit)
-- The movies of a year, by title.
-- budget: simple
-- sort: title m.sort_title text asc
SELECT {summary}
FROM movies AS m
WHERE m.year = :year AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_genre(genre, limit)
-- The movies of a genre, whichever place it has among theirs.
-- budget: jsonb
-- sort: title g.sort_title text asc
-- sort: year g.year integer desc null 0
-- sort: added g.added timestamptz desc
SELECT {summary}
FROM movie_genres AS g
INNER JOIN movies AS m ON m.id = g.id
WHERE g.genre = :genre AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_rating(minimum, limit)
-- The movies that a source rates at least so high, best first. The sort key is the source.
-- budget: jsonb
-- sort: imdb m.imdb_rating real desc
-- sort: tmdb m.tmdb_rating real desc
-- sort: metacritic m.metacritic_rating real desc
-- sort: rotten_tomatoes m.rotten_tomatoes_rating real desc
SELECT {summary}
FROM movies AS m
WHERE {key} >= :minimum AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_missing(monitored, limit)
-- The movies without a file, of those that are monitored or of those that are not.
-- budget: complex
-- sort: title m.sort_title text asc
-- sort: year m.year integer desc null 0
-- sort: added m.added timestamptz desc
-- sort: in_cinemas m.in_cinemas date asc null infinity
-- sort: digital_release m.digital_release date asc null infinity
-- sort: physical_release m.physical_release date asc null infinity
-- sort: last_search_time m.last_search_time timestamptz asc null -infinity
SELECT {summary}
FROM movies AS m
WHERE m.monitored = :monitored AND NOT m.has_file AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_cutoff_unmet(monitored, limit)
-- The movies whose file is worse than their profile asks for.
--
-- No page has more than 1,001 rows, which the planner must know to walk in the order of the page: it takes a limit that
-- is an argument for a tenth of all rows, and would sort them.
-- budget: complex
-- sort: title m.sort_title text asc
-- sort: year m.year integer desc null 0
-- sort: added m.added timestamptz desc
-- sort: in_cinemas m.in_cinemas date asc null infinity
-- sort: digital_release m.digital_release date asc null infinity
-- sort: physical_release m.physical_release date asc null infinity
-- sort: last_search_time m.last_search_time timestamptz asc null -infinity
SELECT *
FROM (
    SELECT {summary}
    FROM movies AS m
    INNER JOIN movie_files AS f ON f.movie_id = m.id
    WHERE m.monitored = :monitored
        AND m.has_file
        AND f.quality_rank < (SELECT p.cutoff_rank FROM quality_profiles AS p WHERE p.id = m.quality_profile_id)
        AND {keyset}
    ORDER BY {order}
    LIMIT 1001
) AS m
LIMIT :limit; -- noqa: AM09

-- fragment: first_release
least(
    CASE WHEN d.in_cinemas BETWEEN :first AND :last THEN d.in_cinemas END,
    CASE WHEN d.physical_release BETWEEN :first AND :last THEN d.physical_release END,
    CASE WHEN d.digital_release BETWEEN :first AND :last THEN d.digital_release END
)

-- name: list_calendar(first, last, include_unmonitored, limit)
-- The movies with a release from the first day to the last, both included: in cinemas, on disc or digital. `day` is
-- the earliest of those.
--
-- Each kind of release is read from its own index in the order of the days, in the form of the index, and a movie
-- counts for its first release alone.
-- budget: complex
-- sort: day d.day date asc
SELECT
    m.id,
    m.tmdb_id,
    m.title,
    m.year,
    d.day,
    m.in_cinemas,
    m.physical_release,
    m.digital_release,
    m.monitored,
    m.has_file
FROM (
    (
        SELECT
            d.id,
            coalesce(d.in_cinemas, 'infinity'::date) AS day
        FROM movies AS d
        WHERE coalesce(d.in_cinemas, 'infinity'::date) BETWEEN :first AND :last
            AND d.in_cinemas = {first_release}
        ORDER BY 2 ASC, 1 ASC
    )
    UNION ALL
    (
        SELECT
            d.id,
            coalesce(d.physical_release, 'infinity'::date) AS day
        FROM movies AS d
        WHERE coalesce(d.physical_release, 'infinity'::date) BETWEEN :first AND :last
            AND d.physical_release = {first_release}
            AND d.physical_release IS DISTINCT FROM d.in_cinemas
        ORDER BY 2 ASC, 1 ASC
    )
    UNION ALL
    (
        SELECT
            d.id,
            coalesce(d.digital_release, 'infinity'::date) AS day
        FROM movies AS d
        WHERE coalesce(d.digital_release, 'infinity'::date) BETWEEN :first AND :last
            AND d.digital_release = {first_release}
            AND d.digital_release IS DISTINCT FROM d.in_cinemas
            AND d.digital_release IS DISTINCT FROM d.physical_release
        ORDER BY 2 ASC, 1 ASC
    )
) AS d
INNER JOIN movies AS m ON m.id = d.id
WHERE (m.monitored OR :include_unmonitored) AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- fragment: best_known
-- The less known are looked for only where the better known are too few; there is an index for each part. Of the obscure
-- any will do.
SELECT b.id
FROM (
    (
        SELECT m.id
        FROM movies AS m
        WHERE m.search @@ q.query AND m.vote_count >= 4096
        ORDER BY m.vote_count DESC, m.id ASC
        LIMIT greatest(:limit::bigint, 200)
    )
    UNION ALL
    (
        SELECT m.id
        FROM movies AS m
        WHERE m.search @@ q.query AND m.vote_count >= 1024 AND m.vote_count < 4096
        ORDER BY m.vote_count DESC, m.id ASC
        LIMIT greatest(:limit::bigint, 200)
    )
    UNION ALL
    (
        SELECT m.id
        FROM movies AS m
        WHERE m.search @@ q.query AND m.vote_count >= 128 AND m.vote_count < 1024
        ORDER BY m.vote_count DESC, m.id ASC
        LIMIT greatest(:limit::bigint, 200)
    )
    UNION ALL
    (
        SELECT m.id
        FROM movies AS m
        WHERE m.search @@ q.query AND m.vote_count < 128
        LIMIT greatest(:limit::bigint, 200) -- noqa: AM09
    )
) AS b
LIMIT greatest(:limit::bigint, 200) -- noqa: AM09

-- name: search(text, limit)
-- The movies that a person means by what they typed: words of titles, people, genres and overview in any order, the
-- last one perhaps unfinished, a year, wrong accents, typing errors. Best first.
--
-- Every word must match. The last one is completed among famous movies, where these are too few among the known ones,
-- and among all where there is nothing else: many words begin like one. Where no title and no person matches, words
-- near to the typed ones count too. Only the best known matches are ranked, so that a common word costs no more than a
-- rare one; a movie with exactly this title is always among them.
-- budget: search
WITH typed AS MATERIALIZED (
    SELECT
        exact_query(:text, FALSE) AS whole,
        exact_query(:text, TRUE) AS unfinished
),
whole_found AS MATERIALIZED (
    SELECT f.id
    FROM (SELECT t.whole AS query FROM typed AS t) AS q
    CROSS JOIN LATERAL (
        {best_known}
    ) AS f
),
famous_found AS MATERIALIZED (
    SELECT m.id
    FROM typed AS t
    INNER JOIN movies AS m ON m.search @@ t.unfinished
    WHERE m.vote_count >= 4096
    ORDER BY m.vote_count DESC, m.id ASC
    LIMIT 100
),
known_found AS MATERIALIZED (
    SELECT m.id
    FROM typed AS t
    INNER JOIN movies AS m ON m.search @@ t.unfinished
    WHERE m.vote_count >= 128
        AND (SELECT count(*) FROM whole_found) + (SELECT count(*) FROM famous_found) < :limit
    ORDER BY m.vote_count DESC, m.id ASC
    LIMIT 100
),
obscure_found AS MATERIALIZED (
    SELECT m.id
    FROM typed AS t
    INNER JOIN movies AS m ON m.search @@ t.unfinished
    WHERE NOT EXISTS (SELECT FROM whole_found)
        AND NOT EXISTS (SELECT FROM famous_found)
        AND NOT EXISTS (SELECT FROM known_found)
    LIMIT greatest(:limit::bigint, 200) -- noqa: AM09
),
found AS MATERIALIZED (
    SELECT f.id FROM whole_found AS f
    UNION
    SELECT f.id FROM famous_found AS f
    UNION
    SELECT f.id FROM known_found AS f
    UNION
    SELECT f.id FROM obscure_found AS f
),
near AS MATERIALIZED (
    SELECT near_query(:text) AS query
    WHERE NOT EXISTS (
        SELECT
        FROM found AS f
        INNER JOIN movies AS m ON m.id = f.id
        CROSS JOIN typed AS t
        WHERE ts_filter(m.search, '{a,b,c}') @@ t.unfinished
    )
),
near_found AS MATERIALIZED (
    SELECT f.id
    FROM near AS q
    CROSS JOIN LATERAL (
        {best_known}
    ) AS f
),
asked AS MATERIALIZED (
    SELECT
        clean_title(:text) AS title,
        clean_title(regexp_replace(fold_text(:text), ' [0-9]{4}$', '')) AS title_before_year,
        substring(fold_text(:text) FROM ' ([0-9]{4})$')::integer AS year
),
titled AS MATERIALIZED (
    SELECT m.id
    FROM asked AS a
    INNER JOIN movies AS m
        ON clean_titles(m.title, m.original_title, m.alternative_titles) @> ARRAY[a.title]
        OR (
            clean_titles(m.title, m.original_title, m.alternative_titles) @> ARRAY[a.title_before_year]
            AND m.year = a.year
        )
    ORDER BY m.vote_count DESC, m.id ASC
    LIMIT 100
),
candidates AS (
    SELECT f.id FROM found AS f
    UNION
    SELECT f.id FROM near_found AS f
    UNION
    SELECT f.id FROM titled AS f
)
SELECT
    m.id,
    m.tmdb_id,
    m.imdb_id,
    m.title,
    m.original_title,
    m.year,
    m.runtime,
    m.genres,
    m.imdb_rating,
    m.monitored,
    m.has_file,
    (
        CASE WHEN e.id IS NOT NULL THEN 4 ELSE 0 END
        + CASE WHEN ts_filter(m.search, '{a,b}') @@ q.query THEN 1 ELSE 0 END
        + coalesce(ts_rank('{0.05, 0.2, 0.3, 1}', m.search, q.query), 0)
        + ln(1 + m.vote_count) / 8
    )::real AS score
FROM candidates AS c
INNER JOIN movies AS m ON m.id = c.id
LEFT JOIN titled AS e ON e.id = c.id
CROSS JOIN (
    SELECT coalesce(n.query, t.unfinished) AS query
    FROM typed AS t
    LEFT JOIN near AS n ON TRUE
) AS q
ORDER BY score DESC, m.id ASC
LIMIT :limit;

-- name: statistics()
-- How many movies there are, how many of them are monitored, have a file or are monitored and have none, and the size
-- of all files in bytes.
-- budget: complex
SELECT
    coalesce(sum(c.movies), 0)::bigint AS movies,
    coalesce(sum(c.monitored), 0)::bigint AS monitored,
    coalesce(sum(c.with_file), 0)::bigint AS with_file,
    coalesce(sum(c.missing), 0)::bigint AS missing,
    coalesce(sum(c.total_size), 0)::bigint AS total_size
FROM movie_counts AS c
WHERE c.genre = '';

-- name: genre_statistics()
-- For every genre how many movies have it and their average IMDb rating, most frequent first.
-- budget: jsonb
SELECT
    c.genre,
    sum(c.movies)::bigint AS movies,
    (sum(c.rating_sum) / nullif(sum(c.rated), 0))::double precision AS average_rating
FROM movie_counts AS c
WHERE c.genre <> ''
GROUP BY c.genre
HAVING sum(c.movies) > 0
ORDER BY movies DESC, c.genre ASC;

-- name: list_popular(limit)
-- The movies downloaded most, then best rated, as of the last refresh of the popular movies.
-- budget: simple
-- sort: place p.place bigint asc
SELECT
    p.place,
    p.id,
    p.title,
    p.year,
    p.imdb_rating,
    p.download_count
FROM popular_movies AS p
WHERE {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: count()
-- How many movies there are.
-- budget: simple
SELECT coalesce(sum(c.movies), 0)::bigint AS movies
FROM movie_counts AS c
WHERE c.genre = '';

-- name: create(movie)
-- Adds a movie.
-- budget: write
INSERT INTO movies AS m ({new_columns})
SELECT {new_values}
FROM jsonb_populate_record(NULL::movies, :movie) AS n
RETURNING {movie};

-- name: create_many(movies)
-- Adds movies, all of them or none.
-- budget: bulk
INSERT INTO movies ({new_columns})
SELECT {new_values}
FROM jsonb_populate_recordset(NULL::movies, :movies) AS n
ORDER BY n.tmdb_id;

-- name: upsert(movie)
-- Adds a movie, or replaces all that is known about the one with its TMDB id, also by what is left out. What a user
-- chose stays: monitored, availability, profile, paths, tags and dates of adding and searching. Nothing is written
-- where nothing changed.
-- budget: write
WITH written AS (
    INSERT INTO movies AS m ({new_columns})
    SELECT {new_values}
    FROM jsonb_populate_record(NULL::movies, :movie) AS n
    LEFT JOIN movies AS m ON m.tmdb_id = n.tmdb_id
    WHERE m.id IS NULL OR ({stored_values}) IS DISTINCT FROM ({refreshed_values})
    ON CONFLICT (tmdb_id) DO UPDATE SET {refresh}
    RETURNING {movie}
)
SELECT * FROM written
UNION ALL
SELECT {movie}
FROM movies AS m
WHERE m.tmdb_id = (:movie::jsonb ->> 'tmdb_id')::integer
    AND NOT EXISTS (SELECT FROM written);

-- name: upsert_many(movies)
-- Adds movies, or replaces all that is known about those with their TMDB ids. Nothing is written where nothing
-- changed.
-- budget: bulk
WITH turn AS MATERIALIZED (
    -- Batches of one call come in the caller's order, so two calls could deadlock: they take turns.
    SELECT pg_advisory_xact_lock(hashtext('radarr_db movies'))
)
INSERT INTO movies ({new_columns})
SELECT {new_values}
FROM turn
CROSS JOIN (
    -- Of two with one TMDB id the later counts.
    SELECT DISTINCT ON (r.tmdb_id) r.*
    FROM jsonb_populate_recordset(NULL::movies, :movies) WITH ORDINALITY AS r
    ORDER BY r.tmdb_id ASC, r.ordinality DESC
) AS n
LEFT JOIN movies AS m ON m.tmdb_id = n.tmdb_id
WHERE m.id IS NULL OR ({stored_values}) IS DISTINCT FROM ({refreshed_values})
ON CONFLICT (tmdb_id) DO UPDATE SET {refresh};

-- name: update(id, changes)
-- Changes the given fields of a movie.
-- budget: write
UPDATE movies AS m
SET
    ({new_columns}) = (
        SELECT {new_values}
        FROM jsonb_populate_record(m, :changes) AS n
    ),
    updated_at = now()
WHERE m.id = :id
RETURNING {movie};

-- name: set_monitored(id, monitored)
-- Watches a movie for releases, or no longer.
-- budget: write
UPDATE movies AS m
SET
    monitored = :monitored,
    updated_at = now()
WHERE m.id = :id
RETURNING {movie};

-- name: edit_many(ids, monitored, quality_profile_id, minimum_availability, root_folder_path, tags, add_tags, remove_tags)
-- Gives many movies the same settings; NULL leaves one as it is. Tags are replaced, or some added and some removed.
-- budget: bulk
UPDATE movies AS m
SET
    monitored = coalesce(:monitored, m.monitored),
    quality_profile_id = coalesce(:quality_profile_id, m.quality_profile_id),
    minimum_availability = coalesce(:minimum_availability, m.minimum_availability),
    root_folder_path = coalesce(:root_folder_path, m.root_folder_path),
    tags = ARRAY(
        SELECT t.tag
        FROM unnest(coalesce(:tags::text[], m.tags) || :add_tags::text[]) WITH ORDINALITY AS t (tag, place)
        WHERE t.tag <> ALL(:remove_tags::text[])
        GROUP BY t.tag
        ORDER BY min(t.place)
    ),
    updated_at = now()
WHERE m.id = ANY(:ids);

-- name: delete(id)
-- Removes a movie with its file, queue items and history.
-- budget: write
DELETE FROM movies AS m
WHERE m.id = :id
RETURNING {movie};

-- name: delete_many(ids)
-- Removes movies with their files, queue items and history.
-- budget: bulk
DELETE FROM movies AS m
WHERE m.id = ANY(:ids);
