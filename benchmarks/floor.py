"""The typed lookup through the pool beside the least that Python can be asked to wait, and beside asyncpg."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.measure import p50
from benchmarks.peers import ASYNC, work
from benchmarks.peers.clock import turns
from benchmarks.peers.radarr import open_sync
from benchmarks.results import Promise
from radarr_db import Database, movies

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
    connection = ctypes.c_void_p(libpq.PQconnectdb(conninfo.encode()))
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
    """What a typed lookup costs, as a ratio, in at most ``rounds`` that alternate; the floor is printed too."""
    with Database(conninfo) as db:
        known = db.run(movies.list_tmdb_ids())
    tmdb_id = known[len(known) // 2]
    floor, trivial, ours = _sync(conninfo, tmdb_id, rounds)
    print(
        f"libpq alone, p50: {floor:.3f} ms for the lookup, {trivial:.3f} ms for SELECT 1, the least of any round trip"
    )
    ours_async, connection, pool = asyncio.run(_async(conninfo, tmdb_id, rounds))
    return (
        Promise("typed lookup / C floor, sync", ours / floor, 1.5, "times"),
        Promise("typed lookup / bare asyncpg connection", ours_async / connection, 1.0, "times"),
        Promise("typed lookup / asyncpg pool", ours_async / pool, 0.5, "times"),
    )


def _sync(conninfo: str, tmdb_id: int, rounds: int) -> list[float]:
    """The p50 of the C loop, of the trivial one and of ours."""
    with (
        loop(conninfo, work.LOOKUP.sql, str(tmdb_id).encode()) as floor,
        loop(conninfo, "SELECT 1") as trivial,
        open_sync(conninfo) as ours,
    ):
        calls: dict[str, Callable[[], object]] = {
            "floor": floor,
            "trivial": trivial,
            "ours": lambda: ours.lookup(tmdb_id),
        }
        times: dict[str, list[float]] = {name: [] for name in calls}
        for _, name in turns(times, rounds):
            start = perf_counter()
            calls[name]()
            times[name].append(perf_counter() - start)
    return [p50(seconds) for seconds in times.values()]


async def _async(conninfo: str, tmdb_id: int, rounds: int) -> list[float]:
    """The p50 of ours, of asyncpg's connection and of its pool, on one loop."""
    async with AsyncExitStack() as stack:
        names = ("radarr_db", "asyncpg connection", "asyncpg pool")
        peers = {name: await stack.enter_async_context(ASYNC[name](conninfo)) for name in names}
        times: dict[str, list[float]] = {name: [] for name in names}
        for _, name in turns(times, rounds):
            start = perf_counter()
            await peers[name].lookup(tmdb_id)
            times[name].append(perf_counter() - start)
    return [p50(seconds) for seconds in times.values()]
