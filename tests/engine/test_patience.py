"""The server's limit for an idle transaction, and callers who take their time."""

# ruff: noqa: PT012 - the error comes out of a whole block

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import psycopg
import pytest

from radarr_db.engine import AsyncDatabase, PoolSettings
from radarr_db.errors import UnavailableError

pytestmark = pytest.mark.usefixtures("either_path")


@pytest.fixture
async def hasty(open_database: Any, conninfo: str) -> AsyncDatabase:
    settings = PoolSettings(min_size=1, max_size=1, idle_in_transaction_timeout=0.1)
    return cast("AsyncDatabase", await open_database(conninfo, settings))


def pause(other: psycopg.Connection) -> None:
    """Longer than the limit."""
    other.execute("SELECT pg_sleep(0.5)")


async def test_a_transaction_that_idles_is_ended_with_advice(
    hasty: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    with pytest.raises(UnavailableError, match=r"^things.total: .*raise idle_in_transaction_timeout"):
        async with hasty.transaction() as tx:
            await tx.run(things.total())
            pause(other)
            await tx.run(things.total())


async def test_a_stream_waits_for_a_slow_reader(hasty: AsyncDatabase, things: Any, other: psycopg.Connection) -> None:
    seen = []
    async for number in hasty.stream(things.count_to(899)):
        if number.n in (1, 500):
            pause(other)
        seen.append(number.n)
    assert seen == list(range(1, 900))
    assert await hasty.run(things.setting("idle_in_transaction_session_timeout")) == "100ms"


async def test_batches_may_be_made_slowly(hasty: AsyncDatabase, things: Any, other: psycopg.Connection) -> None:
    def batches() -> Iterator[list[str]]:
        for name in "abc":
            pause(other)
            yield [name]

    assert await hasty.run(things.add_many(batches())) == 3
