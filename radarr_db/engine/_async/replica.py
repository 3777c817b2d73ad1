"""Reading from a standby, and never what is older than what this database wrote.

Without a promise a standby's readers do not find what they wrote a moment ago. So every answer of a standby is
preceded, in the same round trip, by the question how far it is, unless its session was far enough already a moment ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from radarr_db.engine._async.pool import AsyncPool
from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.freshness import Freshness
from radarr_db.engine.observers import Observer
from radarr_db.engine.settings import PoolSettings
from radarr_db.engine.wire import Result
from radarr_db.errors import RadarrDbError, UnavailableError
from radarr_db.query import Query
from radarr_db.repositories import replication

# The longest wait for a connection to the standby: the primary is there as well.
_PATIENCE = 0.05

# How many seconds a standby's position counts for, and how many it is left alone for after a failure.
_TRUST = 1.0
_RESPITE = 1.0

_STANDBY_POSITION = replication.standby_position()
_CURRENT_POSITION = replication.current_position()


class AsyncReplica:
    """A standby for reads, while it is one, answers, and is not far behind."""

    def __init__(self, conninfo: str, settings: PoolSettings, observers: tuple[Observer, ...]) -> None:
        # What hangs here is asked of the primary then, in the time that a caller may wait for a connection.
        limit = min(settings.statement_timeout or settings.acquire_timeout, settings.acquire_timeout)
        self._pool = AsyncPool(conninfo, replace(settings, statement_timeout=limit), observers)
        self._max_lag = settings.max_lag
        self._freshness = Freshness()
        self._away_until = 0.0
        # How far the server of each session was, and until when that counts.
        self._standings: WeakKeyDictionary[AsyncSession, tuple[int, float]] = WeakKeyDictionary()

    async def open(self) -> None:
        """Begin to connect; a standby that is not there is no error."""
        await self._pool.open(knock=False)

    async def close(self) -> None:
        """Close its connections."""
        await self._pool.close()

    def abandon(self) -> None:
        """Close its connections at last, as nobody can any more who should have."""
        self._pool.abandon()

    def wrote(self) -> None:
        """Say that something may have been written to the primary."""
        self._freshness.wrote()

    async def read(self, queries: Sequence[Query[Any]], primary: AsyncPool) -> list[Result]:
        """The results of ``queries``, all of them reads, from the standby or else from the primary."""
        if not self._freshness.known:
            return await self._read_and_learn(queries, primary)
        results = await self._read_here(queries)
        if results is not None:
            return results
        session = await primary.acquire()
        try:
            return await session.run_all(queries)
        finally:
            await primary.release(session)

    async def _read_and_learn(self, queries: Sequence[Query[Any]], primary: AsyncPool) -> list[Result]:
        """The results from the primary, after the question how far its log is now."""
        written = self._freshness.written
        session = await primary.acquire()
        try:
            (positions, _), *results = await session.run_all([_CURRENT_POSITION, *queries])
        finally:
            await primary.release(session)
        if positions[0] is not None:
            self._freshness.learn(written, positions[0])
        return results

    async def _read_here(self, queries: Sequence[Query[Any]]) -> list[Result] | None:
        """The results from the standby; None when it is not to be asked, or does not know enough."""
        if monotonic() < self._away_until:
            return None
        try:
            session = self._pool.take() or await self._pool.acquire(_PATIENCE)
        except UnavailableError:
            if not self._pool.statistics().size:
                self._leave_alone()
            return None
        try:
            return await self._ask(session, queries)
        except UnavailableError:
            self._leave_alone()
        except RadarrDbError:
            pass  # a conflict with what it replays, or a table that it does not have yet
        finally:
            if not self._pool.keep(session):
                await self._pool.release(session)
        return None

    async def _ask(self, session: AsyncSession, queries: Sequence[Query[Any]]) -> list[Result] | None:
        wanted = self._freshness.position
        position, until = self._standings.get(session, (0, 0.0))
        if position >= wanted and monotonic() < until:
            if len(queries) > 1:
                return await session.run_all(queries)
            (query,) = queries
            return [await session.run(query.name, query.sql, query.params, make_row=query.make_row)]
        (found, _), *results = await session.run_all([_STANDBY_POSITION, *queries])
        standing = found[0]
        if not standing.in_recovery or standing.lag > self._max_lag:
            self._leave_alone()
            return None
        self._standings[session] = standing.position, monotonic() + _TRUST
        return results if standing.position >= wanted else None

    def _leave_alone(self) -> None:
        self._away_until = monotonic() + _RESPITE
