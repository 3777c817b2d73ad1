"""Replication: how far a standby is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StandbyPosition:
    """How far a server has replayed its primary's log, in bytes, and by how many seconds it is behind.

    One that is no standby is not ``in_recovery``.
    """

    in_recovery: bool
    position: int
    lag: float
