"""Typed reads through the pool beside the least that one can wait, and beside asyncpg and psycopg without types."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from psycopg.conninfo import make_conninfo

from benchmarks import options
from benchmarks.figures import figure
from benchmarks.measure import p50
from benchmarks.peers import psycopg, work
from benchmarks.peers.asyncpg import bare as bare_connection
from benchmarks.peers.asyncpg import parameters
from benchmarks.peers.clock import Times, timed, timed_async
from benchmarks.peers.radarr import open_async, open_sync
from benchmarks.results import Promise
from radarr_db import Database, movies

WHOLE_LIBRARIES = 20

_TUPLES_OK = 2


class Loop:
    """A statement that libpq runs again and again: ``PQexecPrepared``, and the result is dropped unread.

    RuntimeError with the server's words when it gives no rows.
    """

    def __init__(self, libpq: ctypes.CDLL, connection: ctypes.c_void_p, sql: str, *params: bytes) -> None:
        self._libpq = libpq
        self._arguments = (
            connection, b"floor", len(params), (ctypes.c_char_p * len(params))(*params), None, None, 0,
        )  # fmt: skip
        libpq.PQclear(libpq.PQprepare(connection, b"floor", sql.encode(), 0, None))
        if self.rows() is None:
            raise RuntimeError(libpq.PQerrorMessage(connection).decode())

    def __call__(self) -> None:
        self._libpq.PQclear(self._libpq.PQexecPrepared(*self._arguments))

    def rows(self) -> int | None:
        """How many rows a run gives, None where it fails."""
        result = self._libpq.PQexecPrepared(*self._arguments)
        succeeded = self._libpq.PQresultStatus(result) == _TUPLES_OK
        rows: int = self._libpq.PQntuples(result)
        self._libpq.PQclear(result)
        return rows if succeeded else None


@contextmanager
def loop(conninfo: str, sql: str, *params: bytes) -> Iterator[Loop]:
    """A loop on a connection of its own; ``params`` are as PostgreSQL writes them."""
    libpq = _libpq()
    where = make_conninfo(conninfo, options=options.SESSION)
    connection = ctypes.c_void_p(libpq.PQconnectdb(where.encode()))
    try:
        yield Loop(libpq, connection, sql, *params)
    finally:
        libpq.PQfinish(connection)


def _libpq() -> ctypes.CDLL:
    """The library that psycopg brings along, or else the system's."""
    binary = importlib.util.find_spec("psycopg_binary")
    folder = Path(binary.origin).parents[1] if binary and binary.origin else None
    bundled = next(folder.glob("psycopg_binary*/**/libpq*"), None) if folder else None
    libpq = ctypes.CDLL(str(bundled or ctypes.util.find_library("pq")))
    for name in ("PQconnectdb", "PQprepare", "PQexecPrepared"):
        getattr(libpq, name).restype = ctypes.c_void_p
    for name in ("PQclear", "PQresultStatus", "PQntuples"):
        getattr(libpq, name).argtypes = [ctypes.c_void_p]
    libpq.PQerrorMessage.restype = ctypes.c_char_p
    return libpq


def measure(conninfo: str, *, rounds: int) -> tuple[Promise, ...]:
    """What typed reads cost, as ratios, in at most ``rounds`` that alternate; the floor is printed too."""
    with Database(conninfo) as db:
        known = db.run(movies.list_tmdb_ids())
    tmdb_id = known[len(known) // 2]
    times = _sync(conninfo, tmdb_id, rounds)
    print(
        f"libpq alone, p50: {figure(times['libpq'])} ms for the lookup, "
        f"{figure(times['SELECT 1'])} ms for SELECT 1, the least of any round trip"
    )
    on_asyncio = asyncio.run(_async(conninfo, tmdb_id, rounds))
    library = _library(conninfo, rounds)
    return (
        Promise("typed lookup / C floor, sync", times["ours"] / times["libpq"], 1.5, "times"),
        Promise("typed lookup / psycopg pool with a tuple, sync", times["ours"] / times["psycopg"], 1.0, "times"),
        Promise("typed lookup / bare asyncpg connection", on_asyncio["ours"] / on_asyncio["connection"], 1.0, "times"),
        Promise("typed lookup / asyncpg pool", on_asyncio["ours"] / on_asyncio["pool"], 0.5, "times"),
        Promise(
            "typed lookup / psycopg pool with a tuple, async", on_asyncio["ours"] / on_asyncio["psycopg"], 1.0, "times"
        ),
        Promise("typed library / psycopg pool with tuples", library["ours"] / library["psycopg"], 1.5, "times"),
    )


def _sync(conninfo: str, tmdb_id: int, rounds: int) -> dict[str, float]:
    """The p50 of the lookup from C, of the least statement from C, of ours and of psycopg's."""
    with (
        loop(conninfo, work.LOOKUP.sql, str(tmdb_id).encode()) as floor,
        loop(conninfo, "SELECT 1") as trivial,
        open_sync(conninfo) as ours,
        psycopg.open_sync(conninfo) as theirs,
    ):

        def bare(_turn: int) -> object:
            with theirs.lend() as connection:
                return connection.execute(work.LOOKUP.sql, (tmdb_id,)).fetchone()

        calls: dict[str, Callable[[int], object]] = {
            "libpq": lambda _: floor(),
            "SELECT 1": lambda _: trivial(),
            "ours": lambda _: ours.lookup(tmdb_id),
            "psycopg": bare,
        }
        return _medians(timed(calls, rounds))


def _library(conninfo: str, rounds: int) -> dict[str, float]:
    """The p50 of the whole library as ours and as psycopg's tuples."""
    with open_sync(conninfo) as ours, psycopg.open_sync(conninfo) as theirs:

        def bare(_turn: int) -> object:
            with theirs.lend() as connection:
                return connection.execute(work.LIBRARY.sql, work.LIBRARY.params).fetchall()

        calls: dict[str, Callable[[int], object]] = {"ours": lambda _: ours.library(), "psycopg": bare}
        return _medians(timed(calls, min(rounds, WHOLE_LIBRARIES), heavy=True))


async def _async(conninfo: str, tmdb_id: int, rounds: int) -> dict[str, float]:
    """The p50 of ours, of asyncpg's connection and pool as they are, and of psycopg's pool, on one loop."""
    async with (
        open_async(conninfo) as ours,
        bare_connection(conninfo) as connection,
        asyncpg.create_pool(**parameters(conninfo), min_size=2, max_size=20) as pool,
        psycopg.open_async(conninfo) as theirs,
    ):

        async def bare(_turn: int) -> object:
            async with theirs.lend() as lent:
                return await (await lent.execute(work.LOOKUP.sql, (tmdb_id,))).fetchone()

        # No codec and no class: records of what asyncpg reads by itself.
        calls: dict[str, Callable[[int], Awaitable[object]]] = {
            "ours": lambda _: ours.lookup(tmdb_id),
            "connection": lambda _: connection.fetchrow(work.LOOKUP.sql, tmdb_id),
            "pool": lambda _: pool.fetchrow(work.LOOKUP.sql, tmdb_id),
            "psycopg": bare,
        }
        return _medians(await timed_async(calls, rounds))


def _medians(times: Times) -> dict[str, float]:
    return {name: p50(seconds) for name, seconds in times.items()}
