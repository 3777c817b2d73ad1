"""Sessions of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Room:
    """How many connections a server has left for plain roles, and how many it allows them in all."""

    free: int
    allowed: int
