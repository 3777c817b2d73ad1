"""psycopg's pool: autocommit, prepared from the first time, ``$1`` sent as it is, positional rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.numeric import FloatLoader
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from benchmarks import options
from benchmarks.peers import work
from radarr_db import NewMovie
from radarr_db.engine.adapters import RawJsonLoader
from radarr_db.query import Params, Query

# JSON stays text until somebody looks inside, and decimals are floats, as in radarr_db.
ADAPTERS = AdaptersMap(psycopg.adapters)
ADAPTERS.register_loader("jsonb", RawJsonLoader)
ADAPTERS.register_loader("numeric", FloatLoader)

SESSION: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": 0,
    "context": ADAPTERS,
    "options": options.SESSION,
}
POOL: dict[str, Any] = {"min_size": 2, "max_size": 20}

_COPY = f"COPY staged ({', '.join(work.COLUMNS)}) FROM STDIN"


class Psycopg(work.Pooled):
    """The blocking pool."""

    upserts = "COPY to a temporary table, INSERT from there"

    def read(self, connection: psycopg.Connection, query: Query[Any], params: Params) -> Any:
        cursor = connection.cursor(row_factory=_rows(query.make_row)).execute(query.sql, params)
        return query.read(cursor.fetchall(), cursor.rowcount)

    def insert(self, movie: NewMovie) -> Any:
        with self.lend() as connection:
            cursor = connection.cursor(row_factory=_rows(work.new_row))
            return cursor.execute(work.INSERT, tuple(work.values(movie).values())).fetchone()

    def upsert(self, news: Sequence[NewMovie]) -> None:
        with self.lend() as connection, connection.transaction():
            connection.execute(work.STAGE)
            with connection.cursor().copy(_COPY) as copy:
                for movie in news:
                    copy.write_row(tuple(work.values(movie).values()))
            connection.execute(work.MERGE)


class AsyncPsycopg(work.AsyncPooled):
    """The asyncio pool."""

    upserts = Psycopg.upserts

    async def read(self, connection: psycopg.AsyncConnection, query: Query[Any], params: Params) -> Any:
        cursor = await connection.cursor(row_factory=_rows(query.make_row)).execute(query.sql, params)
        return query.read(await cursor.fetchall(), cursor.rowcount)

    async def insert(self, movie: NewMovie) -> Any:
        async with self.lend() as connection:
            cursor = connection.cursor(row_factory=_rows(work.new_row))
            await cursor.execute(work.INSERT, tuple(work.values(movie).values()))
            return await cursor.fetchone()

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        async with self.lend() as connection, connection.transaction():
            await connection.execute(work.STAGE)
            async with connection.cursor().copy(_COPY) as copy:
                for movie in news:
                    await copy.write_row(tuple(work.values(movie).values()))
            await connection.execute(work.MERGE)


def _rows(make_row: Any) -> Any:
    """The row factory of a cursor."""
    return lambda _cursor: make_row


@contextmanager
def open_sync(conninfo: str) -> Iterator[Psycopg]:
    """Through a ConnectionPool."""
    with ConnectionPool(conninfo, kwargs=SESSION | {"cursor_factory": psycopg.RawCursor}, open=True, **POOL) as pool:
        yield Psycopg(pool.connection)


@asynccontextmanager
async def open_async(conninfo: str) -> AsyncIterator[AsyncPsycopg]:
    """Through an AsyncConnectionPool."""
    session = SESSION | {"cursor_factory": psycopg.AsyncRawCursor}
    async with AsyncConnectionPool(conninfo, kwargs=session, open=False, **POOL) as pool:
        yield AsyncPsycopg(pool.connection)
