"""A pool that sizes itself: it grows while callers wait, leaves room for others, and shrinks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from engine.proxy import slow_to_connect
from psycopg.conninfo import make_conninfo
from waiting import attempts, until

from radarr_db import embedded
from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.engine.sizer import Sizer

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sized'"
SIZED = PoolSettings(autosize=True, application_name="sized")


def test_the_limit_grows_by_half_while_callers_wait_and_falls_with_the_size() -> None:
    sizer = Sizer(2, 20)
    assert sizer.limit == 2
    assert [sizer.after_a_second(size=sizer.limit, waiting=1) for _ in range(8)] == [3, 4, 6, 9, 13, 19, 20, 20]
    assert sizer.after_a_second(size=20, waiting=0) == 20
    assert [sizer.after_a_second(size=size, waiting=0) for size in (19, 5, 2, 0)] == [19, 5, 2, 2]


def test_the_limit_waits_for_the_pool_to_grow() -> None:
    sizer = Sizer(2, 20)
    assert [sizer.after_a_second(size=size, waiting=9) for size in (2, 2, 3)] == [3, 3, 4]


def test_a_tenth_of_the_servers_connections_is_left_to_others() -> None:
    sizer = Sizer(2, 20)
    sizer.after_a_second(size=2, waiting=1)
    assert sizer.admits(size=3, free=10, allowed=100)
    assert not sizer.admits(size=3, free=9, allowed=100)
    assert sizer.admits(size=2, free=0, allowed=100)  # it may always have its least
    assert sizer.after_a_second(size=2, waiting=9) == 2  # the server is left alone for a while


@pytest.fixture
def slow(database_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with slow_to_connect(database_conninfo, tmp_path_factory.mktemp("p"), 0.15) as conninfo:
        yield conninfo


def test_a_spike_of_threads_does_not_connect_more_than_it_needs(slow: str, things: Any) -> None:
    with Database(slow, SIZED) as db, ThreadPoolExecutor(50) as threads:
        assert list(threads.map(lambda n: db.run(things.echo("int", n)), range(50))) == list(range(50))
        assert db.pool().size <= 6


async def test_a_spike_of_tasks_does_not_connect_more_than_it_needs(slow: str, things: Any) -> None:
    async with AsyncDatabase(slow, SIZED) as db:
        assert await asyncio.gather(*(db.run(things.echo("int", n)) for n in range(50))) == list(range(50))
        assert db.pool().size <= 6


async def test_the_pool_grows_for_those_who_wait_already(database_conninfo: str, things: Any) -> None:
    async with AsyncDatabase(database_conninfo, SIZED) as db:
        waits = [asyncio.ensure_future(db.run(things.wait(3.5))) for _ in range(4)]
        for _ in attempts():
            await asyncio.sleep(0.01)
            if db.pool().in_use == 4:
                break
        await asyncio.gather(*waits)


def test_the_pool_shrinks_when_it_is_idle(database_conninfo: str, things: Any) -> None:
    settings = PoolSettings(autosize=True, max_size=4, idle_timeout=0.4)
    with Database(database_conninfo, settings) as db:
        for _ in attempts():
            if db.pool().size > 2:
                break
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(db.run, [things.wait(0.3)] * 8))
        assert 2 < db.pool().size <= 4
        for _ in attempts():
            if db.pool().size == 2:
                break


def test_a_server_that_is_nearly_full_is_left_to_others() -> None:
    with embedded.server(settings={"max_connections": "20"}) as server:  # of which three are the superuser's
        plain = make_conninfo(server.conninfo, user="plain")
        with psycopg.connect(server.conninfo, autocommit=True) as other, contextlib.ExitStack() as stack:
            other.execute("CREATE ROLE plain LOGIN")
            for _ in range(11):
                stack.enter_context(psycopg.connect(plain))
            with Database(plain, SIZED) as db, ThreadPoolExecutor(8) as threads:
                for _ in attempts():
                    if db.pool().connections_failed:
                        break
                    list(threads.map(lambda _: db.performance(50), range(8)))
                until(lambda: other.execute(COUNT).fetchone() == (3,))  # of 17, 12 are others'; 2 are left
                assert db.pool().size == 3
