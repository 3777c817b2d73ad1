"""Roles, and what they have rights to: the queries of sql/roles.sql."""

from __future__ import annotations

from collections.abc import Sequence

from radarr_db import checks
from radarr_db.models.roles import CurrentDatabase, SchemaObject
from radarr_db.query import Query, column, many, one
from radarr_db.statements import load

_SQL = load("roles")

_name = checks.text(63)
_names = checks.items(_name)


def list_mighty(names: Sequence[str], owner: str) -> Query[list[str]]:
    """Those of the roles that are superusers or, but for the ``owner``, may make roles."""
    return column(str, _SQL["list_mighty"], names=_names("names", names), owner=_name("owner", owner))


def current_database() -> Query[CurrentDatabase]:
    """The database of the session, and whether it is migrated."""
    return one(CurrentDatabase, _SQL["current_database"])


def list_owners(owner: str) -> Query[list[str]]:
    """Who owns the database, or is a member of the role ``owner`` that is to own it; names as SQL has them."""
    return column(str, _SQL["list_owners"], owner=_name("owner", owner))


def list_objects(owner: str) -> Query[list[SchemaObject]]:
    """All in the schema public that belongs to no extension, and whether it belongs to the role ``owner``."""
    return many(SchemaObject, _SQL["list_objects"], owner=_name("owner", owner))
