-- name: find(name)
-- What makes another database like the one of this name.
-- budget: maintenance
SELECT
    d.oid::bigint AS oid,
    d.datname::text AS name,
    pg_get_userbyid(d.datdba)::text AS owner,
    pg_has_role(d.datdba, 'USAGE') AS is_ours,
    pg_encoding_to_char(d.encoding)::text AS encoding,
    d.datcollate::text AS lc_collate,
    d.datctype::text AS lc_ctype,
    CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
    -- Before 17 it has another name, and before 16 there are no rules.
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale,
    to_jsonb(d) ->> 'daticurules' AS icu_rules,
    nullif(t.spcname, 'pg_default')::text AS tablespace,
    has_tablespace_privilege(t.oid, 'CREATE') AS may_use_tablespace,
    d.datconnlimit AS connection_limit,
    d.datacl IS NOT NULL AS has_grants,
    shobj_description(d.oid, 'pg_database') AS comment
FROM pg_database AS d
INNER JOIN pg_tablespace AS t ON t.oid = d.dattablespace
WHERE d.datname = :name;

-- name: may_create
-- Whether the role of the session may create databases.
-- budget: maintenance
SELECT r.rolcreatedb OR r.rolsuper AS may_create
FROM pg_roles AS r
WHERE r.rolname = current_user;

-- name: list_users(name)
-- Who is connected to a database, with how many sessions, and whether the role may end them. Of the sessions of other
-- roles we may see little, but whose they are.
-- budget: maintenance
SELECT
    a.usename::text AS name,
    count(*) AS sessions,
    pg_has_role(a.usesysid, 'USAGE') AS may_end
FROM pg_stat_activity AS a
WHERE a.datname = :name AND a.usename IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend'
GROUP BY a.usesysid, a.usename
ORDER BY name;

-- name: disconnect(oid)
-- Ends the sessions of a database that the role may end, and gives their number.
-- budget: maintenance
SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) AS ended
FROM pg_stat_activity AS a
WHERE a.datid = :oid::oid AND a.backend_type = 'client backend' AND pg_has_role(a.usesysid, 'USAGE');

-- name: list_left(mark)
-- The databases of the role whose comments begin with the mark of a restore and go on with the process of its maker,
-- when that process is gone and nobody uses them.
-- budget: maintenance
SELECT d.datname::text AS name
FROM pg_database AS d
WHERE
    d.datname ~ '_restore_[0-9a-f]{8}$' AND pg_has_role(d.datdba, 'USAGE')
    AND starts_with(shobj_description(d.oid, 'pg_database'), :mark)
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity AS a
        WHERE a.datid = d.oid OR shobj_description(d.oid, 'pg_database') = concat(:mark::text, a.pid)
    )
ORDER BY name;

-- name: list_settings(oid)
-- The settings of a database, and those of roles in it.
-- budget: maintenance
SELECT
    CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole)::text END AS role,
    split_part(c.setting, '=', 1) AS name,
    substr(c.setting, strpos(c.setting, '=') + 1) AS value
FROM pg_db_role_setting AS s
CROSS JOIN unnest(s.setconfig) AS c (setting)
WHERE s.setdatabase = :oid::oid;

-- name: list_grants(oid)
-- What others than its owner may do with a database.
-- budget: maintenance
SELECT
    CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee)::text END AS role,
    g.privilege_type AS privilege,
    g.is_grantable
FROM pg_database AS d
CROSS JOIN aclexplode(d.datacl) AS g
WHERE d.oid = :oid::oid AND g.grantee <> d.datdba;
