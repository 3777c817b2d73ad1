"""The database: runs queries on the connections of a pool."""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

from psycopg.errors import LockNotAvailable

from radarr_db import connections
from radarr_db.engine import forks
from radarr_db.engine._async.clock import Lock, sleep
from radarr_db.engine._async.pool import AsyncPool
from radarr_db.engine._async.replica import AsyncReplica
from radarr_db.engine._async.runner import AsyncRunner
from radarr_db.engine._async.scope import AsyncScope
from radarr_db.engine._async.transaction import AsyncTransaction, run_batches
from radarr_db.engine.freshness import Freshness
from radarr_db.engine.isolation import UNHURRIED, Isolation, begin
from radarr_db.engine.observers import Observer, checked
from radarr_db.engine.plan import Plan
from radarr_db.engine.reports import PoolHealthReport, PoolPerformanceMetrics, PoolStatistics
from radarr_db.engine.settings import PoolSettings, check_seconds
from radarr_db.engine.watchdog import PERIOD
from radarr_db.engine.wire import Result
from radarr_db.errors import InvalidArgumentError, RadarrDbError, RetryableError, UnavailableError
from radarr_db.query import Params, Query
from radarr_db.rows import Row

T = TypeVar("T")
R = TypeVar("R")

HEALTH_LIMIT = 1.0
MOST_SAMPLES = 1000


class AsyncDatabase(AsyncRunner):
    """A database and the pool of connections to it, open inside ``async with`` or from ``open`` to ``close``.

    ``conninfo`` is a libpq URL or keyword string. So is ``replica``, of a standby: what only reads, and is not part of
    a transaction or a stream, is read there, but never without what was written here before. A standby that is absent,
    silent or far behind is left alone. Each of the ``observers`` is called after each statement, with the query's name,
    the seconds from question to answer (for those run together, of all of them) and the error, or None; where the
    caller is, so it must be quick, and never use this database.

    Every error is a RadarrDbError; UnavailableError tells that the server, or a connection to it, was not to be had in
    time.
    """

    _open_pool: AsyncPool | None = None
    _replica: AsyncReplica | None = None

    def __init__(
        self,
        conninfo: str,
        settings: PoolSettings | None = None,
        *,
        replica: str | None = None,
        observers: Iterable[Observer] = (),
    ) -> None:
        self._where = connections.describe(conninfo)
        if replica is not None:
            connections.describe(replica, argument="replica")
        if not isinstance(settings, PoolSettings | None):
            raise InvalidArgumentError("settings", "must be PoolSettings")
        self._conninfo = conninfo
        self._settings = settings or PoolSettings()
        self._observers = checked(observers)
        self._standby = replica
        self._freshness = None if replica is None else Freshness(self._settings.max_lag)
        self._inherited: list[object] = []
        self._opening = Lock()

    async def open(self) -> None:
        """Connect and fill the pool.

        UnavailableError at once for a wrong password, a missing database or a server that is too old; one
        that is absent or starting is waited for, as long as the acquire timeout.
        """
        async with self._opening:
            if self._open_pool is None:
                pool = AsyncPool(self._conninfo, self._settings, self._observers)
                await pool.open()
                try:
                    self._replica = await self._open_replica()
                except BaseException:
                    await pool.close()
                    raise
                self._open_pool = pool
                forks.watch(self._disown)

    async def close(self) -> None:
        """Close the connections; what is still in use, as soon as it is free."""
        pool, self._open_pool = self._open_pool, None
        replica, self._replica = self._replica, None
        self._opening = Lock()  # it may be opened again in another event loop
        try:
            if pool is not None:
                await pool.close()
        finally:
            if replica is not None:
                await replica.close()

    async def run(self, query: Query[T], *, timeout: float | None = None) -> T:
        """The result of ``query``, which is a transaction of its own.

        UnavailableError after ``timeout`` seconds, at least 0.2, of which a half at most are a wait for a connection.
        The connection is given up then, and what the server was to do it may yet do. Without it the time limits of the
        pool apply; a query that runs in batches can have no other.
        """
        if timeout is not None:
            return await self._run_within(timeout, query)
        if query.batches is not None:
            async with self._lend(UNHURRIED) as scope:
                return await run_batches(scope, query, query.batches())
        pool, statement = self._open_pool or self._pool, query.statement
        replica = self._replica
        if replica is not None and statement.read_only:
            (found,) = await replica.read([query], pool)
            return query.read(*found)
        session = pool.take() or await pool.acquire()
        try:
            result = await session.run(statement.name, statement.sql, query.params, make_row=query.make_row)
        finally:
            self._wrote()
            if not pool.keep(session):
                await pool.release(session)
        return query.read(*result)

    async def stream(self, query: Query[Sequence[R]]) -> AsyncIterator[R]:
        """The items of ``query`` as they come, a few hundred in memory at a time, from one snapshot.

        The connection is held until the last item, or until the iterator is closed.
        """
        async with self._lend(UNHURRIED) as scope:
            async for item in AsyncTransaction(scope).stream(query):
                yield item

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation | str | None = None, read_only: bool = False
    ) -> AsyncIterator[AsyncTransaction]:
        """A transaction, committed at the end of the block and undone by any error that leaves it."""
        async with self._lend(begin(isolation, read_only=read_only)) as scope:
            yield AsyncTransaction(scope)

    async def transact(
        self,
        work: Callable[[AsyncTransaction], Awaitable[T]],
        *,
        isolation: Isolation | str | None = None,
        read_only: bool = False,
        attempts: int = 5,
    ) -> T:
        """What ``work`` returns, run as a transaction, and again when others stood in its way.

        ``work`` may be called ``attempts`` times: after a serialization failure or a deadlock all of it is
        undone. RetryableError tells that the last attempt failed so.
        """
        if type(attempts) is not int or attempts < 1:
            raise InvalidArgumentError("attempts", "must be a whole number, at least 1")
        for failures in range(1, attempts):
            try:
                async with self.transaction(isolation=isolation, read_only=read_only) as transaction:
                    return await work(transaction)
            except RetryableError as error:
                if isinstance(error.__cause__, LockNotAvailable):
                    raise
            await sleep(random.uniform(0, 0.01 * 2**failures))  # noqa: S311 - parts those who collided
        async with self.transaction(isolation=isolation, read_only=read_only) as transaction:
            return await work(transaction)

    async def explain(self, query: Query[Any], *, analyze: bool = False, generic: bool = False) -> Plan:
        """The plan of ``query`` for its arguments, or the ``generic`` one that serves any arguments.

        ``analyze`` runs the query for its real times, and undoes what it wrote.
        """
        async with self.transaction() as transaction:
            return await transaction.explain(query, analyze=analyze, generic=generic)

    async def health(self) -> PoolHealthReport:
        """Whether a connection can be had and answers, told within a second whatever has happened."""
        pool, start = self._pool, perf_counter()
        try:
            await self._ask(HEALTH_LIMIT - PERIOD, "health", "SELECT 1")
            answered = True
        except RadarrDbError:
            answered = False
        used, idle = len(pool.lent), pool.idle
        return PoolHealthReport(answered, perf_counter() - start, used + idle, used, idle)

    def pool(self) -> PoolStatistics:
        """What the pool has and what it did since it was opened; for any thread, and without a wait."""
        return self._pool.statistics()

    async def performance(self, samples: int = 10) -> PoolPerformanceMetrics:
        """The times of ``samples`` trivial queries, at most 1000."""
        if type(samples) is not int or not 1 <= samples <= MOST_SAMPLES:
            raise InvalidArgumentError("samples", f"must be a whole number from 1 to {MOST_SAMPLES}")
        times = [await self._sample() for _ in range(samples)]
        return PoolPerformanceMetrics(sum(times) / samples, max(times), min(times), samples)

    async def _run_within(self, timeout: float, query: Query[T]) -> T:
        check_seconds("timeout", timeout, least=2 * PERIOD)
        if query.batches is not None:
            raise InvalidArgumentError("timeout", "is not for a query that runs in batches")
        try:
            result = await self._ask(timeout, query.name, query.sql, query.params, make_row=query.make_row)
        finally:
            self._wrote()
        return query.read(*result)

    async def _ask(
        self, timeout: float, name: str, sql: str, params: Params = (), *, make_row: Callable[[Row], Any] = tuple
    ) -> Result:
        """The result, or an error in time, whatever the server does."""
        deadline = monotonic() + timeout - PERIOD  # so much later the watchdog may come
        pool = self._pool
        session = await pool.acquire(timeout / 2)
        try:
            return await session.run(name, sql, params, make_row=make_row, limit=deadline - monotonic())
        finally:
            await pool.release(session)

    @asynccontextmanager
    async def _lend(self, start: str) -> AsyncIterator[AsyncScope]:
        pool = self._pool
        session = await pool.acquire()
        try:
            scope = AsyncScope(session)
            async with scope.block(start, "COMMIT", "ROLLBACK"):
                yield scope
        finally:
            self._wrote()
            await pool.release(session)

    def _disown(self) -> None:
        """Give the connections up to the parent process; they are kept, as to free them would close them."""
        if self._open_pool is not None:
            self._inherited += (self._open_pool, self._replica)
            self._open_pool = self._replica = None
        self._opening = Lock()  # a thread that is not there may have it

    async def _sample(self) -> float:
        start = perf_counter()
        session = await self._pool.acquire()
        try:
            await session.run("performance", "SELECT now()")
        finally:
            await self._pool.release(session)
        return perf_counter() - start

    async def _run_all(self, queries: Sequence[Query[Any]]) -> list[Result]:
        pool, replica = self._pool, self._replica
        if replica is not None and all(query.statement.read_only for query in queries):
            return await replica.read(queries, pool)
        session = await pool.acquire()
        try:
            return await session.run_all(queries)
        finally:
            self._wrote()
            await pool.release(session)

    async def _open_replica(self) -> AsyncReplica | None:
        if self._standby is None or self._freshness is None:
            return None
        replica = AsyncReplica(self._standby, self._settings, self._observers, self._freshness)
        self._freshness.wrote()  # what others did meanwhile shall be found
        await replica.open()
        return replica

    def _wrote(self) -> None:
        """Note that something may have been committed, before anything else can go wrong."""
        if self._freshness is not None:
            self._freshness.wrote()

    @property
    def _pool(self) -> AsyncPool:
        if self._open_pool is not None:
            return self._open_pool
        if self._inherited:
            raise UnavailableError(f"{self._where}: opened before a fork; open one in this process")
        raise UnavailableError(f"{self._where}: not open; use it in a `with` block, or call open()")

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __del__(self) -> None:
        if self._open_pool is not None and not sys.is_finalizing():
            self._open_pool.abandon()
            if self._replica is not None:
                self._replica.abandon()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._where}>"
