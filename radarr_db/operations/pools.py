"""The pools of databases that are watched from without."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakValueDictionary

from radarr_db.engine import AsyncDatabase, Database, PoolStatistics
from radarr_db.errors import InvalidArgumentError, UnavailableError


class Pools:
    """Databases by the names of their pools; to be in here keeps none of them alive."""

    def __init__(self) -> None:
        self._databases: WeakValueDictionary[str, Database | AsyncDatabase] = WeakValueDictionary()

    def add(self, name: str, db: Database | AsyncDatabase) -> None:
        """Watch the pool of ``db``; InvalidArgumentError when another is watched under this name."""
        if self._databases.setdefault(name, db) is not db:
            raise InvalidArgumentError("pool", "another database is watched under this name: give each its own")

    def statistics(self) -> Iterator[tuple[str, PoolStatistics]]:
        """What each pool that is open has and did, with its name."""
        for name, db in self._databases.copy().items():
            try:
                found = db.pool()
            except UnavailableError:  # it is not open
                continue
            yield name, found
