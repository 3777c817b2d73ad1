"""The clients that Python offers for PostgreSQL, in one run.

All do the same tasks and give the same dataclasses, made by the same code of the columns that they deliver. The
dashboard compares one ``run_all`` with five calls in a row, as these clients are commonly used: of them psycopg could
send the five in a pipeline too. Every session has the options of ours, so that the server plans alike for all.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, ExitStack
from functools import partial
from typing import Any, NamedTuple

from benchmarks.measure import p50
from benchmarks.peers import aiosql, asyncpg, psycopg, radarr, sqlalchemy, work
from benchmarks.peers.clock import Begin, timed, timed_async
from benchmarks.peers.work import Peer
from benchmarks.results import PeerResult
from radarr_db import Database, connections, movies

SYNC: Mapping[str, Callable[[str], AbstractContextManager[Peer]]] = {
    "radarr_db": radarr.open_sync,
    "psycopg pool": psycopg.open_sync,
    "aiosql (psycopg)": aiosql.open_sync,
    "SQLAlchemy Core (psycopg)": sqlalchemy.open_core,
    "SQLAlchemy ORM (psycopg)": sqlalchemy.open_orm,
}
ASYNC: Mapping[str, Callable[[str], AbstractAsyncContextManager[Peer]]] = {
    "radarr_db": radarr.open_async,
    "asyncpg connection": asyncpg.open_connection,
    "asyncpg pool": asyncpg.open_pool,
    "asyncpg pool, no reset": asyncpg.open_pool_without_reset,
    "psycopg pool": psycopg.open_async,
    "aiosql (asyncpg)": aiosql.open_async,
    "SQLAlchemy Core (asyncpg)": sqlalchemy.open_async_core,
    "SQLAlchemy ORM (asyncpg)": sqlalchemy.open_async_orm,
}
AT_ONCE = 16
LOOKUPS_EACH = 10
_KEYS = 997


class Task(NamedTuple):
    """What is timed: ``call`` takes a client and the number of its turn; an async client gives what to await."""

    name: str
    call: Callable[[Peer, int], Any]
    heavy: bool = False
    writes: bool = False
    crowded: bool = False


def measure(conninfo: str, *, rounds: int, progress: Callable[[str], None]) -> tuple[PeerResult, ...]:
    """The times of every client on every task, in at most ``rounds``, in a migrated database that holds movies.

    What is written is removed again. ``progress`` is told each task as it begins.
    """
    tasks = _tasks(conninfo)
    with connections.connect(conninfo) as writer:

        def begin(task: Task) -> Begin | None:
            return partial(writer.execute, work.MAKE_ROOM) if task.writes else None

        async def all_async() -> list[PeerResult]:
            return [result async for result in _async(conninfo, tasks, rounds, begin, progress)]

        try:
            return (*_sync(conninfo, tasks, rounds, begin, progress), *asyncio.run(all_async()))
        finally:
            writer.execute(work.REMOVE)
            writer.execute("VACUUM (ANALYZE) movies")


def _tasks(conninfo: str) -> tuple[Task, ...]:
    with Database(conninfo) as db:
        known = db.run(movies.list_tmdb_ids())
        recent = [movie.id for movie in db.run(movies.list_recent(limit=20))]
    keys = random.Random(1).choices(known, k=_KEYS)  # noqa: S311 - the same in every run
    versions = [list(work.new_movies(version)) for version in range(2)]
    return (
        Task("lookup", lambda peer, turn: peer.lookup(keys[turn % _KEYS])),
        Task("page of 50", lambda peer, _: peer.page()),
        Task(f"library of {len(known):,}", lambda peer, _: peer.library(), heavy=True),
        Task("five dashboard queries", lambda peer, turn: peer.dashboard(recent[turn % len(recent)])),
        Task("insert", lambda peer, _: peer.insert(versions[0][0]), writes=True),
        Task(f"upsert of {work.MANY:,}", lambda peer, turn: peer.upsert(versions[turn % 2]), heavy=True, writes=True),
    )


def _sync(
    conninfo: str,
    tasks: tuple[Task, ...],
    rounds: int,
    begin: Callable[[Task], Begin | None],
    progress: Callable[[str], None],
) -> Iterator[PeerResult]:
    with ExitStack() as stack:
        peers = {name: stack.enter_context(open_peer(conninfo)) for name, open_peer in SYNC.items()}
        threads = stack.enter_context(ThreadPoolExecutor(AT_ONCE))

        def crowd(peer: Peer, turn: int) -> None:
            def each(number: int) -> None:
                for lookup in range(LOOKUPS_EACH):
                    tasks[0].call(peer, number + lookup)

            list(threads.map(each, range(turn, turn + AT_ONCE)))

        for task in (*tasks, _crowded("threads", crowd)):
            progress(f"{task.name}, sync")
            calls = {name: partial(task.call, peer) for name, peer in peers.items()}
            times = timed(calls, rounds, heavy=task.heavy, begin=begin(task))
            yield from _results(task, "sync", peers, times)


async def _async(
    conninfo: str,
    tasks: tuple[Task, ...],
    rounds: int,
    begin: Callable[[Task], Begin | None],
    progress: Callable[[str], None],
) -> AsyncIterator[PeerResult]:
    async def crowd(peer: Peer, turn: int) -> None:
        async def each(number: int) -> None:
            for lookup in range(LOOKUPS_EACH):
                await tasks[0].call(peer, number + lookup)

        await asyncio.gather(*map(each, range(turn, turn + AT_ONCE)))

    async with AsyncExitStack() as stack:
        peers = {name: await stack.enter_async_context(open_peer(conninfo)) for name, open_peer in ASYNC.items()}
        for task in (*tasks, _crowded("tasks", crowd)):
            progress(f"{task.name}, async")
            able = {name: peer for name, peer in peers.items() if peer.shared or not task.crowded}
            calls = {name: partial(task.call, peer) for name, peer in able.items()}
            times = await timed_async(calls, rounds, heavy=task.heavy, begin=begin(task))
            for result in _results(task, "async", peers, times):
                yield result


def _crowded(kind: str, call: Callable[[Peer, int], Any]) -> Task:
    """Last of all, since pools grow by it, and lend their connections in turn."""
    return Task(f"{AT_ONCE} {kind} at once, {LOOKUPS_EACH} lookups each", call, crowded=True)


def _results(
    task: Task, side: str, peers: Mapping[str, Peer], times: Mapping[str, list[float]]
) -> Iterator[PeerResult]:
    for name, peer in peers.items():
        if name in times:
            note = peer.upserts if task.heavy and task.writes else ""
            yield PeerResult(task.name, side, name, p50(times[name]), note, len(times[name]))
        else:
            yield PeerResult(task.name, side, name, None, "a connection serves one task at a time")
