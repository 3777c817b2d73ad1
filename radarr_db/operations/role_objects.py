"""What is in a database that roles have rights to, and who works as its owner."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from radarr_db.errors import MigrationError


@dataclass(frozen=True, slots=True)
class Object:
    """A table, function or the like of ours: what ALTER calls its kind, and its name as SQL."""

    kind: str
    name: str
    is_partition: bool
    is_owned: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is there: the database's name as SQL, who works as its owner, and its objects."""

    database: str
    owners: list[str]
    objects: list[Object]

    def names(self, *kinds: str) -> list[str]:
        """The objects of these kinds; a partition is reached through its table, which is enough."""
        return [found.name for found in self.objects if found.kind in kinds and not found.is_partition]


def find(connection: psycopg.Connection, owner: str) -> Found:
    """What is there; ``owner`` is the role that is to own it. MigrationError when there is no schema yet."""
    if None in connection.execute(_MIGRATED).fetchall()[0]:
        raise MigrationError("the schema public is not migrated: run `radarr-db migrate` first")
    with connection.transaction():
        connection.execute("SET LOCAL search_path = public")  # so that names come out without their schema
        database = connection.execute("SELECT quote_ident(current_database())").fetchone()
        assert database  # noqa: S101 - a SELECT without FROM has a row
        owners = connection.execute(_OWNERS, {"owner": owner}).fetchall()
        objects = connection.execute(_OBJECTS, {"owner": owner}).fetchall()
    return Found(database[0], [name for (name,) in owners], [Object(*row) for row in objects])


_MIGRATED = "SELECT to_regclass('public._yoyo_migration'), to_regclass('public.movies')"

# A superuser is none of them: the extensions that it makes must stay open to everyone.
_OWNERS = """
SELECT quote_ident(r.rolname) AS name
FROM pg_roles AS r
WHERE NOT r.rolsuper AND r.rolname <> %(owner)s AND (
    r.oid = (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database())
    OR EXISTS (
        SELECT FROM pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = to_regrole(%(owner)s)
    )
)
ORDER BY name
"""

# All in the schema that belongs to no extension. The server keeps track of what a role owns, except for its first one.
_OBJECTS = """
SELECT
    i.type AS kind,
    CASE d.classid
        WHEN 'pg_class'::regclass THEN d.objid::regclass::text
        WHEN 'pg_proc'::regclass THEN d.objid::regprocedure::text
        ELSE i.identity
    END AS name,
    coalesce(c.relispartition, FALSE) AS is_partition,
    EXISTS (
        SELECT
        FROM pg_shdepend AS o
        WHERE o.dbid = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
            AND (o.classid, o.objid) = (d.classid, d.objid)
            AND o.deptype = 'o' AND o.refobjid = to_regrole(%(owner)s)
    ) AS is_owned
FROM pg_depend AS d
CROSS JOIN pg_identify_object(d.classid, d.objid, 0) AS i
LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'public'::regnamespace AND d.deptype = 'n'
    AND i.type IN (
        'table', 'view', 'materialized view', 'sequence', 'function', 'procedure', 'type',
        'text search dictionary', 'text search configuration'
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend AS e WHERE (e.classid, e.objid) = (d.classid, d.objid) AND e.deptype = 'e'
    )
ORDER BY kind, name
"""
