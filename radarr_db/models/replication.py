"""Replication: how far servers are in the log of changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Position:
    """A place in the log: a timeline, which is another one after each failover, and the bytes since its beginning."""

    timeline: int
    position: int


@dataclass(slots=True)
class StandbyPosition:
    """How far a server has replayed its primary's log. One that is no standby is not ``in_recovery``."""

    in_recovery: bool
    timeline: int
    position: int
