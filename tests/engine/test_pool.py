"""Opening, lending and closing connections, and what the pool tells about itself."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from waiting import attempts, until

from radarr_db.engine import AsyncDatabase, Database, PoolHealthReport, PoolSettings
from radarr_db.errors import InvalidArgumentError, UnavailableError

ASLEEP = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
QUICK = PoolSettings(min_size=1, max_size=2, acquire_timeout=0.2)


async def test_a_database_must_be_open_and_can_be_opened_again(
    open_database: Any, database_conninfo: str, things: Any
) -> None:
    db = await open_database(database_conninfo)
    await db.open()
    assert await db.run(things.echo("int", 1)) == 1
    await db.close()
    await db.close()
    for call in (db.run(things.pid()), db.run_all(things.pid()), db.health(), db.performance()):
        with pytest.raises(UnavailableError, match="not open; use it in a `with` block"):
            await call
    await db.open()
    assert await db.run(things.echo("int", 1)) == 1


async def test_a_query_in_flight_at_the_close_ends_in_order(
    open_database: Any, database_conninfo: str, things: Any
) -> None:
    db = await open_database(database_conninfo)
    async with db.transaction() as tx:
        await db.close()
        assert await tx.run(things.echo("int", 1)) == 1


async def test_a_missing_database_is_told_at_once(open_database: Any, database_conninfo: str) -> None:
    patient = PoolSettings(acquire_timeout=1000)
    with pytest.raises(UnavailableError, match="does not exist"):
        await open_database(make_conninfo(database_conninfo, dbname="nowhere"), patient)


async def test_an_absent_server_is_waited_for_and_then_told(open_database: Any, tmp_path: Path) -> None:
    began = monotonic()
    with pytest.raises(UnavailableError, match="is the server running, and is this its address"):
        await open_database(f"host={tmp_path} dbname=x user=y", QUICK)
    assert monotonic() - began >= QUICK.acquire_timeout


async def test_a_server_that_comes_up_after_the_first_refusal_is_found(
    open_database: Any, own_server: Any, things: Any, tmp_path: Path
) -> None:
    address = tmp_path / ".s.PGSQL.5432"

    def refuse_the_first(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.recv(1000)
            address.unlink()
            address.symlink_to(own_server.socket_dir / address.name)

    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as threads:
        listener.bind(str(address))
        listener.listen()
        listener.settimeout(60)
        refusal = threads.submit(refuse_the_first, listener)
        db = await open_database(make_conninfo(own_server.conninfo, host=str(tmp_path)))
        refusal.result()
    assert await db.run(things.echo("int", 1)) == 1


async def test_an_exhausted_pool_says_so(open_database: Any, database_conninfo: str, things: Any) -> None:
    db = await open_database(database_conninfo, QUICK)
    async with db.transaction(), db.transaction():
        with pytest.raises(UnavailableError, match=r"within 0.2 s: 2 of 2 are in use; hold them for less time"):
            await db.run(things.pid())
        report = await db.health()
        assert (report.connectivity_ok, report.active_connections, report.pool_size) == (False, 2, 2)
        assert report.connectivity_time < 1
    assert (await db.health()).connectivity_ok


async def test_a_connection_left_in_a_transaction_is_rolled_back(
    open_database: Any, conninfo: str, things: Any
) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=1, max_size=1))
    await db.run(things.begin())
    await db.run(things.add("a"))
    with psycopg.connect(conninfo) as another:
        assert another.execute("SELECT name FROM things").fetchall() == [("a",)]


async def test_health_and_performance_are_told(db: AsyncDatabase) -> None:
    async with db.transaction():
        pass
    report = await db.health()
    assert report == PoolHealthReport(True, report.connectivity_time, 1, 0, 1)
    assert 0 < report.connectivity_time < 1
    metrics = await db.performance(samples=3)
    assert metrics.total_queries == 3
    assert 0 < metrics.min_query_time <= metrics.average_query_time <= metrics.max_query_time


@pytest.mark.parametrize("samples", [0, 1001, 2.0, True])
async def test_samples_are_bounded(db: AsyncDatabase, samples: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="samples"):
        await db.performance(samples)


async def test_no_secret_is_shown(open_database: Any, database_conninfo: str) -> None:
    secret = make_conninfo(database_conninfo, password="canary")  # noqa: S106 - it must not be seen
    for database in (Database(secret), AsyncDatabase(secret)):
        assert "canary" not in repr(database)
        assert "radarr_db_" in repr(database)
    with pytest.raises(UnavailableError) as failed:
        await open_database(make_conninfo(secret, host="/nowhere"), QUICK)
    assert "canary" not in repr(failed.value)
    with pytest.raises(InvalidArgumentError, match="conninfo") as refused:
        Database("host=x password=canary=canary canary")
    assert "canary" not in repr(refused.value)


def test_threads_share_a_pool(conninfo: str, things: Any) -> None:
    with Database(conninfo, PoolSettings(min_size=1, max_size=4)) as db, ThreadPoolExecutor(16) as threads:
        added = list(threads.map(lambda n: db.run(things.add(f"thing {n}")).name, range(400)))
        assert added == [f"thing {n}" for n in range(400)]
        assert len(db.run(things.everything())) == 400
        assert db.health().active_connections == 0


async def test_tasks_share_a_pool_and_a_transaction(conninfo: str, things: Any) -> None:
    async with AsyncDatabase(conninfo, PoolSettings(min_size=1, max_size=4)) as db:
        await asyncio.gather(*(db.run(things.add(f"thing {n}")) for n in range(200)))
        async with db.transaction() as tx:
            found: list[Any] = await asyncio.gather(*(tx.run(things.find(f"thing {n}")) for n in range(200)))
        assert [thing.name for thing in found] == [f"thing {n}" for n in range(200)]
        assert (await db.health()).active_connections == 0


@pytest.mark.usefixtures("either_path")
async def test_cancelled_tasks_lose_no_connection(conninfo: str, things: Any) -> None:
    async def one(db: AsyncDatabase, number: int) -> int:
        match number % 4:
            case 0:
                return len(await db.run(things.count_to(number)))
            case 1:
                (numbers,) = await db.run_all(things.count_to(number))
                return len(numbers)
            case 2:
                async with db.transaction() as tx, tx.transaction() as inner:
                    return len(await inner.run(things.count_to(number)))
            case _:
                return len([item async for item in db.stream(things.count_to(number))])

    async def client(db: AsyncDatabase, delays: random.Random) -> None:
        for number in range(400):
            task = asyncio.create_task(one(db, number))
            for _ in range(delays.randrange(120)):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                assert await task == number

    async with AsyncDatabase(conninfo, PoolSettings(min_size=4, max_size=4, acquire_timeout=5)) as db:
        seeds = range(12)
        await asyncio.gather(*(client(db, random.Random(seed)) for seed in seeds))  # noqa: S311 - no secret
        async with db.transaction(), db.transaction(), db.transaction(), db.transaction() as tx:
            assert await tx.run(things.echo("int", 1)) == 1
        assert (await db.health()).active_connections == 0


@pytest.mark.usefixtures("either_path")
async def test_a_query_that_is_cancelled_ends_on_the_server(
    conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    async with AsyncDatabase(conninfo, PoolSettings(min_size=1, max_size=1)) as db:
        for work in (db.run(things.wait(60)), db.run_all(things.add("a"), things.wait(60))):
            task = asyncio.ensure_future(work)
            await asyncio.to_thread(until, lambda: other.execute(ASLEEP).fetchall())
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert other.execute(ASLEEP).fetchall() == []
            assert await db.run(things.everything()) == []


async def test_who_waits_comes_before_who_comes_later(database_conninfo: str, things: Any) -> None:
    served: list[str] = []

    async def run(name: str) -> None:
        served.append(await db.run(things.echo("text", name)))

    async with AsyncDatabase(database_conninfo, PoolSettings(min_size=1, max_size=1)) as db:
        for _ in range(3):
            async with db.transaction():
                waiting = [asyncio.create_task(run(name)) for name in "abc"]
                await asyncio.sleep(0)
            await run("late")
            await asyncio.gather(*waiting)
    assert served == ["a", "b", "c", "late"] * 3


def test_more_threads_than_connections_are_all_served(database_conninfo: str, things: Any) -> None:
    with Database(database_conninfo, PoolSettings(min_size=1, max_size=2)) as db, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda n: [db.run(things.echo("int", n)) for _ in range(200)], range(8))
        assert list(answers) == [[n] * 200 for n in range(8)]


async def test_connections_that_nobody_needs_are_closed(
    open_database: Any, conninfo: str, other: psycopg.Connection, things: Any
) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=1, max_size=5, idle_timeout=0.1))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(db.transaction())
    assert (await db.health()).pool_size == 5
    await asyncio.to_thread(until, lambda: other.execute(OPEN).fetchone() == (1,))
    assert await db.run(things.echo("int", 1)) == 1
    assert (await db.health()).pool_size == 1


async def test_a_connection_is_replaced_at_the_end_of_its_life_although_it_is_in_use(
    open_database: Any, database_conninfo: str, things: Any
) -> None:
    db = await open_database(database_conninfo, PoolSettings(min_size=1, max_size=1, max_lifetime=0.1))
    first = await db.run(things.pid())
    for _ in attempts():
        if await db.run(things.pid()) != first:
            break


async def test_a_closed_database_leaves_no_connection(
    open_database: Any, conninfo: str, other: psycopg.Connection, things: Any
) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=2, max_size=5))
    async with db.transaction(), db.transaction() as tx, db.transaction():
        await tx.run(things.total())
    async with db.transaction() as tx:
        await db.run(things.total())
        await db.close()
        await tx.run(things.total())
    await asyncio.to_thread(until, lambda: other.execute(OPEN).fetchone() == (0,))


@pytest.mark.usefixtures("either_path")
def test_a_database_goes_from_one_event_loop_to_another(database_conninfo: str, things: Any) -> None:
    db = AsyncDatabase(database_conninfo, PoolSettings(min_size=2, max_size=2))

    async def use() -> list[int]:
        async with db.transaction() as tx:
            return [await tx.run(things.echo("int", 1)), await db.run(things.echo("int", 2))]

    async def first() -> list[int]:
        await db.open()
        async with db.transaction(), db.transaction():
            pass  # both connections are there
        return await use()

    assert asyncio.run(first()) == [1, 2]
    assert asyncio.run(use()) == [1, 2]
    assert asyncio.run(use()) == [1, 2]
