-- name: plan_vacuum(schedule)
-- The tables to vacuum and analyze, each with why: daily those that are written to most, else all.
-- VACUUM also writes the visibility map, which index-only scans go by, and empties the pending lists of the search
-- indexes.
-- budget: maintenance
WITH relations AS (
    SELECT
        s.relid,
        coalesce(pg_partition_root(s.relid), s.relid)::regclass::text IN (
            'movies', 'movie_files', 'download_queue', 'history'
        ) AS is_busy,
        s.n_live_tup + s.n_dead_tup > 0 AND s.last_vacuum IS NULL AND s.last_autovacuum IS NULL AS is_new,
        c.relpages AS pages,
        s.n_dead_tup AS dead,
        s.n_mod_since_analyze AS changed,
        s.n_ins_since_vacuum AS added,
        -- What is worth a visit: the server's own thresholds, but a quarter of its share.
        50 + s.n_live_tup / 20 AS worth,
        greatest(age(c.relfrozenxid), age(t.relfrozenxid)) AS age,
        greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)) AS group_age
    FROM pg_stat_user_tables AS s
    INNER JOIN pg_class AS c ON c.oid = s.relid AND c.relkind <> 'p' AND c.relpersistence <> 't'
    LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
),

reasons AS (
    SELECT
        r.relid,
        r.is_busy,
        r.pages,
        f.due AS is_old,
        concat_ws(
            ', ',
            CASE WHEN f.due THEN format('oldest row %s transactions old', greatest(r.age, r.group_age)) END,
            CASE WHEN r.is_new THEN 'never vacuumed' END,
            CASE WHEN r.dead > r.worth THEN format('%s dead rows', r.dead) END,
            CASE WHEN r.added > r.worth + 950 THEN format('%s new rows', r.added) END,
            CASE WHEN r.changed > r.worth THEN format('%s changes since analyzed', r.changed) END
        ) AS reason
    FROM relations AS r
    CROSS JOIN LATERAL (
        -- Before the server does so by itself, and stops for no one.
        SELECT
            r.age > 0.75 * current_setting('autovacuum_freeze_max_age')::bigint
            OR r.group_age > 0.75 * current_setting('autovacuum_multixact_freeze_max_age')::bigint AS due
    ) AS f
)

SELECT
    'vacuum' AS act,
    r.relid::regclass::text AS subject,
    r.reason,
    format('VACUUM (%sANALYZE) %s', CASE WHEN r.is_old THEN 'FREEZE, ' END, r.relid::regclass) AS command
FROM reasons AS r
WHERE r.reason <> '' AND (:schedule <> 'daily' OR r.is_busy OR r.is_old)
ORDER BY r.is_old DESC, r.pages ASC, subject ASC;

-- name: plan_analyze()
-- The partitioned tables to analyze, each with why: the statistics of the whole are kept by nobody else.
-- budget: maintenance
WITH roots AS (
    SELECT
        c.oid,
        c.reltuples AS known,
        (
            SELECT coalesce(sum(s.n_live_tup), 0)
            FROM pg_partition_tree(c.oid) AS p
            INNER JOIN pg_stat_user_tables AS s ON s.relid = p.relid
            WHERE p.isleaf
        ) AS live
    FROM pg_class AS c
    WHERE c.relkind = 'p'
)

SELECT
    'analyze' AS act,
    r.oid::regclass::text AS subject,
    CASE
        WHEN r.known < 0 THEN 'never analyzed'
        ELSE format('has %s rows, analyzed with %s', r.live, r.known::bigint)
    END AS reason,
    format('ANALYZE %s', r.oid::regclass) AS command
FROM roots AS r
WHERE r.live > 0 AND (r.known < 0 OR abs(r.live - r.known) > 50 + r.live / 20)
ORDER BY subject;

-- name: plan_drop()
-- The indexes that an interrupted REINDEX CONCURRENTLY left: writes pay for them, and no query uses them. Not those of
-- tables that somebody works at, for it may be such a REINDEX.
-- budget: maintenance
SELECT
    'drop' AS act,
    i.indexrelid::regclass::text AS subject,
    format('left by an interrupted REINDEX of %s', i.indrelid::regclass) AS reason,
    format('DROP INDEX CONCURRENTLY %s', i.indexrelid::regclass) AS command
FROM pg_index AS i
INNER JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid
    AND c.relname ~ '_cc(new|old)[0-9]*$'
    AND NOT EXISTS (
        SELECT
        FROM pg_locks AS l
        INNER JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'
    )
ORDER BY subject;

-- name: plan_refresh()
-- Brings the popular movies up to date; the server does not keep when that was done last. Their readers wait only for
-- the first time.
-- budget: maintenance
SELECT
    'refresh' AS act,
    c.relname::text AS subject,
    CASE WHEN c.relispopulated THEN 'shows the library as of its last refresh' ELSE 'never filled' END AS reason,
    format(
        'REFRESH MATERIALIZED VIEW %s%s', CASE WHEN c.relispopulated THEN 'CONCURRENTLY ' END, c.oid::regclass
    ) AS command
FROM pg_class AS c
WHERE c.oid = 'popular_movies'::regclass;

-- name: plan_recount()
-- Whether the counts of movies are wrong, or lie in more slots than writers at once need.
-- budget: maintenance
-- plan: seq movies, movie_counts: all are counted
SELECT
    'recount' AS act,
    'movie_counts' AS subject,
    concat_ws(
        ', ',
        CASE WHEN c.wrong > 0 THEN format('%s counts are wrong', c.wrong) END,
        CASE WHEN c.slots > 40 THEN format('parted in %s slots', c.slots) END
    ) AS reason,
    'SELECT recount_movies()' AS command
FROM (
    SELECT
        (SELECT count(*) FROM miscounted_movies()) AS wrong,
        (SELECT count(*) FROM movie_counts AS s WHERE s.genre = '') AS slots
) AS c
WHERE c.wrong > 0 OR c.slots > 40;

-- fragment: has_future_failure
(
    now() < s.initial_failure
    OR now() < s.most_recent_failure
    OR now() < s.disabled_till - back_off(s.escalation_level)
)

-- fragment: corrected_failure
initial_failure = least(s.initial_failure, now()),
most_recent_failure = least(s.most_recent_failure, now()),
disabled_till = least(s.disabled_till, now() + back_off(s.escalation_level))

-- name: count_future_failures()
-- How many indexers and download clients failed in the future, or are put aside for longer than their failures say: a
-- clock was wrong.
-- budget: maintenance
SELECT count(*) AS failures
FROM (
    SELECT
        i.initial_failure,
        i.most_recent_failure,
        i.disabled_till,
        i.escalation_level
    FROM indexers AS i
    UNION ALL
    SELECT
        c.initial_failure,
        c.most_recent_failure,
        c.disabled_till,
        c.escalation_level
    FROM download_clients AS c
) AS s
WHERE {has_future_failure};

-- name: correct_failures()
-- Makes failures of the future those of now, so that no indexer or client stays aside for longer than it should.
-- budget: maintenance
WITH corrected_indexers AS (
    UPDATE indexers AS s
    SET
        {corrected_failure}
    WHERE {has_future_failure}
    RETURNING s.id
),

corrected_clients AS (
    UPDATE download_clients AS s
    SET
        {corrected_failure}
    WHERE {has_future_failure}
    RETURNING s.id
)

SELECT (SELECT count(*) FROM corrected_indexers) + (SELECT count(*) FROM corrected_clients) AS corrected;

-- fragment: genres_of_movies
(
    SELECT
        m.id,
        m.sort_title,
        m.year,
        m.added,
        unnest(m.genres) AS genre
    FROM movies AS m
)

-- name: count_wrong_genres()
-- How many rows the lists by genre are wrong in. There are none, unless movies were written with triggers disabled.
-- budget: maintenance
-- plan: seq movies, movie_genres: all are compared
SELECT count(*) AS wrong
FROM {genres_of_movies} AS m
FULL JOIN movie_genres AS g ON g.id = m.id AND g.genre = m.genre
WHERE (m.id, m.sort_title, m.year, m.added) IS DISTINCT FROM (g.id, g.sort_title, g.year, g.added);

-- name: correct_genres()
-- Makes the lists by genre those of the movies there are.
-- budget: maintenance
-- plan: seq movies, movie_genres: all are compared
WITH orphans AS (
    DELETE FROM movie_genres AS g
    WHERE NOT EXISTS (SELECT FROM movies AS m WHERE m.id = g.id AND g.genre = ANY(m.genres))
    RETURNING g.id
),

corrected AS (
    INSERT INTO movie_genres AS stored (id, genre, sort_title, year, added)
    SELECT
        m.id,
        m.genre,
        m.sort_title,
        m.year,
        m.added
    FROM {genres_of_movies} AS m
    LEFT JOIN movie_genres AS g ON g.id = m.id AND g.genre = m.genre
    WHERE (m.id, m.sort_title, m.year, m.added) IS DISTINCT FROM (g.id, g.sort_title, g.year, g.added)
    ON CONFLICT (id, genre) DO UPDATE SET
        sort_title = excluded.sort_title,
        year = excluded.year,
        added = excluded.added
    RETURNING stored.id
)

SELECT (SELECT count(*) FROM orphans) + (SELECT count(*) FROM corrected) AS corrected;

-- name: count_old_history(before)
-- How many events are older than that, the last one of each movie aside: what a purge removes.
-- budget: maintenance
-- plan: seq history: what goes may be most of it
SELECT count(*) AS events
FROM history AS h
WHERE h.date < :before
    AND EXISTS (
        SELECT
        FROM history AS later
        WHERE later.movie_id = h.movie_id AND (later.date, later.id) > (h.date, h.id)
    );
