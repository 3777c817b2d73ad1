"""Transactions, savepoints, and running a transaction again."""

# ruff: noqa: PT012 - the error comes out of a whole block

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from radarr_db.engine import AsyncDatabase, Isolation, PoolSettings
from radarr_db.errors import (
    ConflictError,
    InvalidArgumentError,
    RadarrDbError,
    RetryableError,
    StatementError,
    UnavailableError,
)


class LeaveError(Exception):
    """Leaves a block."""


async def names(db: AsyncDatabase, things: Any) -> list[str]:
    return [thing.name for thing in await db.run(things.everything())]


async def test_a_block_that_ends_commits_and_one_that_fails_undoes(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        await tx.run(things.add("kept"))
    with pytest.raises(LeaveError):
        async with db.transaction() as tx:
            await tx.run(things.add("lost"))
            raise LeaveError
    assert await names(db, things) == ["kept"]


async def test_a_savepoint_undoes_only_what_was_done_inside_it(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        await tx.run(things.add("a"))
        with pytest.raises(LeaveError):
            async with tx.transaction() as middle:
                await middle.run(things.add("b"))
                with pytest.raises(LeaveError):
                    async with middle.transaction() as inner:
                        await inner.run(things.add("c"))
                        raise LeaveError
                async with middle.transaction() as inner:
                    await inner.run(things.add("d"))
                raise LeaveError
        async with tx.transaction() as inner:
            with pytest.raises(ConflictError):
                async with inner.transaction() as innermost:
                    await innermost.run(things.add("a"))
            await inner.run(things.add("e"))
    assert await names(db, things) == ["a", "e"]


async def test_isolation_and_read_only_are_what_was_asked_for(db: AsyncDatabase, things: Any) -> None:
    for level in (*Isolation, "serializable"):
        async with db.transaction(isolation=level) as tx:
            assert await tx.run(things.setting("transaction_isolation")) == level
    with pytest.raises(UnavailableError, match="read-only transaction"):
        async with db.transaction(read_only=True) as tx:
            await tx.run(things.add("a"))
    async with db.transaction() as tx:
        await tx.run(things.add("b"))
    with pytest.raises(InvalidArgumentError, match="isolation: must be one of read committed, "):
        async with db.transaction(isolation="chaos"):
            pass


async def test_a_transaction_sees_its_own_writes_in_every_manner_of_reading(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        thing = await tx.run(things.add("a", 1))
        assert await tx.run_all(things.get(thing.id), things.total()) == (thing, 1.0)
        assert [item async for item in tx.stream(things.everything())] == [thing]


async def test_a_caught_failure_cannot_pass_for_a_commit(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(RadarrDbError, match="was undone"):
        async with db.transaction() as tx:
            await tx.run(things.add("a"))
            with pytest.raises(ConflictError):
                await tx.run(things.add("a"))
    assert await names(db, things) == []


async def test_a_commit_can_fail_and_undoes_all(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(ConflictError, match=r"^commit: ") as failed:
        async with db.transaction() as tx:
            await tx.run(things.adopt("a", 99))
    assert failed.value.constraint == "things_parent_fkey"
    assert await names(db, things) == []


async def test_a_commit_that_gets_no_answer_is_said_to_be_in_doubt(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    with pytest.raises(UnavailableError, match="may have been committed or not"):
        async with db.transaction() as tx:
            pid = await tx.run(things.pid())
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    assert await names(db, things) == []


async def test_a_transaction_is_refused_after_its_end(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx, tx.transaction() as inner:
        pass
    for ended in (tx, inner):
        with pytest.raises(UnavailableError, match="this transaction has ended"):
            await ended.run(things.total())
        with pytest.raises(UnavailableError, match="this transaction has ended"):
            await ended.run_all(things.total())


async def test_a_serialization_failure_runs_the_whole_block_again(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    thing = await db.run(things.add("a", 1))
    attempts: list[int] = []

    async def work(tx: Any) -> int:
        attempts.append(1)
        found = await tx.run(things.get(thing.id))
        if len(attempts) < 3:
            other.execute("UPDATE things SET price = price + 10")
        await tx.run(things.reprice(thing.id, found.price + 1))
        return len(attempts)

    assert await db.transact(work, isolation=Isolation.REPEATABLE_READ) == 3
    assert (await db.run(things.get(thing.id))).price == 22


async def test_the_last_attempt_tells_why_it_failed(db: AsyncDatabase, things: Any, other: psycopg.Connection) -> None:
    thing = await db.run(things.add("a", 1))
    attempts: list[int] = []

    async def work(tx: Any) -> None:
        attempts.append(1)
        await tx.run(things.total())
        other.execute("UPDATE things SET price = price + 10")
        await tx.run(things.reprice(thing.id, 0))

    with pytest.raises(RetryableError, match="could not serialize"):
        await db.transact(work, isolation="repeatable read", attempts=2)
    assert len(attempts) == 2
    with pytest.raises(InvalidArgumentError, match="attempts"):
        await db.transact(work, attempts=0)


async def test_work_that_fails_otherwise_is_not_run_again(
    open_database: Any, conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=1, max_size=1, lock_timeout=0.01))
    thing = await db.run(things.add("a", 1))
    attempts: list[int] = []

    async def work(tx: Any) -> None:
        attempts.append(1)
        await tx.run(things.reprice(thing.id, 0))

    with other.transaction():
        other.execute("UPDATE things SET price = 5")
        with pytest.raises(RetryableError, match="lock timeout"):
            await db.transact(work)
    assert len(attempts) == 1


async def test_explain_tells_the_plan_and_changes_nothing(db: AsyncDatabase, things: Any) -> None:
    by_key = await db.explain(things.get(1))
    assert by_key.indexes == {"things_pkey"}
    assert by_key.sequential_scans == frozenset()
    whole = await db.explain(things.everything(), analyze=True)
    assert whole.sequential_scans == {"things"}
    assert "Actual Rows" in whole.tree
    assert "Seq Scan on things" in str(whole)
    assert str(by_key).startswith("Index Scan using things_pkey on things (cost=")
    assert (await db.explain(things.add("it's", None), analyze=True)).tree["Node Type"] == "ModifyTable"
    assert (await db.explain(things.add_many([["a", "b"]]), analyze=True)).tree["Node Type"] == "ModifyTable"
    assert await names(db, things) == []


async def test_a_generic_plan_serves_any_arguments(db: AsyncDatabase, things: Any) -> None:
    assert "(id = '1'::bigint)" in str(await db.explain(things.get(1)))
    assert "(id = $1)" in str(await db.explain(things.get(1), generic=True))


async def test_explain_inside_a_transaction_leaves_it_as_it_was(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        mode = await tx.run(things.setting("plan_cache_mode"))
        await tx.run(things.add("a"))
        await tx.explain(things.add("b"), analyze=True)
        with pytest.raises(ConflictError):
            await tx.explain(things.add("a"), analyze=True)
        assert await tx.run(things.setting("plan_cache_mode")) == mode
        assert await tx.run(things.prepared("PREPARE%")) == 0
    assert await names(db, things) == ["a"]


async def test_what_cannot_be_explained_is_a_statement_error(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(StatementError, match=r"^things.echo: "):
        await db.explain(things.echo("no_such_type", 1))
    assert (await db.explain(things.get(1))).indexes
