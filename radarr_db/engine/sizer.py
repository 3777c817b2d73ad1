"""How many connections a pool may have, when it sizes itself.

psycopg_pool makes a connection more, up to its greatest size, whenever a caller has to wait at all. A spike of small
queries is over before such a connection is made, which then serves nobody; and the last ones that the server has are
taken from all others.
"""

from __future__ import annotations

from time import monotonic

# Of the connections that the server allows in all, the share that is left to others.
_SPARE = 0.1

# After the server was found full, how many seconds to leave it alone.
_RESPITE = 10.0


class Sizer:
    """The number of connections that a pool may have now: ``limit``, from ``least`` to ``most``."""

    def __init__(self, least: int, most: int) -> None:
        self._least = max(least, 1)
        self._most = most
        self._full_until = 0.0
        self.limit = self._least

    def after_a_second(self, *, size: int, waiting: int) -> int:
        """The limit for the next second: half as many more while callers wait and the server has room.

        Where nobody waits it follows the size, which falls as connections are not needed.
        """
        if not waiting:
            self.limit = max(self._least, size)
        elif size >= self.limit and monotonic() >= self._full_until:
            self.limit = min(self.limit + max(1, self.limit // 2), self._most)
        return self.limit

    def admits(self, *, size: int, free: int, allowed: int) -> bool:
        """Whether a pool of ``size`` may keep its latest connection, with ``free`` of ``allowed`` ones left."""
        if size <= self._least or free >= _SPARE * allowed:
            return True
        self.refused(size - 1)
        return False

    def refused(self, size: int) -> None:
        """Stay at ``size`` for a while: the server has no more to give."""
        self._full_until = monotonic() + _RESPITE
        self.limit = max(self._least, size)
