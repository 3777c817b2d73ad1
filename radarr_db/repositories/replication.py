"""Replication: the queries of sql/replication.sql."""

from __future__ import annotations

from radarr_db.models.replication import StandbyPosition
from radarr_db.query import Query, one, scalar
from radarr_db.statements import load

_SQL = load("replication")


def current_position() -> Query[int | None]:
    """How far a primary has written its log, in bytes since its beginning; None on a standby."""
    return scalar(lambda found: found, _SQL["current_position"])


def standby_position() -> Query[StandbyPosition]:
    """How far a standby has replayed the log of its primary, and by how much it is behind."""
    return one(StandbyPosition, _SQL["standby_position"])
