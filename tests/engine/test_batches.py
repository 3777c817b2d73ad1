"""Queries that run in batches: the next is made while the server works on the last, and nothing is left half done."""

from __future__ import annotations

from typing import NoReturn

import psycopg
import pytest
from engine.conftest import STATEMENTS, Open, Things

from radarr_db import query
from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.query import Query


def batches(*makers: object) -> Query[int]:
    """Adds what each of the makers returns."""
    return query.batched(STATEMENTS["add_many"], lambda: iter(makers))  # type: ignore[arg-type]


async def test_the_next_batch_is_made_while_the_server_works_on_the_last(
    open_database: Open, conninfo: str, other: psycopg.Connection
) -> None:
    other.execute("BEGIN; INSERT INTO things (name) VALUES ('b')")

    def set_free() -> list[dict[str, object]]:
        other.execute("ROLLBACK")
        return [{"names": ["c"]}]

    db = await open_database(conninfo, PoolSettings(fast_path=True))
    # The first is prepared in its round trip, the second waits for the other session until the third is made.
    assert await db.run(batches(lambda: [{"names": ["a"]}], lambda: [{"names": ["b"]}], set_free)) == 3


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
async def test_an_error_at_a_later_batch_leaves_nothing_and_a_session_in_order(
    db: AsyncDatabase, things: Things, kind: type[BaseException]
) -> None:
    def fail() -> NoReturn:
        raise kind

    with pytest.raises(kind):
        await db.run(batches(lambda: [{"names": ["a"]}], lambda: [{"names": ["b"]}], fail))
    assert await db.run(things.everything()) == []


@pytest.mark.usefixtures("either_path")
def test_what_is_written_may_be_read_from_the_same_transaction(conninfo: str, things: Things) -> None:
    with Database(conninfo) as db, db.transaction() as tx:
        tx.run(things.add_many([["a", "b", "c"]]))
        read = ([f"{thing.name}2"] for thing in tx.stream(things.everything()))
        assert tx.run(things.add_many(read)) == 3
