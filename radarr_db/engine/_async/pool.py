"""The connections of a database: opened, lent, checked, replaced."""

from __future__ import annotations

import math
import re
import warnings
from contextlib import suppress
from time import monotonic
from typing import Any, cast

import psycopg
import psycopg_pool
from psycopg.pq import TransactionStatus

from radarr_db import connections
from radarr_db.engine import forks
from radarr_db.engine._async.clock import sleep
from radarr_db.engine._async.fast import AsyncFastSession
from radarr_db.engine._async.plain import AsyncPlainSession
from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.adapters import ADAPTERS
from radarr_db.engine.observers import ACQUIRE, Observer, tell
from radarr_db.engine.reports import PoolStatistics
from radarr_db.engine.settings import PoolSettings
from radarr_db.engine.shelf import Shelf
from radarr_db.engine.sizer import Sizer
from radarr_db.engine.undisturbed import begun, from_thread, undisturbed
from radarr_db.engine.watchdog import Watchdog
from radarr_db.engine.wire import Wire
from radarr_db.errors import UnavailableError
from radarr_db.repositories import sessions
from radarr_db.rows import Row

_IDLE = TransactionStatus.IDLE
_RETRY_DELAY = 0.1
_MOMENT = 0.001

# By text: libpq gives no SQLSTATE while connecting. What is not here will not pass by waiting.
_PASSING = re.compile(
    "Connection refused|No such file|reset by peer|closed the connection|resolve host|translate host name"
    "|No route to host|Network is unreachable|Host is down"
    "|timeout|timed out|starting up|shutting down|recovery|too many|connection slots"
)
_FULL = re.compile("too many|connection slots")

_ROOM = sessions.room()


class AsyncPool:
    """Sessions from psycopg_pool, whose every connection is made by ``connect`` below.

    Its own retries and checks wait 1, 2, 4, ... seconds in between, long after the server is back.
    """

    def __init__(self, conninfo: str, settings: PoolSettings, observers: tuple[Observer, ...] = ()) -> None:
        self.lent: set[Wire] = set()
        self._observers = observers
        self._conninfo = conninfo
        self._settings = settings
        self._answer_limit = settings.answer_limit(conninfo)
        self._parameters = settings.parameters(conninfo)
        self._kind: type[AsyncSession] = AsyncFastSession if settings.fast_path else AsyncPlainSession
        self._shelf: Shelf[AsyncSession] = Shelf()
        self._sizer = Sizer(settings.min_size, settings.max_size) if settings.autosize else None
        self._problem: psycopg.Error | None = None
        self._closing = False
        self._inner = psycopg_pool.AsyncConnectionPool(
            connection_class=cast(type[AsyncSession], self),
            kwargs=self._parameters,
            open=False,
            min_size=settings.min_size,
            max_size=self._sizer.limit if self._sizer else settings.max_size,
            max_idle=settings.shed_interval,
            max_lifetime=settings.max_lifetime,
            reconnect_timeout=0,
        )

    @property
    def idle(self) -> int:
        """How many connections wait to be used."""
        return self._inner.get_stats()["pool_available"] + len(self._shelf)

    def statistics(self) -> PoolStatistics:
        """What the pool has and what it did; does not wait."""
        counted = self._inner.get_stats()
        used, idle = len(self.lent), self.idle
        return PoolStatistics(
            min_size=self._settings.min_size,
            max_size=counted["pool_max"],
            size=used + idle,
            idle=idle,
            in_use=used,
            waiting=self._shelf.waiting,
            requests_waited=counted.get("requests_queued", 0),
            wait_seconds=counted.get("requests_wait_ms", 0) / 1000,
            connections_made=counted.get("connections_num", 0),
            connections_failed=counted.get("connections_errors", 0),
            connections_lost=counted.get("connections_lost", 0) + counted.get("returns_bad", 0),
        )

    async def open(self, *, knock: bool = True) -> None:
        """Open the pool, to ``knock`` only if there is a server that lets us in and is new enough."""
        forks.watch(self._disown)
        self.abandon = from_thread(self._end_forgotten)
        self._watchdog = Watchdog(self.lent, every_second=from_thread(self._tend))
        try:
            if knock:
                await self._knock()
            await self._inner.open()
        except BaseException:
            self._watchdog.stop()
            raise

    async def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        self._closing = True
        self._watchdog.stop()
        await self._send_home(close=True)
        await self._inner.close()

    async def connect(self, conninfo: str = "", **parameters: Any) -> AsyncSession:
        """A new session; waits for a server that is absent or starting, at most for the acquire timeout."""
        deadline = monotonic() + self._settings.acquire_timeout
        while True:
            # Of one attempt; libpq knows only whole seconds, and takes 1 for 2.
            patience = {"connect_timeout": max(2, math.ceil(deadline - monotonic()))}
            try:
                session = await self._kind.connect(conninfo, autocommit=True, context=ADAPTERS, **patience | parameters)
            except psycopg.OperationalError as error:
                self._problem = error
                if self._sizer and _FULL.search(str(error)):
                    self._sizer.refused(self._size - 1)
                if self._closing or monotonic() > deadline or not _PASSING.search(str(error)):
                    raise
                await sleep(_RETRY_DELAY)
            else:
                break
        self._problem = None
        session.set_up(prepare=self._settings.prepare, answer_limit=self._answer_limit, observers=self._observers)
        if session.pgconn.parameter_status(b"TimeZone") != b"UTC":
            # The options could not: PgBouncer passes none on, and the conninfo or PGTZ may overrule ours.
            await self._say(session, "SET TIME ZONE 'UTC'")
        if self._sizer:
            await self._make_room(session, self._sizer)
        return session

    def take(self) -> AsyncSession | None:
        """A session whose server is there, for the caller alone until ``release``; None when that takes a wait."""
        while (session := self._shelf.take()) is not None:
            if not session.wire.lost():
                self.lent.add(session.wire)
                return session
            begun(self._replace(session))
        return None

    async def acquire(self, patience: float | None = None) -> AsyncSession:
        """As ``take``, after a wait if need be.

        UnavailableError after ``patience`` seconds, by default the acquire timeout, says what was in the way.
        """
        while (session := self.take()) is None:
            if self._shelf.wait():
                try:
                    session = await self._wait(self._settings.acquire_timeout if patience is None else patience)
                finally:
                    self._shelf.waited(session)
                break
        return session

    def keep(self, session: AsyncSession) -> bool:
        """Take a session back, if it can be lent as it is; ``release`` it otherwise."""
        self.lent.discard(session.wire)
        return session.pgconn.transaction_status == _IDLE and self._shelf.put(session)

    async def release(self, session: AsyncSession) -> None:
        """Take a session back; one left in a transaction is rolled back, a broken one replaced.

        In a forked child it stays as it is: it is the parent's.
        """
        if not session.wire.disowned and not self.keep(session):
            await undisturbed(self._inner.putconn(session))

    async def _knock(self) -> None:
        try:
            session = await self.connect(**self._parameters)
        except psycopg.Error as error:
            raise connections.unavailable(error, self._conninfo) from error
        problem = connections.too_old(session.info, self._conninfo)
        await session.close()
        if problem:
            raise problem

    async def _make_room(self, session: AsyncSession, sizer: Sizer) -> None:
        """Give a new connection up where it takes what the server keeps for others."""
        ((free, allowed),) = await self._say(session, _ROOM.sql)
        if not sizer.admits(size=self._size, free=free, allowed=allowed):
            await session.close()
            self._problem = psycopg.OperationalError(f"too many connections: the server has only {free} left")
            raise self._problem

    @property
    def _size(self) -> int:
        return self._inner.get_stats()["pool_size"]

    async def _say(self, session: AsyncSession, sql: str) -> list[Row]:
        """The rows of what a new session is asked before it is used."""
        self.lent.add(session.wire)  # so that the watchdog sees it
        try:
            limit = self._settings.acquire_timeout
            rows, _ = await session.run("connect", sql, prepared=False, limit=limit)
        except BaseException:
            await session.close()
            raise
        else:
            return rows
        finally:
            self.lent.discard(session.wire)

    async def _wait(self, patience: float) -> AsyncSession:
        began = monotonic()
        deadline = began + patience
        while True:
            try:
                session = await undisturbed(self._inner.getconn(deadline - monotonic()), late=self._inner.putconn)
            except psycopg.OperationalError as error:
                problem = self._unavailable(patience)
                tell(self._observers, ACQUIRE, monotonic() - began, problem)
                raise problem from error
            if not session.wire.lost():
                self.lent.add(session.wire)
                return session
            await self._replace(session)

    async def _replace(self, session: AsyncSession) -> None:
        await session.close()
        await undisturbed(self._inner.putconn(session))

    async def _tend(self) -> None:
        """What is done once a second."""
        await self._send_home()
        if self._sizer and not self._closing:
            await self._resize(self._sizer)

    async def _resize(self, sizer: Sizer) -> None:
        counted = self._inner.get_stats()
        limit = sizer.after_a_second(size=counted["pool_size"], waiting=self._shelf.waiting)
        if limit == counted["pool_max"]:
            return
        await self._inner.resize(self._settings.min_size, limit)
        if limit > counted["pool_size"]:
            # Only who comes makes the pool grow, not those who wait already.
            with suppress(psycopg.OperationalError):  # nothing in that time, or the pool was closed
                await self._inner.putconn(await self._inner.getconn(_MOMENT))

    async def _send_home(self, *, close: bool = False) -> None:
        for session in self._shelf.clear(close=close):
            await undisturbed(self._inner.putconn(session))

    async def _end_forgotten(self) -> None:
        where = connections.describe(self._conninfo)
        try:
            warnings.warn(f"{where} was not closed: use it in a `with` block", ResourceWarning, stacklevel=2)
        finally:
            await self.close()

    def _disown(self) -> None:
        """Have nobody use what is lent, as it is the parent process's."""
        for wire in self.lent:
            wire.disowned = True

    def _unavailable(self, patience: float) -> UnavailableError:
        in_use = f"{len(self.lent)} of {self._inner.max_size} are in use"
        if self._closing:
            return UnavailableError("the database was closed meanwhile")
        if self._problem is None:
            hint = f"hold them for less time, or raise {'min_size' if self._sizer else 'max_size'}"
            return UnavailableError(f"no connection became free within {patience:g} s: {in_use}; {hint}")
        cause = connections.unavailable(self._problem, self._conninfo)
        return UnavailableError(f"no connection within {patience:g} s: {in_use}, and {cause}")
