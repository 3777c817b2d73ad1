"""Reading from a standby, and never what is older than what this database wrote.

Without a promise a standby's readers do not find what they wrote a moment ago. So every answer of a standby is
preceded, in the same round trip, by the question how far it is, unless its session was far enough already a moment ago.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from radarr_db.engine._async.pool import AsyncPool
from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.freshness import Freshness
from radarr_db.engine.observers import ACQUIRE, Observer
from radarr_db.engine.settings import PoolSettings
from radarr_db.engine.wire import Result
from radarr_db.errors import RadarrDbError, UnavailableError
from radarr_db.models.replication import Position
from radarr_db.query import Query
from radarr_db.repositories import replication

# The longest wait for a connection to the standby, and for its first answer after it failed: the primary is there too.
_PATIENCE = 0.05
_CAUTION = 0.3

# For how many seconds a session that was far enough is not asked again.
_TRUST = 1.0

# How many seconds a standby is left alone for after its first failure, and at most.
_RESPITE = 1.0
_LONGEST_RESPITE = 32.0

_STANDBY_POSITION = replication.standby_position()
_CURRENT_POSITION = replication.current_position()

_logger = logging.getLogger(__name__)


class AsyncReplica:
    """A standby for reads, while it is one, answers, and is not far behind."""

    def __init__(
        self, conninfo: str, settings: PoolSettings, observers: tuple[Observer, ...], freshness: Freshness
    ) -> None:
        # What hangs here is asked of the primary then, in the time that a caller may wait for a connection.
        self._limit = min(settings.statement_timeout or settings.acquire_timeout, settings.acquire_timeout)
        told = tuple(map(_but_for_waits, observers))
        self._pool = AsyncPool(_read_committed(conninfo), replace(settings, statement_timeout=self._limit), told)
        # Without preparing, a pooler may lie between, and the next transaction be another server's.
        self._trust = _TRUST if settings.prepare else 0.0
        self._freshness = freshness
        self._away_until = 0.0
        self._respite = 0.0

    async def open(self) -> None:
        """Begin to connect; a standby that is not there is no error."""
        await self._pool.open(knock=False)

    async def close(self) -> None:
        """Close its connections."""
        await self._pool.close()

    def abandon(self) -> None:
        """Close its connections at last, as nobody can any more who should have."""
        self._pool.abandon()

    async def read(self, queries: Sequence[Query[Any]], primary: AsyncPool) -> list[Result]:
        """The results of ``queries``, all of them reads, from the standby or else from the primary."""
        if not self._freshness.known:
            return await self._read_and_learn(queries, primary)
        results = await self._read_here(queries)
        return await _read_from(primary, queries) if results is None else results

    async def _read_and_learn(self, queries: Sequence[Query[Any]], primary: AsyncPool) -> list[Result]:
        """The results from the primary, after the question how far its log is now."""
        written, asked_at = self._freshness.written, monotonic()
        (places, _), *results = await _read_from(primary, [_CURRENT_POSITION, *queries])
        if places:
            self._freshness.learn(written, asked_at, places[0])
        return results

    async def _read_here(self, queries: Sequence[Query[Any]]) -> list[Result] | None:
        """The results from the standby; None when it is not to be asked, or does not know enough."""
        if monotonic() < self._away_until:
            return None
        if self._respite:
            self._away_until = monotonic() + self._respite  # for all others, until this answer is there
        try:
            session = self._pool.take() or await self._pool.acquire(_PATIENCE)
        except UnavailableError as error:
            if not self._pool.statistics().size:
                self._leave_alone(str(error))
            return None
        try:
            return await self._ask(session, queries)
        except UnavailableError as error:
            self._leave_alone(str(error))
        except RadarrDbError:
            pass  # a conflict with what it replays, or a table that it does not have yet
        finally:
            if not self._pool.keep(session):
                await self._pool.release(session)
        return None

    async def _ask(self, session: AsyncSession, queries: Sequence[Query[Any]]) -> list[Result] | None:
        wanted = self._freshness.place
        limit = _CAUTION if self._respite else self._limit
        if session.standing is not None and not self._respite:
            place, until = session.standing
            if _reaches(place, wanted) and monotonic() < until:
                if len(queries) > 1:
                    return await session.run_all(queries, limit=limit)
                (query,) = queries
                return [await session.run(query.name, query.sql, query.params, make_row=query.make_row, limit=limit)]
        (found, _), *results = await session.run_all([_STANDBY_POSITION, *queries], limit=limit)
        standing = found[0]
        if not standing.in_recovery:
            self._leave_alone("it is no standby")
            return None
        self._respite = self._away_until = 0.0
        place = Position(standing.timeline, standing.position)
        session.standing = place, monotonic() + self._trust
        return results if _reaches(place, wanted) else None

    def _leave_alone(self, reason: str) -> None:
        self._respite = min(2 * self._respite or _RESPITE, _LONGEST_RESPITE)
        self._away_until = monotonic() + self._respite
        _logger.warning("the standby is left alone for %g s: %s", self._respite, reason)


async def _read_from(pool: AsyncPool, queries: Sequence[Query[Any]]) -> list[Result]:
    session = await pool.acquire()
    try:
        return await session.run_all(queries)
    finally:
        await pool.release(session)


def _reaches(place: Position, wanted: Position) -> bool:
    return place.timeline == wanted.timeline and place.position >= wanted.position


def _but_for_waits(observer: Observer) -> Observer:
    """An observer that is not told of waits in vain, as nobody but the primary has to have a connection."""

    def heard(name: str, seconds: float, error: RadarrDbError | None) -> None:
        if name != ACQUIRE:
            observer(name, seconds, error)

    return heard


def _read_committed(conninfo: str) -> str:
    """So that a query sees what is there after the position was asked, and not before."""
    options = conninfo_to_dict(conninfo).get("options") or os.environ.get("PGOPTIONS", "")
    return make_conninfo(conninfo, options=f"{options} -c default_transaction_isolation=read\\ committed".strip())
