-- name: list_applied
-- The migrations that are applied, in order, and what this library noted of their files.
-- budget: maintenance
SELECT
    m.migration_id::text AS id,
    (
        SELECT substring(l.comment FROM '^sha256:.*')
        FROM _yoyo_log AS l
        WHERE l.migration_hash = m.migration_hash AND l.operation IN ('apply', 'mark')
        ORDER BY l.created_at_utc DESC
        LIMIT 1
    ) AS checksum
FROM _yoyo_migration AS m
ORDER BY m.migration_id;

-- name: is_migrated
-- Whether there is what tells of migrations.
-- budget: maintenance
SELECT to_regclass('_yoyo_migration') IS NOT NULL AS is_migrated;

-- name: list_relations
-- All tables with rows of their own, and all sequences, except those of extensions. A standby has no rows of unlogged
-- tables, and may not even look for them.
-- budget: maintenance
SELECT
    n.nspname::text AS schema,
    c.relname::text AS name,
    c.relkind = 'r' AS is_table
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    c.relkind IN ('r', 'S')
    AND c.relpersistence <> 't'
    AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname;

-- name: list_sizes
-- The estimated number of rows of each table, partitions added up.
-- budget: maintenance
SELECT
    coalesce(pg_partition_root(t.relid), t.relid)::regclass::text AS name,
    sum(CASE WHEN c.reltuples < 0 THEN t.n_live_tup ELSE c.reltuples END)::bigint AS rows
FROM pg_stat_user_tables AS t
INNER JOIN pg_class AS c ON c.oid = t.relid
WHERE t.relname !~ '^_?yoyo_' AND c.relkind <> 'p'
GROUP BY coalesce(pg_partition_root(t.relid), t.relid)
ORDER BY name;

-- name: list_foreign_keys
-- The statements that drop each foreign key, and make it again.
-- budget: maintenance
SELECT
    format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS add
FROM pg_constraint AS c
WHERE c.contype = 'f' AND c.conparentid = 0;

-- name: list_materialized_views
-- The names of the materialized views, as SQL has them.
-- budget: maintenance
SELECT format('%I.%I', v.schemaname, v.matviewname) AS name
FROM pg_matviews AS v
ORDER BY name;

-- name: list_extensions
-- The extensions of the database, and their versions.
-- budget: maintenance
SELECT
    e.extname::text AS name,
    e.extversion AS version
FROM pg_extension AS e
ORDER BY name;

-- name: lacks_extension(name)
-- Whether the server has an extension that the database has not.
-- budget: maintenance
SELECT count(*) > 0 AS lacking
FROM pg_available_extensions AS a
WHERE a.name = :name AND a.installed_version IS NULL;
