"""A connection of the pool: one conversation with the server at a time, each with a time limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import execute
from psycopg.pq import TransactionStatus

from radarr_db.engine.wire import Result, Wire
from radarr_db.errors import RadarrDbError
from radarr_db.query import Params, Query
from radarr_db.rows import Row

T = TypeVar("T")


class AsyncSession(psycopg.AsyncConnection[Any]):
    """A server session that keeps its prepared statements; errors are this library's."""

    wire: Wire

    async def run(
        self,
        name: str,
        sql: str,
        params: Params = (),
        *,
        make_row: Callable[[Row], Any] = tuple,
        prepared: bool = True,
        limit: float | None = None,
    ) -> Result:
        """The rows and the number of rows affected; ``name`` stands in errors, ``limit`` is in seconds."""
        wire = self.wire
        values = wire.dump(name, params)
        async with self.lock:
            try:
                if prepared and not wire.ready(sql):
                    results = await self._answer(wire.exchange([(sql, values)]), limit)
                else:
                    wire.send(sql, values, prepared=prepared)
                    results = await self._answer(execute(self.pgconn), limit)
                return wire.load(results, make_row)
            except psycopg.Error as error:
                wire.recover(error, name)
        return await self.run(name, sql, params, make_row=make_row, prepared=prepared, limit=limit)

    async def run_all(self, queries: Sequence[Query[Any]]) -> list[Result]:
        """The results of all ``queries``, in one round trip; nothing is done when one of them fails."""
        wire = self.wire
        calls = [(query.sql, wire.dump(query.name, query.params)) for query in queries]
        loaded: list[Result] = []
        async with self.lock:
            try:
                results = await self._answer(wire.exchange(calls), wire.answer_limit * len(calls))
                # A result beyond those of the queries is an error of the commit.
                makers = chain((query.make_row for query in queries), repeat(tuple))
                for make_row, result in zip(makers, results, strict=False):
                    loaded.append(wire.load([result], make_row))
            except psycopg.Error as error:
                wire.recover(error, queries[len(loaded)].name if len(loaded) < len(queries) else "commit")
            else:
                return loaded
        return await self.run_all(queries)

    async def command(self, name: str, sql: str) -> None:
        """Run one or several statements without arguments and results."""
        async with self.lock:
            try:
                self.pgconn.send_query(sql.encode())
                self.wire.load(await self._answer(execute(self.pgconn)))
            except psycopg.Error as error:
                self.wire.recover(error, name)

    async def undo(self, rollback: str) -> None:
        """Undo what is not committed; where that fails, it is left to the end of the whole transaction."""
        if self.pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            with suppress(RadarrDbError):
                await self.command("rollback", rollback)

    async def _answer(self, conversation: PQGen[T], limit: float | None = None) -> T:
        wire = self.wire
        wire.overdue_at = monotonic() + (wire.answer_limit if limit is None else limit)
        try:
            return await self.wait(conversation)
        finally:
            wire.overdue_at = math.inf
