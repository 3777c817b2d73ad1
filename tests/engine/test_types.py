"""What the type checker knows: these functions are checked, and never called."""

from __future__ import annotations

from typing import assert_type

from radarr_db.engine import AsyncDatabase, AsyncTransaction, Database, Transaction
from radarr_db.query import Page, Query


def blocking(
    db: Database | Transaction,
    one: Query[int],
    maybe: Query[str | None],
    many: Query[list[bytes]],
    page: Query[Page[float]],
) -> None:
    assert_type(db.run(one), int)
    assert_type(db.run(maybe), str | None)
    assert_type(db.run_all(), tuple[()])
    assert_type(db.run_all(one, maybe, many), tuple[int, str | None, list[bytes]])
    assert_type(
        db.run_all(one, one, one, one, one, one, one, maybe),
        tuple[int, int, int, int, int, int, int, str | None],
    )
    assert_type(db.run_all(*[one, one]), tuple[int, ...])
    for item in db.stream(many):
        assert_type(item, bytes)
    for number in db.stream(page):
        assert_type(number, float)


def transacting(db: Database, one: Query[int]) -> None:
    assert_type(db.transact(lambda tx: tx.run(one)), int)
    with db.transaction() as tx, tx.transaction() as inner:
        assert_type(inner, Transaction)


async def asynchronous(db: AsyncDatabase | AsyncTransaction, one: Query[int], many: Query[list[bytes]]) -> None:
    assert_type(await db.run(one), int)
    assert_type(await db.run_all(one, many), tuple[int, list[bytes]])
    async for item in db.stream(many):
        assert_type(item, bytes)


async def asynchronously_transacting(db: AsyncDatabase, one: Query[int]) -> None:
    assert_type(await db.transact(lambda tx: tx.run(one)), int)
    async with db.transaction() as tx, tx.transaction() as inner:
        assert_type(inner, AsyncTransaction)
