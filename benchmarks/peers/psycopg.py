"""psycopg at its best: its pool, autocommit, prepared from the first time, ``$1`` sent as it is, positional rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.numeric import FloatLoader
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from benchmarks.peers import work
from radarr_db import Movie, NewMovie
from radarr_db.query import Params, Query
from radarr_db.rawjson import RawJson


class _JsonTextLoader(Loader):
    def load(self, data: Buffer) -> RawJson:
        return RawJson(data, "utf-8")


# JSON stays text until somebody looks inside, as in radarr_db.
ADAPTERS = AdaptersMap(psycopg.adapters)
ADAPTERS.register_loader("jsonb", _JsonTextLoader)
ADAPTERS.register_loader("numeric", FloatLoader)

SESSION: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": 0,
    "context": ADAPTERS,
    "options": "-c timezone=UTC",
}
POOL: dict[str, Any] = {"min_size": 2, "max_size": 20}

_COPY = f"COPY staged ({', '.join(work.COLUMNS)}) FROM STDIN"


class Psycopg(work.Peer):
    """The blocking pool."""

    upserts = "COPY to a temporary table, INSERT from there"

    def __init__(self, pool: ConnectionPool) -> None:
        self.pool = pool

    def run(self, query: Query[Any], params: Params) -> Any:
        with self.pool.connection() as connection:
            return _run(connection, query, params)

    def run_all(self, queries: Sequence[tuple[Query[Any], Params]]) -> Any:
        with self.pool.connection() as connection:
            return tuple(_run(connection, query, params) for query, params in queries)

    def insert(self, movie: NewMovie) -> Movie | None:
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=_rows(work.new_row))
            return cursor.execute(work.INSERT, tuple(work.values(movie).values())).fetchone()

    def upsert(self, news: Sequence[NewMovie]) -> None:
        with self.pool.connection() as connection, connection.transaction():
            connection.execute(work.STAGE)
            with connection.cursor().copy(_COPY) as copy:
                for movie in news:
                    copy.write_row(tuple(work.values(movie).values()))
            connection.execute(work.MERGE)


class AsyncPsycopg(work.Peer):
    """The asyncio pool."""

    upserts = Psycopg.upserts

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self.pool = pool

    async def run(self, query: Query[Any], params: Params) -> Any:
        async with self.pool.connection() as connection:
            return await _run_async(connection, query, params)

    async def run_all(self, queries: Sequence[tuple[Query[Any], Params]]) -> Any:
        async with self.pool.connection() as connection:
            return tuple([await _run_async(connection, query, params) for query, params in queries])

    async def insert(self, movie: NewMovie) -> Movie | None:
        async with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=_rows(work.new_row))
            await cursor.execute(work.INSERT, tuple(work.values(movie).values()))
            return await cursor.fetchone()

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute(work.STAGE)
            async with connection.cursor().copy(_COPY) as copy:
                for movie in news:
                    await copy.write_row(tuple(work.values(movie).values()))
            await connection.execute(work.MERGE)


def _rows(make_row: Any) -> Any:
    """The row factory of a cursor."""
    return lambda _cursor: make_row


def _run(connection: psycopg.Connection, query: Query[Any], params: Params) -> Any:
    cursor = connection.cursor(row_factory=_rows(query.make_row)).execute(query.sql, params)
    return query.read(cursor.fetchall(), cursor.rowcount)


async def _run_async(connection: psycopg.AsyncConnection, query: Query[Any], params: Params) -> Any:
    cursor = await connection.cursor(row_factory=_rows(query.make_row)).execute(query.sql, params)
    return query.read(await cursor.fetchall(), cursor.rowcount)


@contextmanager
def open_sync(conninfo: str) -> Iterator[Psycopg]:
    """Through a ConnectionPool."""
    with ConnectionPool(conninfo, kwargs=SESSION | {"cursor_factory": psycopg.RawCursor}, open=True, **POOL) as pool:
        yield Psycopg(pool)


@asynccontextmanager
async def open_async(conninfo: str) -> AsyncIterator[AsyncPsycopg]:
    """Through an AsyncConnectionPool."""
    session = SESSION | {"cursor_factory": psycopg.AsyncRawCursor}
    async with AsyncConnectionPool(conninfo, kwargs=session, open=False, **POOL) as pool:
        yield AsyncPsycopg(pool)
