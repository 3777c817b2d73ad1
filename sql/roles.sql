-- name: list_mighty(names, owner)
-- Those of the roles that have more power than rights in a database can take away. The owner may be one who applies the
-- roles, and makes some.
-- budget: maintenance
SELECT r.rolname::text AS name
FROM pg_roles AS r
WHERE r.rolname = ANY(:names::text[]) AND (r.rolsuper OR (r.rolcreaterole AND r.rolname <> :owner))
ORDER BY r.rolname;

-- name: current_database
-- The name of the database as SQL has it, and whether its schema public is migrated.
-- budget: maintenance
SELECT
    quote_ident(current_database()) AS name,
    to_regclass('public._yoyo_migration') IS NOT NULL AND to_regclass('public.movies') IS NOT NULL AS is_migrated;

-- name: list_owners(owner)
-- Who owns the database, or works as the owner, as SQL has them. A superuser is none of them: the extensions that it
-- makes must stay open to everyone.
-- budget: maintenance
SELECT quote_ident(r.rolname) AS name
FROM pg_roles AS r
WHERE
    NOT r.rolsuper
    AND r.rolname <> :owner::text
    AND (
        r.oid = (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database())
        OR EXISTS (
            SELECT FROM pg_auth_members AS m
            WHERE m.member = r.oid AND m.roleid = to_regrole(:owner::text)
        )
    )
ORDER BY name;

-- name: list_objects(owner)
-- All in the schema public that belongs to no extension, and whether it is the owner's. The server keeps track of what
-- a role owns, except for its first one.
-- budget: maintenance
SELECT
    i.type AS kind,
    CASE d.classid
        WHEN 'pg_class'::regclass THEN d.objid::regclass::text
        WHEN 'pg_proc'::regclass THEN d.objid::regprocedure::text
        ELSE i.identity
    END AS name,
    coalesce(c.relispartition, FALSE) AS is_partition,
    o.objid IS NOT NULL AS is_owned
FROM pg_depend AS d
INNER JOIN pg_database AS b ON b.datname = current_database()
CROSS JOIN pg_identify_object(d.classid, d.objid, 0) AS i
LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_shdepend AS o
    ON
        o.dbid = b.oid
        AND o.classid = d.classid
        AND o.objid = d.objid
        AND o.deptype = 'o'
        AND o.refobjid = to_regrole(:owner)
WHERE
    d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'public'::regnamespace AND d.deptype = 'n'
    AND i.type IN (
        'table', 'view', 'materialized view', 'sequence', 'function', 'procedure', 'type',
        'text search dictionary', 'text search configuration'
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend AS e
        WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e'
    )
ORDER BY kind, name;
