-- name: current_position()
-- How far a primary has written its log, in bytes since its beginning; NULL on a standby.
-- budget: simple
SELECT
    CASE
        WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
    END AS position;

-- name: standby_position()
-- How far a standby has replayed the log of its primary, in bytes since its beginning, and by how many seconds it is
-- behind. One that has replayed all that it received is not behind, as long as it is connected.
-- budget: simple
SELECT
    pg_is_in_recovery() AS in_recovery,
    coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0) AS position,
    CASE
        WHEN
            pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
            AND EXISTS (SELECT FROM pg_stat_wal_receiver AS r WHERE r.pid IS NOT NULL)
            THEN 0
        ELSE coalesce(extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8, 'infinity')
    END AS lag;
