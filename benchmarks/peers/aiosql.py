"""aiosql, which runs named SQL on a connection it is given: psycopg's, lent by psycopg's pool, or asyncpg's pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any

import aiosql
import psycopg
from psycopg_pool import ConnectionPool

from benchmarks.peers import asyncpg, work
from benchmarks.peers.psycopg import POOL, SESSION
from radarr_db import Movie, NewMovie
from radarr_db.query import Params, Query


class Aiosql(work.Pooled):
    """Connections of psycopg's pool; its rows are tuples, made into dataclasses as everywhere."""

    upserts = "*! (psycopg's executemany, one pipeline)"

    def __init__(self, lend: Callable[[], AbstractContextManager[psycopg.Connection]]) -> None:
        super().__init__(lend)
        self.queries = aiosql.from_str(_file(), "psycopg")

    def lookup(self, tmdb_id: int) -> Movie | None:
        with self.lend() as connection:
            row = self.queries.lookup(connection, tmdb_id=tmdb_id)
        return work.new_row(row) if row else None

    def read(self, connection: psycopg.Connection, query: Query[Any], params: Params) -> Any:
        rows = getattr(self.queries, _name(query))(connection, **work.arguments(query, params))
        items = [query.make_row(row) for row in rows]
        return query.read(items, len(items))

    def insert(self, movie: NewMovie) -> Movie:
        with self.lend() as connection:
            return work.new_row(self.queries.insert(connection, **work.values(movie)))

    def upsert(self, news: Sequence[NewMovie]) -> None:
        with self.lend() as connection:
            self.queries.upsert(connection, [work.values(movie) for movie in news])


class AsyncAiosql(work.AsyncPooled):
    """Connections of asyncpg's pool; of the pool itself for one statement, which it then lends from by itself."""

    upserts = "*! (asyncpg's executemany, one batch)"

    def __init__(self, pool: Any) -> None:
        super().__init__(pool.acquire)
        self.pool = pool
        self.queries = aiosql.from_str(_file(), "asyncpg")

    async def lookup(self, tmdb_id: int) -> Movie | None:
        row = await self.queries.lookup(self.pool, tmdb_id=tmdb_id)
        return work.new_row(row) if row else None

    async def read(self, connection: Any, query: Query[Any], params: Params) -> Any:
        rows = getattr(self.queries, _name(query))(connection, **work.arguments(query, params))
        items = [query.make_row(row) async for row in rows]
        return query.read(items, len(items))

    async def insert(self, movie: NewMovie) -> Movie:
        return work.new_row(await self.queries.insert(self.pool, **work.values(movie)))

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        await self.queries.upsert(self.pool, [work.values(movie) for movie in news])


def _file() -> str:
    """The statements as aiosql loads them."""
    reads = (work.PAGE, work.LIBRARY, *work.DASHBOARD)
    statements = [(_name(query), query.statement.parameters, "", query.sql) for query in reads]
    statements += [
        ("lookup", work.LOOKUP.statement.parameters, "^", work.LOOKUP.sql),
        ("insert", work.COLUMNS, "^", work.INSERT),
        ("upsert", work.COLUMNS, "*!", work.UPSERT),
    ]
    return "\n".join(
        f"-- name: {name}({', '.join(names)}){kind}\n{work.named(sql, names)};" for name, names, kind, sql in statements
    )


def _name(query: Query[Any]) -> str:
    return query.name.replace(".", "_")


@contextmanager
def open_sync(conninfo: str) -> Iterator[Aiosql]:
    """On connections of psycopg's pool."""
    with ConnectionPool(conninfo, kwargs=SESSION, open=True, **POOL) as pool:
        yield Aiosql(pool.connection)


@asynccontextmanager
async def open_async(conninfo: str) -> AsyncIterator[AsyncAiosql]:
    """On asyncpg's pool."""
    async with asyncpg.open_pool(conninfo) as peer:
        yield AsyncAiosql(peer.client)
