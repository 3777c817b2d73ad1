"""Reading rows as they come."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from radarr_db.engine import AsyncDatabase
from radarr_db.errors import InvalidArgumentError, StatementError


@pytest.mark.parametrize("last", [0, 1, 499, 500, 501, 899])
async def test_every_item_comes_once_and_in_order(db: AsyncDatabase, things: Any, last: int) -> None:
    streamed = [number async for number in db.stream(things.count_to(last))]
    assert [number.n for number in streamed] == list(range(1, last + 1))
    assert streamed == await db.run(things.count_to(last))


async def test_only_a_part_is_read_ahead(db: AsyncDatabase, things: Any) -> None:
    seen = []
    with pytest.raises(InvalidArgumentError, match=r"things.count_to: .*22012"):  # noqa: PT012 - in the loop
        async for number in db.stream(things.count_to(10_000)):
            seen.append(number.n)  # noqa: PERF401 - those before the failure count
    assert seen == list(range(1, 501))
    assert len(await db.run(things.count_to(5))) == 5


async def test_a_loop_left_early_gives_the_connection_back_in_order(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    async for number in db.stream(things.count_to(899)):
        if number.n == 3:
            break
    assert len(await db.run(things.count_to(5))) == 5
    left_open = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    assert other.execute(left_open).fetchall() == []


async def test_other_queries_run_while_a_transaction_streams(db: AsyncDatabase, things: Any) -> None:
    await db.run(things.add_many([[f"thing {n}" for n in range(600)]]))
    async with db.transaction() as tx:
        async for thing in tx.stream(things.everything()):
            async for same in tx.stream(things.everything()):
                assert same.id == 1
                break
            await tx.run(things.reprice(thing.id, 1))
    assert await db.run(things.total()) == 600


async def test_a_stream_is_one_snapshot(db: AsyncDatabase, things: Any, other: psycopg.Connection) -> None:
    await db.run(things.add_many([[f"thing {n}" for n in range(700)]]))
    count = 0
    async for _ in db.stream(things.everything()):
        count += 1
        if count == 1:
            other.execute("DELETE FROM things")
    assert count == 700


async def test_a_statement_that_is_no_select_cannot_be_streamed(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(StatementError, match=r"^things.reprice: "):
        async for _ in db.stream(things.reprice(1, 1)):
            pass
    assert await db.run(things.total()) == 0
