"""What callers wrote, and how far a standby must have come for them to find it there."""

from __future__ import annotations

import math
import threading
from time import monotonic

from radarr_db.models.replication import Position

_NOWHERE = Position(timeline=0, position=0)


class Freshness:
    """Counts the writes of a database, and knows a place in the primary's log that is behind all of them.

    Where the log was when a write was done nobody asks: the next read does, once for all writes before it. What is
    known counts for ``lifetime`` seconds, so that a standby is no further behind than that, whoever wrote. At first
    nothing is known.
    """

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._covered = -1
        self._known_until = -math.inf
        self.written = 0
        self.place = _NOWHERE

    @property
    def known(self) -> bool:
        """Whether all that was written lies before ``place``, and that is new enough."""
        return self._covered == self.written and monotonic() < self._known_until

    def wrote(self) -> None:
        """Count what may have been committed just now."""
        with self._lock:
            self.written += 1

    def learn(self, written: int, asked_at: float, place: Position) -> None:
        """Say where the log was at the moment ``asked_at`` or later, when ``written`` writes were done."""
        with self._lock:
            # After a failover the log goes on along another timeline, where it may be shorter.
            if place.timeline != self.place.timeline or place.position > self.place.position:
                self.place = place
            self._known_until = max(self._known_until, asked_at + self._lifetime)
            self._covered = max(self._covered, written)  # the last: who reads has no lock
