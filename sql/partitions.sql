-- fragment: first_kept
(
    date_trunc('month', coalesce(:today::date::timestamp, now() AT TIME ZONE 'UTC'))
    - make_interval(months => :keep_months)
) AT TIME ZONE 'UTC'

-- fragment: name_of_month
'history_' || to_char(m.month, 'YYYY_MM')

-- name: list()
-- The partitions of history from the first month on, DEFAULT and what is detached but not yet archived last. Sizes are
-- with indexes, numbers of rows are estimates, except in DEFAULT, which should have none.
-- budget: maintenance
-- plan: seq history: only DEFAULT, which should be empty, is counted
SELECT
    c.relname::text AS name,
    CASE
        WHEN NOT c.relispartition THEN 'detached'
        WHEN b.bound = 'DEFAULT' THEN 'default'
        ELSE 'attached'
    END AS state,
    (regexp_match(b.bound, 'FROM \(''([^'']*)''\)'))[1]::timestamptz AS first,
    (regexp_match(b.bound, 'TO \(''([^'']*)''\)'))[1]::timestamptz AS until,
    CASE
        WHEN b.bound = 'DEFAULT' THEN (SELECT count(*) FROM history_default)
        WHEN c.reltuples < 0 THEN coalesce(s.n_live_tup, 0)
        ELSE c.reltuples::bigint
    END AS rows,
    pg_total_relation_size(c.oid) AS bytes
FROM pg_class AS c
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = 'history'::regclass
LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid
CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS b
WHERE i.inhrelid IS NOT NULL OR (starts_with(c.relname, 'history_') AND c.oid = detached_history_partition(c.relname))
ORDER BY first NULLS LAST, name;

-- name: list_missing(months, today)
-- The months without a partition, from the last month to so many months ahead.
-- budget: maintenance
SELECT
    {name_of_month} AS name,
    m.month::date AS day
FROM date_trunc('month', coalesce(:today::date::timestamp, now() AT TIME ZONE 'UTC')) AS t (month)
CROSS JOIN LATERAL generate_series(
    t.month - interval '1 month', t.month + make_interval(months => :months), interval '1 month'
) AS m (month)
WHERE NOT is_history_partition({name_of_month})
ORDER BY day;

-- name: list_strays(keep_months, today)
-- The months before those to keep that have rows in DEFAULT.
-- budget: maintenance
-- plan: seq history: only DEFAULT, which should be empty
SELECT
    {name_of_month} AS name,
    m.month::date AS day
FROM (
    SELECT DISTINCT date_trunc('month', h.date AT TIME ZONE 'UTC') AS month
    FROM history_default AS h
    WHERE h.date < {first_kept}
) AS m
ORDER BY day;

-- name: list_old(keep_months, today)
-- The partitions that end before the months to keep, this month and so many before it; the oldest first.
-- budget: maintenance
SELECT c.relname::text AS name
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON c.oid = i.inhrelid
CROSS JOIN LATERAL (
    SELECT (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']*)''\)'))[1]::timestamptz AS until
) AS b
WHERE i.inhparent = 'history'::regclass AND b.until <= {first_kept}
ORDER BY b.until;

-- name: list_detached()
-- The partitions that are detached but not yet dropped, and the files that they go to; the oldest first.
-- budget: maintenance
SELECT
    c.relname::text AS name,
    substr(obj_description(c.oid, 'pg_class'), length('archive: ') + 1) AS file
FROM pg_class AS c
WHERE starts_with(c.relname, 'history_') AND c.oid = detached_history_partition(c.relname)
ORDER BY name;

-- name: create(day)
-- Makes the partition of the month that holds the day, where it is missing, and moves its rows there from DEFAULT.
-- budget: maintenance
-- plan: seq history: only DEFAULT, which should be empty
SELECT create_history_partition(:day) AS name;

-- name: detach(partition)
-- Takes a partition out of history, if there is one, and gives the name of the file for its archive.
-- budget: maintenance
SELECT
    :partition::text AS name,
    d.file
FROM detach_history_partition(:partition) AS d (file)
WHERE d.file IS NOT NULL;

-- name: drop(partition, rows)
-- Drops a detached partition that has just so many rows, and tells whether there was one.
-- budget: maintenance
SELECT drop_history_partition(:partition, :rows) AS dropped;

-- name: attach(partition)
-- Makes a detached partition, if there is one, a part of history again, and gives the number of its rows.
-- budget: maintenance
-- plan: seq history: the partition must be without rows of movies, indexers and clients that are gone
SELECT
    :partition::text AS name,
    a.rows
FROM attach_history_partition(:partition) AS a (rows)
WHERE a.rows IS NOT NULL;
