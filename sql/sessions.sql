-- name: try_lock(key)
-- Takes an advisory lock until the session ends, unless another one has it.
-- budget: maintenance
SELECT pg_try_advisory_lock(:key) AS locked;

-- name: find_lock_holder(key)
-- The server process that has an advisory lock of this database.
-- budget: maintenance
SELECT l.pid
FROM pg_locks AS l
INNER JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
WHERE
    l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND (l.classid::bigint << 32) | l.objid::bigint = :key;

-- name: room
-- How many connections the server has left for plain roles, and how many it allows them in all. Of the sessions of
-- other roles we may see little, but whether they have a database.
-- budget: simple
SELECT
    s.allowed - (
        SELECT count(*)
        FROM pg_stat_activity AS a
        WHERE a.datid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend'
    ) AS free,
    s.allowed
FROM (
    SELECT
        current_setting('max_connections')::bigint
        - current_setting('superuser_reserved_connections')::bigint
        - coalesce(current_setting('reserved_connections', TRUE), '0')::bigint AS allowed
) AS s;
