"""What belongs to a database and is in no dump of it: who may connect, and its settings."""

from __future__ import annotations

import psycopg
from psycopg import sql

from radarr_db.operations.databases import Database


def carry_over(server: psycopg.Connection, old: Database, new: str) -> list[str]:
    """Give ``new`` what ``old`` has, and tell what this role may not give it."""
    problems = []
    for role, setting in _settings(server, old):
        name, _, value = setting.partition("=")
        try:
            _set(server, new, role, name, value)
        except psycopg.Error as error:
            whose = f" of {role}" if role else ""
            problems.append(f"the database's setting {name}{whose} was not carried over: {error.diag.message_primary}")
    _grant(server, old, new)
    return problems


def _settings(server: psycopg.Connection, old: Database) -> list[tuple[str | None, str]]:
    return server.execute(
        """
        SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END, unnest(s.setconfig)
        FROM pg_db_role_setting AS s
        WHERE s.setdatabase = %s
        """,
        (old.oid,),
    ).fetchall()


def _set(server: psycopg.Connection, new: str, role: str | None, name: str, value: str) -> None:
    whose = sql.SQL("ROLE {} IN DATABASE").format(sql.Identifier(role)) if role else sql.SQL("DATABASE")
    statement = sql.SQL("ALTER {} {} SET {} FROM CURRENT")
    # From the session: as SQL, a list such as search_path would have to be taken apart and quoted anew.
    with server.transaction():
        server.execute("SELECT set_config(%s, %s, TRUE)", (name, value))
        server.execute(statement.format(whose, sql.Identifier(new), sql.Identifier(*name.split("."))))


def _grant(server: psycopg.Connection, old: Database, new: str) -> None:
    grants = server.execute(
        """
        SELECT CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END, g.privilege_type, g.is_grantable
        FROM pg_database AS d
        CROSS JOIN aclexplode(d.datacl) AS g
        WHERE d.oid = %s AND g.grantee <> d.datdba
        """,
        (old.oid,),
    ).fetchall()
    is_default = server.execute("SELECT datacl IS NULL FROM pg_database WHERE oid = %s", (old.oid,)).fetchone()
    if is_default == (True,):
        return
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(new)))
    for role, privilege, is_grantable in grants:
        grant = sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
            sql.SQL(privilege),
            sql.Identifier(new),
            sql.Identifier(role) if role else sql.SQL("PUBLIC"),
            sql.SQL(" WITH GRANT OPTION" if is_grantable else ""),
        )
        server.execute(grant)
