"""The batches of a query, the next of which are made while the server works on the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from radarr_db.query import Batches, Params


class Ahead(Iterator[Params]):
    """The arguments of each execution, in their order.

    What a batch is made of is taken from the caller's iterable before the batch in front of it is sent, and only made
    ahead: the iterable may itself read from the session that is busy then.
    """

    def __init__(self, batches: Iterator[Batches]) -> None:
        self._batches = batches
        self._next = next(batches, None)
        self._ready: deque[Params] = deque()
        self._made: list[Params] | None = None
        self._error: BaseException | None = None

    def make(self) -> None:
        """Make what comes next, if it is not; an error waits for who asks for it, as the session is busy."""
        if self._next is None or self._made is not None:
            return
        try:
            self._made = self._next()
        except BaseException as error:  # noqa: BLE001 - raised in __next__
            self._error = error

    def __next__(self) -> Params:
        while not self._ready:
            self.make()
            if self._error is not None:
                raise self._error
            if self._made is None:
                raise StopIteration
            self._ready.extend(self._made)
            self._made, self._next = None, next(self._batches, None)
        return self._ready.popleft()
