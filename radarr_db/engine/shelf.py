"""Idle sessions at hand, to be taken and put back for next to nothing.

psycopg_pool makes, expires and counts the sessions and has the queue of those who wait for one, but to pass
through it takes as long as a small query. On the shelf lie sessions that it has lent to us.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

S = TypeVar("S")


class Shelf(Generic[S]):
    """Sessions to be taken, the last one first, so that a warm one stays warm.

    Nothing lies here while someone waits at psycopg_pool: only who finds the shelf empty goes there, and until
    he is back all sessions are refused, so that they go to psycopg_pool, which gives them to those who wait.

    Nothing lies here for long: ``clear``, called now and then, sends all home to psycopg_pool, also those in use
    once they are put back. There it is seen which are too old, and which nobody needs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[S] = []
        self._welcome: set[S] = set()
        self._waiting = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """How many callers wait at psycopg_pool, which counts those too who gave up."""
        return self._waiting

    def take(self) -> S | None:
        """A session, or None."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def wait(self) -> bool:
        """Count the caller among those who wait, until he has ``waited``; or do not, as there is a session now."""
        with self._lock:
            if self._idle:
                return False
            self._waiting += 1
            return True

    def waited(self, session: S | None) -> None:
        """Say what came of the wait at psycopg_pool."""
        with self._lock:
            self._waiting -= 1
            if session is not None and not self._closed:
                self._welcome.add(session)

    def put(self, session: S) -> bool:
        """Whether ``session`` lies here now; it goes home to psycopg_pool if not."""
        with self._lock:
            welcome = not self._waiting and session in self._welcome
            if welcome:
                self._idle.append(session)
            return welcome

    def clear(self, *, close: bool = False) -> list[S]:
        """All that lie here, to be sent home; to ``close`` refuses all from now on."""
        with self._lock:
            self._closed |= close
            self._welcome.clear()
            return list(iter(self.take, None))
