"""Tasks and threads that share a transaction: what one does is never lost, undone or answered by another's."""

# ruff: noqa: PT012 - the error comes out of a whole block

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from waiting import until

from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.errors import ConflictError, RadarrDbError, UnavailableError

pytestmark = pytest.mark.usefixtures("either_path")

SINGLE = PoolSettings(min_size=1, max_size=1, acquire_timeout=5)
ASLEEP = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
HAS_ENDED = "this transaction has ended"


class LeaveError(Exception):
    """Leaves a block."""


@pytest.fixture
async def asyncio_db(conninfo: str) -> AsyncIterator[AsyncDatabase]:
    async with AsyncDatabase(conninfo, SINGLE) as database:
        yield database


async def names(db: AsyncDatabase, things: Any) -> list[str]:
    return sorted(thing.name for thing in await db.run(things.everything()))


def until_asleep(connection: psycopg.Connection) -> None:
    until(lambda: connection.execute(ASLEEP).fetchall())


async def test_a_block_that_fails_lets_the_query_of_another_task_end(
    asyncio_db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    with pytest.raises(LeaveError):
        async with asyncio_db.transaction() as tx:
            await tx.run(things.add("lost"))
            sibling = asyncio.create_task(tx.run(things.wait(0.3)))
            await asyncio.to_thread(until_asleep, other)
            raise LeaveError
    assert await asyncio.wait_for(sibling, 10) == ""
    assert await names(asyncio_db, things) == []


def test_a_block_that_fails_lets_the_query_of_another_thread_end(
    conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    with Database(conninfo, SINGLE) as db, ThreadPoolExecutor() as threads:
        with pytest.raises(LeaveError), db.transaction() as tx:
            tx.run(things.add("lost"))
            sibling = threads.submit(tx.run, things.wait(0.3))
            until_asleep(other)
            raise LeaveError
        assert sibling.result(10) == ""
        assert db.run(things.everything()) == []


async def test_a_query_that_comes_when_the_block_ends_is_refused(
    asyncio_db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    async with asyncio_db.transaction() as tx:
        await tx.run(things.add("kept"))
        running = asyncio.create_task(tx.run(things.wait(0.3)))
        await asyncio.to_thread(until_asleep, other)
        late = [
            asyncio.ensure_future(call)
            for call in (
                tx.run(things.add("late")),
                tx.run(things.add_many([["later"]])),
                tx.run_all(things.add("latest")),
                tx.explain(things.total()),
                anext(tx.stream(things.everything())),
            )
        ]
    assert await running == ""
    for call in late:
        with pytest.raises(UnavailableError, match=HAS_ENDED):
            await call
    assert await names(asyncio_db, things) == ["kept"]


def test_a_thread_that_outlives_the_block_gets_no_answer_of_others(database_conninfo: str, things: Any) -> None:
    def insist(tx: Any, begun: threading.Event) -> None:
        with pytest.raises(UnavailableError, match=HAS_ENDED):
            while True:
                assert tx.run(things.echo("text", "theirs")) == "theirs"
                begun.set()

    with Database(database_conninfo, SINGLE) as db, ThreadPoolExecutor() as threads:
        for _ in range(30):
            begun = threading.Event()
            with db.transaction() as tx:
                insisting = threads.submit(insist, tx, begun)
                begun.wait(10)
            for _ in range(20):
                assert db.run(things.echo("text", "mine")) == "mine"
            insisting.result(10)


async def test_a_cancelled_block_does_not_wait_for_others_and_they_are_told(
    asyncio_db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    leaving, siblings = asyncio.Event(), []

    async def work() -> None:
        async with asyncio_db.transaction() as tx:
            siblings.append(asyncio.create_task(tx.run(things.wait(60))))
            await asyncio.to_thread(until_asleep, other)
            leaving.set()
            raise LeaveError

    working = asyncio.create_task(work())
    await leaving.wait()
    for _ in range(3):
        working.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(working), 10)
    with pytest.raises(UnavailableError, match="the transaction was broken off"):
        await asyncio.wait_for(siblings[0], 10)
    assert await names(asyncio_db, things) == []


async def test_inner_blocks_of_several_tasks_undo_only_their_own(asyncio_db: AsyncDatabase, things: Any) -> None:
    async def one(tx: Any, name: str, error: Exception | None) -> None:
        async with tx.transaction() as inner:
            await inner.run(things.add(name))
            if error is not None:
                raise error
            await inner.run(things.add(f"{name} too"))

    async with asyncio_db.transaction() as tx:
        failed = await asyncio.gather(
            one(tx, "a", LeaveError()),
            one(tx, "b", None),
            one(tx, "c", LeaveError()),
            tx.run(things.add("d")),
            return_exceptions=True,
        )
        assert [type(result) for result in failed[:3]] == [LeaveError, type(None), LeaveError]
    assert await names(asyncio_db, things) == ["b", "b too", "d"]


def test_inner_blocks_of_several_threads_undo_only_their_own(conninfo: str, things: Any) -> None:
    def one(tx: Any, number: int) -> None:
        with contextlib.suppress(LeaveError), tx.transaction() as inner:
            inner.run(things.add(f"{number}"))
            if number % 2:
                raise LeaveError
        if number % 2:
            tx.run(things.add(f"not {number}"))

    with Database(conninfo, SINGLE) as db, ThreadPoolExecutor(4) as threads:
        with db.transaction() as tx:
            list(threads.map(lambda number: one(tx, number), range(40)))
        found = {thing.name for thing in db.run(things.everything())}
    assert found == {f"not {number}" if number % 2 else f"{number}" for number in range(40)}


async def test_batches_and_explain_undo_nothing_of_other_tasks(asyncio_db: AsyncDatabase, things: Any) -> None:
    async with asyncio_db.transaction() as tx:
        await tx.run(things.add("there"))
        results = await asyncio.gather(
            tx.run(things.add_many([["a"], ["there"]])),
            tx.run(things.add_many([["b"], ["c"]])),
            tx.explain(things.add("d"), analyze=True),
            tx.run(things.add("e")),
            return_exceptions=True,
        )
        assert isinstance(results[0], ConflictError)
        assert results[1] == 2
    assert await names(asyncio_db, things) == ["b", "c", "e", "there"]


async def test_what_a_block_does_by_the_outer_transaction_is_part_of_it(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        with pytest.raises(LeaveError):
            async with tx.transaction():
                await tx.run(things.add("a"))
                async with tx.transaction():
                    await tx.run(things.add_many([["b"]]))
                raise LeaveError
        async with tx.transaction() as inner, tx.transaction():
            await tx.run(things.add("c"))
            await inner.run(things.add("d"))
            assert (await tx.explain(things.total())).tree
    assert await names(db, things) == ["c", "d"]


async def test_tasks_of_an_inner_block_can_use_the_outer_transaction(asyncio_db: AsyncDatabase, things: Any) -> None:
    async with asyncio.timeout(10), asyncio_db.transaction() as tx:
        async with tx.transaction():
            await asyncio.gather(*(tx.run(things.add(f"{number}")) for number in range(3)))
        with pytest.raises(LeaveError):
            async with tx.transaction():
                await asyncio.gather(tx.run(things.add("a")), tx.run(things.add_many([["b"]])))
                raise LeaveError
    assert await names(asyncio_db, things) == ["0", "1", "2"]


def test_batches_can_be_made_of_what_the_same_transaction_reads(conninfo: str, things: Any) -> None:
    with Database(conninfo, SINGLE) as db:
        with db.transaction() as tx:
            tx.run(things.add_many([[f"thing {n}" for n in range(600)]]))
            copies = ([f"{thing.name} again"] for thing in tx.stream(things.everything()))
            assert tx.run(things.add_many(copies)) == 600
        assert len(db.run(things.everything())) == 1200


async def test_an_inner_block_that_outlives_the_outer_one_is_told(asyncio_db: AsyncDatabase, things: Any) -> None:
    opened, left = asyncio.Event(), asyncio.Event()

    async def work(tx: Any) -> None:
        async with tx.transaction() as inner:
            await inner.run(things.add("a"))
            opened.set()
            await left.wait()

    async with asyncio_db.transaction() as tx:
        working = asyncio.create_task(work(tx))
        await opened.wait()
    async with asyncio_db.transaction() as another:
        await another.run(things.add("b"))
        left.set()
        with pytest.raises(UnavailableError, match=HAS_ENDED):
            await working
    assert await names(asyncio_db, things) == ["a", "b"]


async def test_only_a_commit_is_said_to_be_in_doubt(db: AsyncDatabase, things: Any, other: psycopg.Connection) -> None:
    with pytest.raises(RadarrDbError) as failed:
        async with db.transaction() as tx, tx.transaction() as inner:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (await inner.run(things.pid()),))
    assert "may have been committed" not in str(failed.value)
