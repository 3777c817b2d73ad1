-- fragment: file
f.id,
f.movie_id,
f.relative_path,
f.size,
f.date_added,
f.scene_name,
f.release_group,
f.quality,
f.resolution,
f.video_codec,
f.audio_codec,
f.audio_languages,
f.subtitle_languages,
f.edition,
f.cut,
f.media_info,
f.custom_formats,
f.created_at,
f.updated_at

-- fragment: new_columns
movie_id,
relative_path,
size,
date_added,
scene_name,
release_group,
quality,
resolution,
video_codec,
audio_codec,
audio_languages,
subtitle_languages,
edition,
cut,
media_info,
custom_formats

-- fragment: new_values
n.movie_id,
n.relative_path,
n.size,
coalesce(n.date_added, now()),
n.scene_name,
n.release_group,
n.quality,
n.resolution,
n.video_codec,
n.audio_codec,
n.audio_languages,
n.subtitle_languages,
n.edition,
n.cut,
n.media_info,
n.custom_formats

-- name: get(id)
-- The file with this id.
-- budget: simple
SELECT {file}
FROM movie_files AS f
WHERE f.id = :id;

-- name: find_by_movie(movie_id)
-- The file of a movie, if it has one.
-- budget: simple
SELECT {file}
FROM movie_files AS f
WHERE f.movie_id = :movie_id;

-- name: list_by_movies(movie_ids)
-- The files of these movies, in the order of the movies' ids.
-- budget: complex
SELECT {file}
FROM movie_files AS f
WHERE f.movie_id = ANY(:movie_ids)
ORDER BY f.movie_id;

-- name: list_by_quality(qualities, limit)
-- The files of one of these qualities with their movies' titles, largest first.
-- budget: complex
-- sort: size f.size bigint desc
SELECT
    f.id,
    f.movie_id,
    (SELECT m.title FROM movies AS m WHERE m.id = f.movie_id) AS title,
    f.quality,
    f.size
FROM (SELECT DISTINCT unnest(:qualities::text[]) AS name) AS q
CROSS JOIN LATERAL (
    -- Of each quality as many as are shown: a rare one is not looked for among all files.
    SELECT
        f.id,
        f.movie_id,
        f.quality,
        f.size
    FROM movie_files AS f
    WHERE f.quality = q.name AND {keyset}
    ORDER BY {order}
    LIMIT :limit
) AS f
ORDER BY {order}
LIMIT :limit;

-- name: create_many(files)
-- Adds the files of movies that have none, all of them or none, without a word in history: for imports.
-- budget: bulk
INSERT INTO movie_files ({new_columns})
SELECT {new_values}
FROM jsonb_populate_recordset(NULL::movie_files, :files) AS n
ORDER BY n.movie_id;

-- name: replace(file, download_id)
-- Puts a file in the place of the movie's present one, if any: the old file goes, the new one comes, history tells of
-- both, and the movie's has_file and size_on_disk follow. One statement, so that none of it happens without the rest.
--
-- A writer of the same movie who came first, and whose file this statement cannot see yet, is overwritten.
-- budget: write
WITH removed AS (
    DELETE FROM movie_files AS o
    WHERE o.movie_id = (:file::jsonb ->> 'movie_id')::bigint
    RETURNING
        o.movie_id,
        coalesce(o.scene_name, o.relative_path) AS source_title,
        o.quality,
        o.relative_path
),
stored AS (
    INSERT INTO movie_files AS f ({new_columns})
    SELECT {new_values}
    FROM jsonb_populate_record(NULL::movie_files, :file) AS n
    -- Reading `removed` to its end makes the old row go before the new one comes.
    CROSS JOIN (SELECT count(*) FROM removed) AS r
    ON CONFLICT (movie_id) DO UPDATE SET
        relative_path = excluded.relative_path,
        size = excluded.size,
        date_added = excluded.date_added,
        scene_name = excluded.scene_name,
        release_group = excluded.release_group,
        quality = excluded.quality,
        resolution = excluded.resolution,
        video_codec = excluded.video_codec,
        audio_codec = excluded.audio_codec,
        audio_languages = excluded.audio_languages,
        subtitle_languages = excluded.subtitle_languages,
        edition = excluded.edition,
        cut = excluded.cut,
        media_info = excluded.media_info,
        custom_formats = excluded.custom_formats
    RETURNING {file}
),
told AS (
    INSERT INTO history (movie_id, source_title, event_type, quality, download_id, data)
    SELECT
        r.movie_id,
        left(r.source_title, 1000),
        'deleted',
        r.quality,
        NULL,
        jsonb_build_object('reason', 'upgrade', 'relative_path', r.relative_path)
    FROM removed AS r
    UNION ALL
    SELECT
        s.movie_id,
        left(coalesce(s.scene_name, s.relative_path), 1000),
        'imported',
        s.quality,
        :download_id,
        jsonb_build_object('relative_path', s.relative_path, 'size', s.size)
    FROM stored AS s
)
SELECT {file}
FROM stored AS f;

-- name: existing_paths(paths)
-- Those of the given relative paths that a file has.
-- budget: complex
SELECT DISTINCT f.relative_path
FROM movie_files AS f
WHERE f.relative_path = ANY(:paths)
ORDER BY f.relative_path;

-- name: delete(id)
-- Removes a file from the library; the movie's has_file and size_on_disk follow.
-- budget: write
DELETE FROM movie_files AS f
WHERE f.id = :id
RETURNING {file};
