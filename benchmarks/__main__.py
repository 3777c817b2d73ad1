"""Measure what the library promises beside bare psycopg, in one run; exit 1 when a promise is broken.

    python -m benchmarks [--dsn DSN] [--movies N] [--rounds N]

Without --dsn an embedded server is started. With one, it must be an empty database.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from benchmarks.measure import interleaved, interleaved_async, p50
from radarr_db import AsyncDatabase, Database, NewMovie, embedded, movies
from radarr_db.models.documents import CastMember
from radarr_db.operations import migrations

# As radarr_db's own sessions: psycopg at its best.
SESSION: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "cursor_factory": psycopg.RawCursor}
ASYNC_SESSION = SESSION | {"cursor_factory": psycopg.AsyncRawCursor}
IDLE_CONNECTIONS = 20
REQUESTS = 60


def catalogue(size: int) -> Iterator[NewMovie]:
    """Movies with about 3 kB of metadata each."""
    for number in range(1, size + 1):
        people = [CastMember(id=number * 100 + i, name=f"Person {number} {i}", order=i) for i in range(40)]
        yield NewMovie(
            tmdb_id=number,
            imdb_id=f"tt{number:07}",
            title=f"Movie {number}",
            year=1950 + number % 70,
            overview="What happens. " * 20,
            metadata={"genres": [{"id": 18, "name": "Drama"}], "cast": people},
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

        calls = {"radarr_db": lambda: db.run(movies.find_by_tmdb_id(603)), "psycopg": bare}
        return ratio("lookup by key, sync", interleaved(calls, rounds))


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

        calls = {"radarr_db": lambda: db.run(movies.find_by_tmdb_id(603)), "psycopg": bare}
        return ratio("lookup by key, async", await interleaved_async(calls, rounds))


def library(conninfo: str) -> float:
    """The whole library, beside a bare fetch of the same columns."""
    query = movies.list_library()
    with Database(conninfo) as db, psycopg.connect(conninfo, **SESSION) as connection:
        calls = {
            "radarr_db": lambda: db.run(movies.list_library()),
            "psycopg": lambda: connection.execute(query.sql, query.params).fetchall(),
        }
        return ratio("whole library", interleaved(calls, 15))


def restart(conninfo: str) -> float:
    """The slowest of the requests that follow the death of all pooled connections, in seconds."""
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
    print(
        f"{REQUESTS} requests after {IDLE_CONNECTIONS} idle connections died: 0 errors, the slowest {max(times):.3f} s"
    )
    return max(times)


def ratio(name: str, times: dict[str, list[float]]) -> float:
    """Print and give how often the bare time the library takes."""
    ours, bare = p50(times["radarr_db"]), p50(times["psycopg"])
    print(f"{name}: {ours:.3f} ms, bare psycopg {bare:.3f} ms, ratio {ours / bare:.2f}")
    return ours / bare


def main() -> int:
    """Run all measurements and hold them against their limits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--dsn", help="an empty database; by default an embedded server")
    parser.add_argument("--movies", type=int, default=15_403)
    parser.add_argument("--rounds", type=int, default=3000)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        conninfo = options.dsn or stack.enter_context(embedded.server()).conninfo
        migrations.apply(conninfo)
        with Database(conninfo) as db:
            db.run(movies.create_many(catalogue(options.movies)))
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        results = {
            "lookup, sync": (lookup(conninfo, options.rounds), 1.0),
            "lookup, async": (asyncio.run(lookup_async(conninfo, options.rounds)), 1.0),
            "library": (library(conninfo), 1.5),
            "after a restart": (restart(conninfo), 0.25),
        }
    missed = [f"{name}: {found:.2f}, at most {limit}" for name, (found, limit) in results.items() if found > limit]
    print("\n".join(missed) or "every promise is kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
