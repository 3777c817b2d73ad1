-- Of other sessions these tell who and how long, and never the text of a query: that may hold a value.

-- fragment: client
-- Of others a role without pg_read_all_stats sees no backend_type; what no user started is no client.
a.datid IS NOT NULL
AND a.usesysid IS NOT NULL
AND coalesce(a.backend_type, 'client backend') = 'client backend'

-- fragment: locked
-- To ask for a size waits behind an ACCESS EXCLUSIVE lock, held or wanted: a monitor must not.
locked AS MATERIALIZED (
    SELECT coalesce(i.indrelid, l.relation) AS table_oid
    FROM pg_locks AS l
    INNER JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
    LEFT JOIN pg_index AS i ON i.indexrelid = l.relation
    WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
)

-- fragment: sizes
-- The partitions of an index are one index.
sizes AS (
    SELECT
        coalesce(pg_partition_root(s.indexrelid), s.indexrelid) AS oid,
        sum(s.idx_scan)::bigint AS scans,
        sum(
            CASE WHEN s.relid NOT IN (SELECT l.table_oid FROM locked AS l) THEN pg_relation_size(s.indexrelid) END
        )::bigint AS bytes
    FROM pg_stat_user_indexes AS s
    GROUP BY coalesce(pg_partition_root(s.indexrelid), s.indexrelid)
)

-- fragment: serves_key
-- As many columns as the key has, all of them in it; on all rows, or on those where it is not NULL.
i.indisvalid
AND i.indrelid = k.conrelid
AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
AND (i.indpred IS NULL OR i.indpred::text ~ '^{NULLTEST :arg {VAR [^{}]*} :nulltesttype 1 [^{}]*}$')

-- name: server
-- What the server is, and what of it this role can ask for.
-- budget: maintenance
SELECT
    current_setting('server_version') AS version,
    pg_is_in_recovery() AS in_recovery,
    pg_postmaster_start_time() AS started,
    d.stats_reset AS statistics_since,
    current_setting('pg_stat_statements.max', TRUE) IS NOT NULL AS statements_loaded,
    to_regclass('pg_stat_statements') IS NOT NULL AS statements_created,
    quote_ident(current_user) AS role_name,
    pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
    to_regclass('_yoyo_migration') IS NOT NULL AS has_schema,
    coalesce(has_table_privilege(to_regclass('_yoyo_migration'), 'SELECT'), FALSE) AS reads_schema,
    has_function_privilege(to_regprocedure('checkpoint_counts()'), 'EXECUTE') AS reads_checkpoints,
    coalesce(has_table_privilege(to_regclass('history_default'), 'SELECT'), FALSE) AS reads_history
FROM pg_stat_database AS d
WHERE d.datname = current_database();

-- name: readiness(expected_version)
-- Whether the server is a primary, how far its schema is, and how many connections this role can still open.
-- budget: maintenance
WITH sessions AS (
    SELECT
        count(*) AS used,
        count(*) FILTER (WHERE a.datname = current_database()) AS of_database,
        count(*) FILTER (WHERE a.usename = current_user) AS of_role
    FROM pg_stat_activity AS a
    WHERE {client}
),

limits AS (
    SELECT
        current_setting('max_connections')::bigint
        - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::bigint END
        -- There since 16, with a role that may use them.
        - CASE
            WHEN r.rolsuper OR EXISTS (
                SELECT
                FROM pg_roles AS other
                WHERE other.rolname = 'pg_use_reserved_connections' AND pg_has_role(other.oid, 'USAGE')
            ) THEN 0
            ELSE coalesce(current_setting('reserved_connections', TRUE)::bigint, 0)
        END AS of_server,
        CASE WHEN NOT r.rolsuper AND d.datconnlimit >= 0 THEN d.datconnlimit END AS of_database,
        CASE WHEN NOT r.rolsuper AND r.rolconnlimit >= 0 THEN r.rolconnlimit END AS of_role
    FROM pg_roles AS r
    INNER JOIN pg_database AS d ON d.datname = current_database()
    WHERE r.rolname = current_user
)

SELECT
    CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
    (
        SELECT coalesce(max(substring(m.migration_id FROM '^[0-9]{1,18}')::bigint), 0)
        FROM _yoyo_migration AS m
    ) AS schema_version,
    :expected_version::bigint AS expected_version,
    s.used AS connections,
    greatest(
        0, least(l.of_server - s.used, l.of_database - s.of_database, l.of_role - s.of_role)
    )::bigint AS connections_left
FROM sessions AS s
CROSS JOIN limits AS l;

-- name: statements(limit)
-- The statements of this database, slowest on average first; times in milliseconds. Needs pg_stat_statements.
-- budget: maintenance
SELECT
    -- Of a utility statement the server keeps what was quoted, a password perhaps, and of any its comments. Where a
    -- quotation ends is not easily told, so that nothing is shown from where the first one begins.
    left(
        regexp_replace(
            regexp_replace(
                coalesce(w.query, ''), '("[^"]*")|(?:--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/|\s)+', '\1 ', 'g'
            ),
            '(?:''|\$(?:[^\s$0-9][^\s$]*)?\$).*', '''...'''
        ),
        500
    ) AS query,
    w.calls,
    w.total_exec_time,
    w.mean_exec_time,
    w.max_exec_time,
    w.rows
FROM (
    SELECT s.*
    FROM pg_stat_statements AS s
    INNER JOIN pg_database AS d ON d.oid = s.dbid AND d.datname = current_database()
    ORDER BY s.mean_exec_time DESC
    LIMIT :limit
) AS w
ORDER BY w.mean_exec_time DESC;

-- name: indexes
-- How often each index was used since the statistics began, most used first; its size in bytes.
-- budget: maintenance
WITH {locked}

SELECT
    s.relid::regclass::text AS table_name,
    s.indexrelid::regclass::text AS name,
    s.idx_scan AS scans,
    s.idx_tup_read AS tuples_read,
    s.idx_tup_fetch AS tuples_fetched,
    CASE WHEN s.relid NOT IN (SELECT l.table_oid FROM locked AS l) THEN pg_relation_size(s.indexrelid) END AS bytes,
    i.indisunique AS is_unique,
    i.indisvalid AS is_valid
FROM pg_stat_user_indexes AS s
INNER JOIN pg_index AS i ON i.indexrelid = s.indexrelid
ORDER BY s.idx_scan DESC, name ASC;

-- name: tables
-- What each table weighs with its indexes, its live and dead rows, and when it was last looked after; largest first.
-- budget: maintenance
WITH {locked}

SELECT
    s.relid::regclass::text AS name,
    CASE WHEN s.relid NOT IN (SELECT l.table_oid FROM locked AS l) THEN pg_total_relation_size(s.relid) END
        AS total_bytes,
    CASE WHEN s.relid NOT IN (SELECT l.table_oid FROM locked AS l) THEN pg_indexes_size(s.relid) END AS index_bytes,
    s.n_live_tup AS live_tuples,
    s.n_dead_tup AS dead_tuples,
    greatest(s.last_vacuum, s.last_autovacuum) AS last_vacuum,
    greatest(s.last_analyze, s.last_autoanalyze) AS last_analyze
FROM pg_stat_user_tables AS s
INNER JOIN pg_class AS c ON c.oid = s.relid AND c.relkind <> 'p'
ORDER BY total_bytes DESC NULLS FIRST, name ASC;

-- name: connections
-- How many connections of clients are in each state, and for how many seconds on average.
-- budget: maintenance
SELECT
    a.state,
    count(*) AS connections,
    avg(extract(EPOCH FROM clock_timestamp() - a.state_change))::float8 AS average_seconds
FROM pg_stat_activity AS a
WHERE {client}
GROUP BY a.state
ORDER BY connections DESC, a.state ASC;

-- name: unused_indexes
-- The indexes that no query used since the statistics began, and that neither a constraint nor a foreign key needs.
-- budget: maintenance
WITH {locked},

{sizes},

scanned AS (
    SELECT
        coalesce(pg_partition_root(t.relid), t.relid) AS oid,
        sum(t.seq_scan + coalesce(t.idx_scan, 0))::bigint AS scans
    FROM pg_stat_user_tables AS t
    GROUP BY coalesce(pg_partition_root(t.relid), t.relid)
)

SELECT
    i.indrelid::regclass::text AS table_name,
    i.indexrelid::regclass::text AS name,
    c.relkind = 'I' AS is_partitioned,
    s.bytes,
    coalesce(t.scans, 0) AS table_scans
FROM sizes AS s
INNER JOIN pg_index AS i ON i.indexrelid = s.oid
INNER JOIN pg_class AS c ON c.oid = s.oid
LEFT JOIN scanned AS t ON t.oid = i.indrelid
WHERE s.scans = 0
    AND i.indisvalid
    AND NOT i.indisunique
    AND NOT EXISTS (SELECT FROM pg_constraint AS o WHERE o.conindid = i.indexrelid)
    AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.contype = 'f' AND {serves_key})
ORDER BY s.bytes DESC NULLS LAST, name ASC;

-- name: duplicate_indexes
-- The indexes that another one makes needless: of the same columns in the same order, under the same conditions.
-- budget: maintenance
WITH {locked},

{sizes},

alike AS (
    SELECT
        i.indrelid,
        i.indexrelid,
        c.relkind,
        k.conname,
        n.is_needed,
        first_value(i.indexrelid) OVER same AS kept
    FROM pg_index AS i
    INNER JOIN pg_class AS c ON c.oid = i.indexrelid AND NOT c.relispartition
    LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    CROSS JOIN LATERAL (
        -- Replication tells rows by it, it excludes by operators of its own, or a foreign key refers to it.
        SELECT i.indisreplident OR i.indisexclusion OR EXISTS (
            SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.conindid = i.indexrelid
        ) AS is_needed
    ) AS n
    WHERE i.indisvalid
    WINDOW same AS (
        PARTITION BY
            i.indrelid,
            c.relam,
            i.indnkeyatts,
            i.indkey::text,
            i.indclass::text,
            i.indcollation::text,
            i.indoption::text,
            -- As they are stored, less their place in the text: pg_get_expr would wait for a lock on the table.
            regexp_replace(i.indexprs::text, ':location -?[0-9]+', '', 'g'),
            regexp_replace(i.indpred::text, ':location -?[0-9]+', '', 'g')
        -- The one that asks most of a row is kept.
        ORDER BY
            i.indisprimary DESC,
            i.indisunique DESC,
            i.indnullsnotdistinct DESC,
            i.indimmediate DESC,
            n.is_needed DESC,
            k.conname IS NULL ASC,
            i.indexrelid ASC
    )
)

SELECT
    a.indrelid::regclass::text AS table_name,
    a.indexrelid::regclass::text AS name,
    a.kept::regclass::text AS duplicate_of,
    quote_ident(a.conname) AS constraint_name,
    a.relkind = 'I' AS is_partitioned,
    s.bytes
FROM alike AS a
INNER JOIN sizes AS s ON s.oid = a.indexrelid
WHERE a.indexrelid <> a.kept AND NOT a.is_needed
ORDER BY s.bytes DESC NULLS LAST, name ASC;

-- name: invalid_indexes
-- The indexes that an interrupted CREATE INDEX or REINDEX left: writes pay for them, and no query uses them.
-- budget: maintenance
WITH {locked},

{sizes}

SELECT
    i.indrelid::regclass::text AS table_name,
    i.indexrelid::regclass::text AS name,
    c.relname ~ '_cc(new|old)[0-9]*$' AS is_leftover,
    c.relkind = 'I' AS is_partitioned,
    s.bytes
FROM pg_index AS i
INNER JOIN pg_class AS c ON c.oid = i.indexrelid
LEFT JOIN sizes AS s ON s.oid = i.indexrelid
WHERE NOT (i.indisvalid AND i.indisready)
    -- Under this lock it is being made just now.
    AND NOT EXISTS (
        SELECT
        FROM pg_locks AS l
        INNER JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'
    )
ORDER BY name;

-- name: unindexed_foreign_keys
-- The foreign keys without an index: to delete what they refer to reads the whole table.
-- budget: maintenance
SELECT
    k.conrelid::regclass::text AS table_name,
    k.conname::text AS constraint_name,
    (
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY n.place)
        FROM unnest(k.conkey) WITH ORDINALITY AS n (attnum, place)
        INNER JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = n.attnum
    ) AS column_names,
    k.confrelid::regclass::text AS referenced_table,
    c.relkind = 'p' AS is_partitioned,
    coalesce(t.live_tuples, 0) AS live_tuples
FROM pg_constraint AS k
INNER JOIN pg_class AS c ON c.oid = k.conrelid
LEFT JOIN (
    SELECT
        coalesce(pg_partition_root(s.relid), s.relid) AS oid,
        sum(s.n_live_tup)::bigint AS live_tuples
    FROM pg_stat_user_tables AS s
    GROUP BY coalesce(pg_partition_root(s.relid), s.relid)
) AS t ON t.oid = k.conrelid
WHERE k.contype = 'f'
    AND k.conparentid = 0
    AND NOT EXISTS (SELECT FROM pg_index AS i WHERE {serves_key})
ORDER BY live_tuples DESC, table_name ASC, constraint_name ASC;

-- name: bloat
-- An estimate of the bytes that tables and B-tree indexes hold beyond what their rows need.
-- It needs ANALYZE, is low where an index packs equal keys together, and passes over what lies in TOAST and what the
-- role may not read.
-- budget: maintenance
WITH attributes AS (
    -- Of an expression the statistics are under the index's own name.
    SELECT
        c.oid,
        a.attnum,
        coalesce(t.attname, a.attname) AS attname,
        coalesce(t.attrelid, c.oid) AS stats_oid
    FROM pg_class AS c
    LEFT JOIN pg_am AS m ON m.oid = c.relam
    INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
    LEFT JOIN pg_attribute AS t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[a.attnum - 1] AND t.attnum > 0
    WHERE c.relpages > 1 AND c.reltuples >= 0
        AND (c.relkind IN ('r', 'm') OR m.amname = 'btree')
        AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
),

widths AS (
    SELECT
        n.oid,
        sum((1 - s.null_frac) * s.avg_width) AS data_bytes,
        count(*) AS number,
        bool_or(s.null_frac > 0) AS has_nulls
    FROM attributes AS n
    INNER JOIN pg_class AS c ON c.oid = n.stats_oid
    INNER JOIN pg_namespace AS p ON p.oid = c.relnamespace
    LEFT JOIN pg_stats AS s
        ON s.schemaname = p.nspname AND s.tablename = c.relname AND s.attname = n.attname AND NOT s.inherited
    GROUP BY n.oid
    HAVING count(s.attname) = count(*)
),

pages AS (
    SELECT
        c.oid,
        c.relkind,
        c.relpages,
        current_setting('block_size')::bigint AS page_bytes,
        CASE
            -- A row has a pointer, a header with a bit for each column where one is NULL, and what it holds.
            WHEN c.relkind <> 'i' THEN ceil(
                c.reltuples * (4 + 8 * ceil((23 + CASE WHEN w.has_nulls THEN w.number / 8.0 ELSE 0 END) / 8)
                + 8 * ceil(w.data_bytes / 8)) / (current_setting('block_size')::bigint - 24)
                * 100 / coalesce(f.fillfactor, 100)
            )
            ELSE 1 + ceil(
                c.reltuples * (4 + CASE WHEN w.has_nulls THEN 16 ELSE 8 END + 8 * ceil(w.data_bytes / 8))
                / (current_setting('block_size')::bigint - 40) * 100 / coalesce(f.fillfactor, 90)
            )
        END AS needed
    FROM widths AS w
    INNER JOIN pg_class AS c ON c.oid = w.oid
    CROSS JOIN LATERAL (
        SELECT substring(array_to_string(c.reloptions, ' ') FROM 'fillfactor=([0-9]+)')::bigint AS fillfactor
    ) AS f
)

SELECT
    CASE WHEN p.relkind = 'i' THEN 'index' ELSE 'table' END AS kind,
    p.oid::regclass::text AS name,
    p.relpages * p.page_bytes AS bytes,
    (greatest(0, p.relpages - p.needed) * p.page_bytes)::bigint AS wasted_bytes
FROM pages AS p
ORDER BY wasted_bytes DESC, name ASC;

-- name: blocked_sessions
-- The sessions of this database that wait for a lock, each with every session that it waits for; longest wait first.
-- budget: maintenance
SELECT
    a.pid,
    a.usename::text AS user_name,
    a.application_name,
    l.mode AS lock_mode,
    l.relation::regclass::text AS relation,
    coalesce(extract(EPOCH FROM clock_timestamp() - l.waitstart), 0)::float8 AS seconds,
    b.pid AS blocker_pid,
    o.usename::text AS blocker_user_name,
    o.application_name AS blocker_application_name,
    o.state AS blocker_state,
    extract(EPOCH FROM clock_timestamp() - o.xact_start)::float8 AS blocker_seconds,
    b.pid IN (SELECT other.pid FROM pg_locks AS other WHERE NOT other.granted) AS blocker_waits
FROM pg_locks AS l
INNER JOIN pg_stat_activity AS a ON a.pid = l.pid AND a.datname = current_database()
CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(l.pid)) AS pid) AS b
LEFT JOIN pg_stat_activity AS o ON o.pid = b.pid
WHERE NOT l.granted
ORDER BY seconds DESC, a.pid ASC, blocker_pid ASC;

-- name: long_transactions(minimum_seconds)
-- The transactions of this database open for so long, longest first: VACUUM can remove no row that they may see.
-- budget: maintenance
SELECT
    a.pid,
    a.usename::text AS user_name,
    a.application_name,
    a.state,
    extract(EPOCH FROM clock_timestamp() - a.xact_start)::float8 AS seconds,
    extract(EPOCH FROM clock_timestamp() - a.state_change)::float8 AS state_seconds
FROM pg_stat_activity AS a
WHERE {client}
    AND a.datname = current_database()
    AND a.pid <> pg_backend_pid()
    AND a.xact_start <= clock_timestamp() - make_interval(secs => :minimum_seconds)
ORDER BY seconds DESC, a.pid ASC;

-- name: wraparound
-- How old the oldest row is, counted in transactions, in the ten worst databases of the server and tables of this one;
-- before 1, which is 2³¹ transactions, the server stops writing.
-- budget: maintenance
(
    SELECT
        'database' AS kind,
        quote_ident(d.datname) AS name,
        age(d.datfrozenxid)::bigint AS transactions,
        mxid_age(d.datminmxid)::bigint AS multixacts,
        greatest(age(d.datfrozenxid), mxid_age(d.datminmxid)) / 2147483648::float8 AS used
    FROM pg_database AS d
    ORDER BY used DESC, name ASC
    LIMIT 10
)
UNION ALL
(
    SELECT
        'table' AS kind,
        c.oid::regclass::text AS name,
        age(c.relfrozenxid)::bigint AS transactions,
        mxid_age(c.relminmxid)::bigint AS multixacts,
        greatest(age(c.relfrozenxid), mxid_age(c.relminmxid)) / 2147483648::float8 AS used
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'm', 't')
    ORDER BY used DESC, name ASC
    LIMIT 10
);

-- name: sequences
-- How much of its range each sequence has used up, as a fraction; that of its column counts where it is less.
-- budget: maintenance
SELECT
    s.name,
    s.table_name,
    s.column_name,
    s.data_type,
    s.last_value,
    s.limit_value,
    coalesce(s.last_value::float8 / s.limit_value, 0) AS used
FROM (
    SELECT
        q.seqrelid::regclass::text AS name,
        a.attrelid::regclass::text AS table_name,
        quote_ident(a.attname) AS column_name,
        format_type(coalesce(a.atttypid, q.seqtypid), NULL) AS data_type,
        CASE
            WHEN has_sequence_privilege(q.seqrelid, 'SELECT, USAGE') AND NOT EXISTS (
                -- To read it waits behind one of these.
                SELECT
                FROM pg_locks AS l
                WHERE l.relation = q.seqrelid
                    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            ) THEN pg_sequence_last_value(q.seqrelid)
        END AS last_value,
        least(q.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END)
            AS limit_value
    FROM pg_sequence AS q
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE q.seqincrement > 0 AND NOT q.seqcycle
) AS s
ORDER BY used DESC, s.name ASC;

-- name: replication
-- The standbys that read from this server, and this server itself where it is one; how far each is behind.
-- budget: maintenance
SELECT
    r.name,
    r.address,
    r.state,
    r.sync_state,
    r.lag_bytes,
    CASE WHEN r.lag_bytes = 0 THEN 0 ELSE r.lag_seconds END AS lag_seconds
FROM (
    SELECT
        s.application_name AS name,
        host(s.client_addr) AS address,
        s.state,
        s.sync_state,
        greatest(0, pg_wal_lsn_diff(
            CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, s.replay_lsn
        ))::bigint AS lag_bytes,
        extract(EPOCH FROM s.replay_lag)::float8 AS lag_seconds
    FROM pg_stat_replication AS s
    UNION ALL
    SELECT
        'this server' AS name,
        (SELECT receiver.sender_host FROM pg_stat_wal_receiver AS receiver) AS address,
        CASE
            WHEN NOT pg_is_in_recovery() THEN NULL
            WHEN pg_get_wal_replay_pause_state() <> 'not paused' THEN 'paused'
            WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 'streaming'
            ELSE 'disconnected'
        END AS state,
        NULL AS sync_state,
        greatest(0, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()))::bigint AS lag_bytes,
        extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS lag_seconds
    WHERE pg_is_in_recovery()
) AS r
ORDER BY r.lag_bytes DESC NULLS FIRST, r.name ASC;

-- name: replication_slots
-- The replication slots, and the bytes of WAL that each keeps the server from removing; most first.
-- budget: maintenance
SELECT
    s.slot_name::text AS name,
    s.slot_type,
    s.active,
    s.wal_status,
    pg_wal_lsn_diff(
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, s.restart_lsn
    )::bigint AS retained_bytes
FROM pg_replication_slots AS s
ORDER BY retained_bytes DESC NULLS LAST, name ASC;

-- name: checkpoints
-- How many checkpoints came in their time or were asked for, mostly since WAL had no more room, and what they wrote.
-- budget: maintenance
SELECT
    c.timed,
    c.requested,
    c.write_ms,
    c.sync_ms,
    c.buffers_written,
    c.since
FROM checkpoint_counts() AS c;

-- name: default_partition_rows(limit)
-- How many events lie in no partition of a month; no more than the limit are counted.
-- budget: maintenance
SELECT count(*) AS default_partition_rows
FROM (
    SELECT d.id
    FROM history_default AS d
    ORDER BY d.id, d.date
    LIMIT :limit
) AS h;
