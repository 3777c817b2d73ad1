"""A transaction, its savepoints, and what can only be done inside one: batches, streams, EXPLAIN."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from psycopg.pq import Escaping, TransactionStatus

from radarr_db.engine._async.runner import AsyncRunner
from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.plan import Plan
from radarr_db.engine.wire import Result
from radarr_db.errors import RadarrDbError, UnavailableError
from radarr_db.query import Query

T = TypeVar("T")
R = TypeVar("R")

STREAM_ROWS = 500

_SAVE, _RELEASE = "SAVEPOINT radarr_db", "RELEASE SAVEPOINT radarr_db"
# A savepoint survives the return to it, and would stand before an outer one, as all have one name.
_RESTORE = f"ROLLBACK TO SAVEPOINT radarr_db; {_RELEASE}"


class AsyncTransaction(AsyncRunner):
    """An open transaction, until the end of its block."""

    def __init__(self, session: AsyncSession) -> None:
        self._open_session: AsyncSession | None = session

    async def run(self, query: Query[T]) -> T:
        """The result of ``query``; one that runs in batches does all of them or none."""
        if query.batches is None:
            return query.read(*await self._session.run(query.name, query.sql, query.params, make_row=query.make_row))
        async with self.transaction() as inner:
            return await inner.run_batches(query)

    async def run_batches(self, query: Query[T]) -> T:
        """The result over all batches of ``query``; what earlier ones did stays when a later one fails."""
        rows: list[Any] = []
        affected = 0
        for params in query.batches() if query.batches else (query.params,):
            more, count = await self._session.run(query.name, query.sql, params, make_row=query.make_row)
            rows += more
            affected += count
        return query.read(rows, affected)

    async def stream(self, query: Query[Sequence[R]]) -> AsyncIterator[R]:
        """The items of ``query``, a few hundred in memory at a time; other queries may run in between."""
        session, name = self._session, query.name
        cursor = f"radarr_db_{next(session.wire.numbers)}"
        declare = f"DECLARE {cursor} NO SCROLL CURSOR FOR {query.sql}"
        await session.run(name, declare, query.params, prepared=False)
        left = sys.maxsize if query.most is None else query.most
        while left:
            fetch = f"FETCH {min(left, STREAM_ROWS)} FROM {cursor}"
            items, count = await self._session.run(name, fetch, make_row=query.make_row, prepared=False)
            for item in items:
                yield item
            left = left - count if count == STREAM_ROWS else 0
        await self._session.command(name, f"CLOSE {cursor}")

    async def explain(self, query: Query[Any], *, analyze: bool = False, generic: bool = False) -> Plan:
        """The plan of ``query`` for its arguments, or the ``generic`` one that serves any arguments.

        ``analyze`` runs the query for its real times, and undoes what it wrote. Of a query that runs in
        batches the first one counts.
        """
        session, name = self._session, query.name
        params = query.params if query.batches is None else next(query.batches())
        escape = Escaping(session.pgconn).escape_literal
        values = [b"NULL" if value is None else escape(value) for value in session.wire.dump(name, params)]
        arguments = f"({b', '.join(values).decode()})" if values else ""
        mode = "force_generic_plan" if generic else "force_custom_plan"
        await session.command(name, f"PREPARE radarr_db_explain AS {query.sql}")
        await session.command(name, f"{_SAVE}; SET LOCAL plan_cache_mode = {mode}")
        try:
            explain = f"EXPLAIN (FORMAT JSON, ANALYZE {analyze}) EXECUTE radarr_db_explain{arguments}"
            rows, _ = await session.run(name, explain, prepared=False)
        finally:
            await session.undo(f"{_RESTORE}; DEALLOCATE radarr_db_explain")
        return Plan(rows[0][0])

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncTransaction]:
        """A savepoint: an error that leaves its block undoes only what was done inside it."""
        async with block(self._session, _SAVE, _RELEASE, _RESTORE) as inner:
            yield inner

    async def _run_all(self, queries: Sequence[Query[Any]]) -> list[Result]:
        return await self._session.run_all(queries)

    @property
    def _session(self) -> AsyncSession:
        if self._open_session is None:
            raise UnavailableError("this transaction has ended: use it only inside its `with` block")
        return self._open_session

    def end(self) -> None:
        """Refuse all further use."""
        self._open_session = None


@asynccontextmanager
async def block(
    session: AsyncSession,
    begin: str,
    commit: str,
    rollback: str,
) -> AsyncIterator[AsyncTransaction]:
    """A transaction on ``session``, committed at the end of the block, undone by any error that leaves it."""
    await session.command("begin", begin)
    transaction = AsyncTransaction(session)
    try:
        yield transaction
        await _commit(session, commit)
    except BaseException:
        await session.undo(rollback)
        raise
    finally:
        transaction.end()


async def _commit(session: AsyncSession, commit: str) -> None:
    if session.pgconn.transaction_status == TransactionStatus.INERROR:
        # The server would take the COMMIT, roll back and report no error.
        raise RadarrDbError("the transaction was undone: a query in it failed, and the error was caught")
    try:
        await session.command("commit", commit)
    except UnavailableError as error:
        raise UnavailableError(f"{error}; it may have been committed or not") from error.__cause__
