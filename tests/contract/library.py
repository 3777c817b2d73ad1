"""A library large enough that the planner prefers an index wherever one fits."""

from __future__ import annotations

import psycopg

_FILL = """
INSERT INTO movies (
    tmdb_id, imdb_id, title, year, runtime, monitored, in_cinemas, digital_release, physical_release, last_search_time,
    path, added, has_file, metadata
)
SELECT
    n,
    'tt' || lpad(n::text, 7, '0'),
    'Movie ' || n % 700 || ' ' || left(md5((n % 12000)::text), 8),
    1920 + n % 106,
    60 + n % 120,
    n % 10 > 0,
    CASE WHEN n % 7 > 0 THEN date '1990-01-01' + n END,
    CASE WHEN n % 5 = 0 THEN date '1991-01-01' + n END,
    CASE WHEN n % 6 = 0 THEN date '1992-01-01' + n END,
    CASE WHEN n % 3 = 0 THEN timestamptz '2025-01-01 00:00+00' + n * interval '1 min' END,
    '/movies/' || n,
    timestamptz '2020-01-01 00:00+00' + n * interval '10 min',
    n % 100 > 1,
    jsonb_build_object(
        'genres', jsonb_build_array(jsonb_build_object('name', 'Genre ' || n % 400)),
        'ratings', jsonb_build_object(
            'imdb', jsonb_build_object('value', (n % 1000) / 100.0),
            'tmdb', jsonb_build_object('value', (n % 997) / 100.0),
            'metacritic', jsonb_build_object('value', (n % 991) / 10.0),
            'rotten_tomatoes', jsonb_build_object('meter', (n % 983) / 10.0)
        ),
        'tmdb', jsonb_build_object('vote_count', n % 5000)
    )
FROM generate_series(1, 100000) AS n;

-- The movies say already that they have a file: each of them written again by the trigger would take longer than all.
ALTER TABLE movie_files DISABLE TRIGGER movie_files_added;

INSERT INTO movie_files (movie_id, relative_path, size, quality)
SELECT
    m.id,
    m.id || '.mkv',
    1000 + m.id,
    CASE WHEN m.id % 500 IN (7, 10) THEN 'CAM' ELSE 'Bluray-1080p' END
FROM movies AS m
WHERE m.has_file;

ALTER TABLE movie_files ENABLE TRIGGER movie_files_added;

INSERT INTO scene_groups (name, reputation_score, quality_tier, last_analyzed, categories)
SELECT
    'GROUP' || n,
    (n % 9000) / 100.0,
    CASE WHEN n % 300 = 0 THEN 'elite' ELSE 'good' END,
    CASE WHEN n % 10 > 0 THEN timestamptz '2025-12-01 00:00+00' + n * interval '1 h' END,
    ARRAY['Category ' || n % 200]
FROM generate_series(1, 10000) AS n;

INSERT INTO download_clients (name, implementation, implementation_name, config_contract, protocol, host, port)
SELECT 'client ' || n, 'a', 'A', 'S', 'torrent', 'localhost', 8080 FROM generate_series(1, 200) AS n;

INSERT INTO indexers (name, implementation, implementation_name, config_contract, base_url)
SELECT 'indexer ' || n, 'a', 'A', 'S', 'http://a' FROM generate_series(1, 200) AS n;

INSERT INTO quality_profiles (name, cutoff_quality)
SELECT 'profile ' || n, 'DVD' FROM generate_series(1, 200) AS n;

INSERT INTO download_queue (movie_id, download_client_id, download_id, title, quality, status, added)
SELECT
    (n + 1) / 2,
    (SELECT min(c.id) FROM download_clients AS c) + n % 150,
    'download ' || n,
    'Movie ' || n,
    CASE WHEN n % 50 IN (1, 2) THEN 'CAM' ELSE 'Bluray-1080p' END,
    CASE WHEN n % 100 IN (1, 2) THEN 'failed' ELSE 'downloading' END,
    now() - n * interval '1 min'
FROM generate_series(1, 1000) AS n;

INSERT INTO history (movie_id, source_title, event_type, quality, download_id, date)
SELECT
    m.id,
    m.title,
    CASE WHEN m.id % 5000 = 7 THEN 'deleted' ELSE e.event_type END,
    CASE WHEN m.id % 500 = 7 THEN 'CAM' ELSE 'Bluray-1080p' END,
    'download ' || m.id,
    now() - (m.id % 37) * interval '1 day' - e.hours * interval '1 h'
FROM movies AS m
CROSS JOIN (VALUES ('grabbed', 3), ('grabbed', 2), ('imported', 1)) AS e (event_type, hours);

REFRESH MATERIALIZED VIEW popular_movies;
"""


def fill(conninfo: str) -> None:
    """Makes the library in a migrated database, and lets the planner know it."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_FILL)
        connection.execute("VACUUM ANALYZE")
