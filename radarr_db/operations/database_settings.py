"""What belongs to a database and is in no dump of it: who may connect, and its settings."""

from __future__ import annotations

import psycopg
from psycopg import sql

from radarr_db.models.databases import DatabaseGrant, DatabaseSetting, ServerDatabase
from radarr_db.operations.sessions import run
from radarr_db.repositories import databases


def carry_over(server: psycopg.Connection, old: ServerDatabase, new: str) -> list[str]:
    """Give ``new`` what ``old`` has, and tell what this role may not give it."""
    problems = []
    for found in run(server, databases.list_settings(old.oid)):
        try:
            _set(server, new, found)
        except psycopg.Error as error:
            whose = f" of {found.role}" if found.role else ""
            problem = f"the database's setting {found.name}{whose} was not carried over: {error.diag.message_primary}"
            problems.append(problem)
    now = run(server, databases.find(old.name)) or old  # it may have changed since the restore began
    if now.connection_limit >= 0:
        limit = sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}")
        server.execute(limit.format(sql.Identifier(new), now.connection_limit))
    if now.has_grants:
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(new)))
        for grant in run(server, databases.list_grants(old.oid)):
            _grant(server, new, grant)
    return problems


def _set(server: psycopg.Connection, new: str, setting: DatabaseSetting) -> None:
    role = setting.role
    whose = sql.SQL("ROLE {} IN DATABASE").format(sql.Identifier(role)) if role else sql.SQL("DATABASE")
    statement = sql.SQL("ALTER {} {} SET {} FROM CURRENT")
    # From the session: as SQL, a list such as search_path would have to be taken apart and quoted anew.
    with server.transaction():
        server.execute("SELECT set_config(%s, %s, TRUE)", (setting.name, setting.value))
        server.execute(statement.format(whose, sql.Identifier(new), sql.Identifier(*setting.name.split("."))))


def _grant(server: psycopg.Connection, new: str, grant: DatabaseGrant) -> None:
    statement = sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
        sql.SQL(grant.privilege),
        sql.Identifier(new),
        sql.Identifier(grant.role) if grant.role else sql.SQL("PUBLIC"),
        sql.SQL(" WITH GRANT OPTION" if grant.is_grantable else ""),
    )
    server.execute(statement)
