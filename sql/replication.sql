-- name: current_position()
-- How far a primary has written its log; a standby gives nothing.
-- budget: simple
SELECT
    ('x' || lpad(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), 8, '0'))::bit(32)::int AS timeline,
    (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS position
WHERE NOT pg_is_in_recovery();

-- name: standby_position()
-- How far a standby has replayed the log of its primary.
-- budget: simple
SELECT
    pg_is_in_recovery() AS in_recovery,
    c.min_recovery_end_timeline AS timeline,
    coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0) AS position
FROM pg_control_recovery() AS c;
