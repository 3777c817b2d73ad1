"""What the library promises beside bare psycopg, at its best: lookups, the whole library, and after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from time import perf_counter
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from benchmarks.measure import interleaved, interleaved_async, p50
from benchmarks.results import Promise
from radarr_db import AsyncDatabase, Database, PoolSettings, movies

# As radarr_db's own sessions.
SESSION: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "cursor_factory": psycopg.RawCursor}
ASYNC_SESSION = SESSION | {"cursor_factory": psycopg.AsyncRawCursor}
IDLE_CONNECTIONS = 20
REQUESTS = 60
WHOLE_LIBRARIES = 5


def measure(conninfo: str, *, rounds: int) -> tuple[Promise, ...]:
    """Each figure with its limit; ``rounds`` is how often each side of a lookup is called."""
    return (
        Promise("lookup by key, sync, beside psycopg's pool", lookup(conninfo, rounds), 1.0, "times"),
        Promise(
            "lookup by key, async, beside psycopg's pool", asyncio.run(lookup_async(conninfo, rounds)), 1.0, "times"
        ),
        Promise("the whole library, beside bare psycopg", library(conninfo), 1.5, "times"),
        Promise("slowest request after all connections died", restart(conninfo), 250, "ms"),
    )


def lookup(conninfo: str, rounds: int) -> float:
    """A typed lookup by key through the pool, beside psycopg's pool with a tuple row."""
    query = movies.find_by_tmdb_id(603)
    with (
        Database(conninfo) as db,
        ConnectionPool(conninfo, kwargs=SESSION, min_size=2, max_size=20, open=True) as pool,
    ):

        def bare() -> object:
            with pool.connection() as connection:
                return connection.execute(query.sql, query.params).fetchone()

        return _ratio(interleaved({"ours": lambda: db.run(movies.find_by_tmdb_id(603)), "bare": bare}, rounds))


async def lookup_async(conninfo: str, rounds: int) -> float:
    """The same on asyncio."""
    query = movies.find_by_tmdb_id(603)
    async with (
        AsyncDatabase(conninfo) as db,
        AsyncConnectionPool(conninfo, kwargs=ASYNC_SESSION, min_size=2, max_size=20, open=False) as pool,
    ):

        async def bare() -> object:
            async with pool.connection() as connection:
                return await (await connection.execute(query.sql, query.params)).fetchone()

        calls = {"ours": lambda: db.run(movies.find_by_tmdb_id(603)), "bare": bare}
        return _ratio(await interleaved_async(calls, rounds))


def library(conninfo: str) -> float:
    """The whole library, beside a bare fetch of the same columns."""
    query = movies.list_library()
    # A million movies take longer than a statement is otherwise given.
    settings = PoolSettings(statement_timeout=0)
    with Database(conninfo, settings) as db, psycopg.connect(conninfo, **SESSION) as connection:
        calls = {
            "ours": lambda: db.run(movies.list_library()),
            "bare": lambda: connection.execute(query.sql, query.params).fetchall(),
        }
        return _ratio(interleaved(calls, WHOLE_LIBRARIES))


def restart(conninfo: str) -> float:
    """The milliseconds of the slowest of the requests that follow the death of all pooled connections."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it would tell of each that dies
    with Database(conninfo) as db, contextlib.ExitStack() as held:
        for _ in range(IDLE_CONNECTIONS):
            held.enter_context(db.transaction()).run(movies.count())
        held.close()
        with psycopg.connect(conninfo, autocommit=True) as other:
            # Until all are gone: a backend that is about to go still takes a query, and drops it.
            while other.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user"
            ).fetchone() != (0,):
                pass
        times = []
        for _ in range(REQUESTS):
            start = perf_counter()
            db.run(movies.find_by_tmdb_id(603))
            times.append(perf_counter() - start)
    return 1000 * max(times)


def _ratio(times: dict[str, list[float]]) -> float:
    return p50(times["ours"]) / p50(times["bare"])
