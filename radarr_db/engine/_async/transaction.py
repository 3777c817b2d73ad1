"""A transaction, its savepoints, and what can only be done inside one: batches, streams, EXPLAIN."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from psycopg.pq import Escaping

from radarr_db.engine._async.runner import AsyncRunner
from radarr_db.engine._async.scope import AsyncScope
from radarr_db.engine.ahead import Ahead
from radarr_db.engine.plan import Plan
from radarr_db.engine.wire import Result
from radarr_db.errors import InvalidArgumentError
from radarr_db.query import Batches, Query

T = TypeVar("T")
R = TypeVar("R")

STREAM_ROWS = 500


class AsyncTransaction(AsyncRunner):
    """An open transaction, until the end of its block.

    Tasks or threads may share it; their queries run one after the other. At its end the query that runs is waited
    for, and those that come later are refused with UnavailableError.
    """

    def __init__(self, scope: AsyncScope) -> None:
        self._scope = scope

    async def run(self, query: Query[T]) -> T:
        """The result of ``query``; one that runs in batches does all of them or none.

        What the batches are made of should come fast: the server ends a transaction that does nothing for as long as
        the idle_in_transaction_timeout of the pool.
        """
        if query.batches is not None:
            async with self._scope.savepoint() as inner:
                return await run_batches(inner, query, query.batches())
        async with self._scope.talk() as session:
            result = await session.run(query.name, query.sql, query.params, make_row=query.make_row)
        return query.read(*result)

    async def stream(self, query: Query[Sequence[R]]) -> AsyncIterator[R]:
        """The items of ``query``, a few hundred in memory at a time; other queries may run in between.

        The server ends a transaction that does nothing for as long as the idle_in_transaction_timeout of the pool:
        where more time can pass between two items, use the ``stream`` of the database.
        """
        name = query.name
        async with self._scope.talk() as session:
            cursor = f"radarr_db_{next(session.wire.numbers)}"
            declare = f"DECLARE {cursor} NO SCROLL CURSOR FOR {query.sql}"
            await session.run(name, declare, query.params, prepared=False)
        left = sys.maxsize if query.most is None else query.most
        while left:
            fetch = f"FETCH {min(left, STREAM_ROWS)} FROM {cursor}"
            async with self._scope.talk() as session:
                items, count = await session.run(name, fetch, make_row=query.make_row, prepared=False)
            for item in items:
                yield item
            left = left - count if count == STREAM_ROWS else 0
        async with self._scope.talk() as session:
            await session.command(name, f"CLOSE {cursor}")

    async def explain(self, query: Query[Any], *, analyze: bool = False, generic: bool = False) -> Plan:
        """The plan of ``query`` for its arguments, or the ``generic`` one that serves any arguments.

        ``analyze`` runs the query for its real times, and undoes what it wrote. Of a query that runs in
        batches the first one counts.
        """
        name = query.name
        params = query.params if query.batches is None else next(Ahead(query.batches()), None)
        if params is None:
            raise InvalidArgumentError("query", f"{name}: has no batch to explain")
        async with self._scope.talk() as session:
            escape = Escaping(session.pgconn).escape_literal
            values = [b"NULL" if value is None else escape(value) for value in session.wire.dump(name, params)]
            arguments = f"({b', '.join(values).decode()})" if values else ""
            mode = "force_generic_plan" if generic else "force_custom_plan"
            plan = f"radarr_db_{next(session.wire.numbers)}"
            undo = f"ROLLBACK TO SAVEPOINT {plan}; RELEASE SAVEPOINT {plan}"
            try:
                setting = f"SAVEPOINT {plan}; SET LOCAL plan_cache_mode = {mode}"
                await session.command(name, f"{setting}; PREPARE {plan} AS {query.sql}")
                undo += f"; DEALLOCATE {plan}"
                explain = f"EXPLAIN (FORMAT JSON, ANALYZE {analyze}) EXECUTE {plan}{arguments}"
                rows, _ = await session.run(name, explain, prepared=False)
            finally:
                await session.undo(undo)
        return Plan(rows[0][0])

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncTransaction]:
        """A savepoint: an error that leaves its block undoes only what was done inside it.

        Others who share this transaction wait until the block ends. What the block itself does by this transaction is
        part of it, also in tasks that it starts; threads that it starts must use the inner one, or wait for ever.
        """
        async with self._scope.savepoint() as inner:
            yield AsyncTransaction(inner)

    async def _run_all(self, queries: Sequence[Query[Any]]) -> list[Result]:
        async with self._scope.talk() as session:
            return await session.run_all(queries)


async def run_batches(scope: AsyncScope, query: Query[T], batches: Iterator[Batches]) -> T:
    """The result of ``query`` over all its ``batches``; what earlier ones did stays when a later one fails."""
    rows: list[Any] = []
    affected = 0
    ahead = Ahead(batches)
    for params in ahead:
        async with scope.talk() as session:
            result = await session.run(query.name, query.sql, params, make_row=query.make_row, meanwhile=ahead.make)
        rows += result[0]
        affected += result[1]
    return query.read(rows, affected)
