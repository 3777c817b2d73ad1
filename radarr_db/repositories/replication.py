"""Replication: the queries of sql/replication.sql."""

from __future__ import annotations

from radarr_db.models.replication import Position, StandbyPosition
from radarr_db.query import Query, one, optional
from radarr_db.statements import load

_SQL = load("replication")


def current_position() -> Query[Position | None]:
    """How far a primary has written its log; None on a standby."""
    return optional(Position, _SQL["current_position"])


def standby_position() -> Query[StandbyPosition]:
    """How far a standby has replayed the log of its primary."""
    return one(StandbyPosition, _SQL["standby_position"])
