"""What callers wrote, and how far a standby must have come for them to find it there."""

from __future__ import annotations

import threading


class Freshness:
    """Counts the writes of a database, and knows a position in the primary's log that is behind most of them.

    Where the log was when a write was done nobody asks: the next read does, once for all writes before it. At first
    nothing is known, so that what others wrote before the first read is found too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._behind = -1
        self.written = 0
        self.position = 0

    @property
    def known(self) -> bool:
        """Whether all that was written lies before ``position``."""
        return self._behind == self.written

    def wrote(self) -> None:
        """Count what may have been committed just now."""
        with self._lock:
            self.written += 1

    def learn(self, written: int, position: int) -> None:
        """Say where the log was at a moment after ``written`` writes were done."""
        with self._lock:
            self._behind = max(self._behind, written)
            self.position = max(self.position, position)
