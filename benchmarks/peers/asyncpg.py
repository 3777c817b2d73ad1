"""asyncpg: it prepares by itself and reads binary values, 32-bit ratings as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import asyncpg
import psycopg

from benchmarks import options
from benchmarks.peers import work
from radarr_db import Movie, NewMovie
from radarr_db.query import Params, Query
from radarr_db.rawjson import RawJson


class Connection(work.AsyncPooled):
    """A connection of one's own."""

    upserts = "COPY to a temporary table, INSERT from there"
    shared = False

    def __init__(self, client: Any, lend: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        super().__init__(lend)
        self.client = client

    async def read(self, connection: Any, query: Query[Any], params: Params) -> Any:
        rows = await connection.fetch(query.sql, *params)
        return query.read([query.make_row(row) for row in rows], len(rows))

    async def lookup(self, tmdb_id: int) -> Movie | None:
        row = await self.client.fetchrow(work.LOOKUP.sql, tmdb_id)
        return work.new_row(row) if row else None

    async def insert(self, movie: NewMovie) -> Movie:
        return work.new_row(await self.client.fetchrow(work.INSERT, *work.values(movie).values()))

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        rows = [tuple(work.values(movie).values()) for movie in news]
        async with self.lend() as connection, connection.transaction():
            await connection.execute(work.STAGE)
            await connection.copy_records_to_table("staged", records=rows, columns=work.COLUMNS)
            await connection.execute(work.MERGE)


class Pool(Connection):
    """A pool, which has the methods of a connection too."""

    shared = True


def parameters(conninfo: str) -> dict[str, Any]:
    """What asyncpg needs to connect to the same place as ``conninfo``."""
    with psycopg.connect(conninfo) as connection:
        info = connection.info
        return {
            "host": info.host,
            "port": info.port,
            "user": info.user,
            "password": info.password or None,
            "database": info.dbname,
            "server_settings": {"options": options.SESSION},
        }


async def set_codecs(connection: Any) -> None:
    """JSON stays text until somebody looks inside, and decimals are floats, as in radarr_db."""
    for name, encoder, decoder, kind in (("jsonb", _to_jsonb, _from_jsonb, "binary"), ("numeric", str, float, "text")):
        await connection.set_type_codec(name, encoder=encoder, decoder=decoder, schema="pg_catalog", format=kind)


def _to_jsonb(text: str) -> bytes:
    """The binary format is a version and the text; only binary columns can be copied."""
    return b"\x01" + text.encode()


def _from_jsonb(data: bytes) -> RawJson:
    return RawJson(data[1:], "utf-8")


@asynccontextmanager
async def bare(conninfo: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as asyncpg makes it, that reads what asyncpg reads by itself."""
    connection = await asyncpg.connect(**parameters(conninfo))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def open_connection(conninfo: str) -> AsyncIterator[Connection]:
    """Without a pool."""
    async with bare(conninfo) as connection:
        await set_codecs(connection)
        yield Connection(connection, lambda: nullcontext(connection))


@asynccontextmanager
async def open_pool(conninfo: str, **settings: Any) -> AsyncIterator[Pool]:
    """Through its pool; ``settings`` are those of ``asyncpg.create_pool``."""
    async with asyncpg.create_pool(
        **parameters(conninfo), min_size=2, max_size=20, init=set_codecs, **settings
    ) as pool:
        yield Pool(pool, pool.acquire)


@asynccontextmanager
async def open_pool_without_reset(conninfo: str) -> AsyncIterator[Pool]:
    """Through its pool, without the round trip by which it undoes what a user did to the session."""

    async def leave(_connection: object) -> None:
        pass

    async with open_pool(conninfo, reset=leave) as pool:
        yield pool
