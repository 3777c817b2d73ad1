"""Sessions of a server, and what they hold: the queries of sql/sessions.sql."""

from __future__ import annotations

from radarr_db import checks
from radarr_db.models.sessions import Room
from radarr_db.query import Query, one, scalar
from radarr_db.statements import load

_SQL = load("sessions")

_key = checks.integer(0, checks.INT8)


def try_lock(key: int) -> Query[bool]:
    """Takes an advisory lock until the session ends, and tells whether it was to be had."""
    return scalar(bool, _SQL["try_lock"], key=_key("key", key))


def find_lock_holder(key: int) -> Query[int | None]:
    """The server process that has an advisory lock of this database; None when nobody has it."""
    return scalar(int, _SQL["find_lock_holder"], key=_key("key", key))


def room() -> Query[Room]:
    """How many connections the server has left for plain roles."""
    return one(Room, _SQL["room"])
