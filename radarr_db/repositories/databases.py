"""Databases as a whole, seen from outside: the queries of sql/databases.sql."""

from __future__ import annotations

from radarr_db import checks
from radarr_db.models.databases import DatabaseGrant, DatabaseSetting, DatabaseUser, ServerDatabase
from radarr_db.query import Query, column, many, optional, scalar
from radarr_db.statements import load

_SQL = load("databases")

_name = checks.text(63, empty=True)
_mark = checks.text(200)
_oid = checks.integer(1, 2**32 - 1)


def find(name: str) -> Query[ServerDatabase | None]:
    """The database of this name, if there is one."""
    return optional(ServerDatabase, _SQL["find"], name=_name("name", name))


def may_create() -> Query[bool]:
    """Whether the role of the session may create databases."""
    return scalar(bool, _SQL["may_create"])


def list_users(name: str) -> Query[list[DatabaseUser]]:
    """Who is connected to a database, and with how many sessions."""
    return many(DatabaseUser, _SQL["list_users"], name=_name("name", name))


def disconnect(oid: int) -> Query[int]:
    """Ends the sessions of a database that the role may end, and gives their number."""
    return scalar(int, _SQL["disconnect"], oid=_oid("oid", oid))


def list_left(mark: str) -> Query[list[str]]:
    """The databases that killed restores left, by the ``mark`` that the comments of theirs begin with."""
    return column(str, _SQL["list_left"], mark=_mark("mark", mark))


def list_settings(oid: int) -> Query[list[DatabaseSetting]]:
    """The settings of a database, and those of roles in it."""
    return many(DatabaseSetting, _SQL["list_settings"], oid=_oid("oid", oid))


def list_grants(oid: int) -> Query[list[DatabaseGrant]]:
    """What others than its owner may do with a database."""
    return many(DatabaseGrant, _SQL["list_grants"], oid=_oid("oid", oid))
