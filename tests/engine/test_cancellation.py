"""Tasks that are cancelled leave nothing behind, on the server or in the session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import psycopg
import pytest
from waiting import until

from radarr_db import query, statements
from radarr_db.engine import AsyncDatabase, PoolSettings, listener

ASLEEP = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"

STUBBORN = """
CREATE SEQUENCE cancels;
CREATE FUNCTION stubborn() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        BEGIN
            PERFORM pg_sleep(60);
        EXCEPTION WHEN query_canceled THEN
            PERFORM nextval('cancels');
        END;
    END LOOP;
END $$;
"""


@pytest.fixture
async def asyncio_db(conninfo: str) -> AsyncIterator[AsyncDatabase]:
    async with AsyncDatabase(conninfo, PoolSettings(min_size=1, max_size=1, acquire_timeout=5)) as database:
        yield database


async def cancelled_everywhere(work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Cancel ``work`` after each of its steps, in turn."""
    for steps in range(1000):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        if not task.cancel():
            return
        with contextlib.suppress(asyncio.CancelledError):
            await task
    raise AssertionError("work has no end")


@pytest.mark.usefixtures("either_path")
async def test_an_explain_that_is_cancelled_leaves_nothing_in_the_way(asyncio_db: AsyncDatabase, things: Any) -> None:
    async def explain() -> None:
        assert (await asyncio_db.explain(things.get(1))).indexes

    await cancelled_everywhere(explain)
    await explain()


@pytest.mark.usefixtures("either_path")
async def test_a_block_that_is_cancelled_gives_its_session_back_in_order(
    asyncio_db: AsyncDatabase, things: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def blocks() -> None:
        async with asyncio_db.transaction() as tx, tx.transaction() as inner:
            await inner.run(things.total())

    with caplog.at_level(logging.WARNING, logger="psycopg.pool"):
        await cancelled_everywhere(blocks)
    assert caplog.messages == []


@pytest.mark.usefixtures("either_path")
async def test_an_inner_block_that_is_cancelled_before_it_began_undoes_nothing(
    asyncio_db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    async with asyncio_db.transaction() as tx, tx.transaction() as inner:
        await inner.run(things.add("kept"))
        running = asyncio.create_task(inner.run(things.wait(0.3)))
        await asyncio.to_thread(until_asleep, other)
        waiting = asyncio.create_task(inner.run(things.add_many([["a"]])))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await running
    assert [thing.name for thing in await asyncio_db.run(things.everything())] == ["kept"]


@pytest.mark.parametrize("size", [1, 10_000_000])  # the socket does not take all of a large question at once
async def test_a_query_that_ignores_its_cancellation_is_given_up_after_one(
    conninfo: str, things: Any, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(listener, "_PATIENCE", 1.0)
    other.execute(STUBBORN)
    text = "-- name: stubborn(padding)\n-- Ends never.\n-- budget: simple\nSELECT stubborn() || :padding;"
    stubborn = query.scalar(str, statements.parse(text, Path("things.sql"))["stubborn"], padding="x" * size)
    async with AsyncDatabase(conninfo, PoolSettings(min_size=1, max_size=1, fast_path=True)) as db:
        task = asyncio.create_task(db.run(stubborn))
        await asyncio.to_thread(until_asleep, other)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await db.run(things.echo("int", 1)) == 1
    assert other.execute("SELECT last_value, is_called FROM cancels").fetchone() == (1, True)


def until_asleep(connection: psycopg.Connection) -> None:
    until(lambda: connection.execute(ASLEEP).fetchall())
