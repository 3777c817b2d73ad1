"""A connection of the pool: one conversation with the server after the other, each with a time limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus

from radarr_db.engine.observers import Observer
from radarr_db.engine.wire import Result, Values, Wire
from radarr_db.errors import RadarrDbError
from radarr_db.models.replication import Position
from radarr_db.query import Params, Query
from radarr_db.rows import Row


class AsyncSession(psycopg.AsyncConnection[Any]):
    """A server session whose errors are this library's; its two kinds differ in how statements travel.

    It is for one caller at a time.
    """

    wire: Wire

    # Of a session with a standby: how far that was, and until when it counts.
    standing: tuple[Position, float] | None = None

    def set_up(self, *, prepare: bool, answer_limit: float, observers: tuple[Observer, ...] = ()) -> Self:
        """Make the new connection ready for use."""
        self.wire = Wire(self, self.pgconn, answer_limit=answer_limit, observers=observers)
        self._set_up(prepare=prepare)
        return self

    async def run(
        self,
        name: str,
        sql: str,
        params: Params = (),
        *,
        make_row: Callable[[Row], Any] = tuple,
        prepared: bool = True,
        limit: float | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Result:
        """The rows and the number of rows affected.

        ``name`` stands in errors, ``limit`` is in seconds. ``meanwhile`` may be called while the server works, or not.
        """
        raise NotImplementedError

    async def run_all(self, queries: Sequence[Query[Any]], *, limit: float | None = None) -> list[Result]:
        """The results of all ``queries``, in one round trip; nothing is done when one of them fails.

        ``limit`` is in seconds, for all of them.
        """
        limit = self.wire.answer_limit * len(queries) if limit is None else limit
        calls = [(query, self.wire.dump(query.name, query.params)) for query in queries]
        loaded: list[Result] = []
        try:
            await self._run_all(calls, loaded, limit)
        except psycopg.Error as error:
            self.wire.recover(error, queries[len(loaded)].name if len(loaded) < len(queries) else "commit")
        else:
            if self.wire.observers:
                for query in queries:
                    self.wire.observe(query.name)
            return loaded
        return await self.run_all(queries, limit=limit)

    async def command(self, name: str, sql: str) -> None:
        """Run one or several statements without arguments and results."""
        try:
            await self._command(sql)
        except psycopg.Error as error:
            self.wire.recover(error, name)

    async def undo(self, rollback: str) -> None:
        """Undo what is not committed; where that fails, it is left to the end of the whole transaction."""
        if self.pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            with suppress(RadarrDbError):
                await self.command("rollback", rollback)

    def _set_up(self, *, prepare: bool) -> None:
        raise NotImplementedError

    async def _run_all(self, calls: Sequence[tuple[Query[Any], Values]], loaded: list[Result], limit: float) -> None:
        """Append the result of each call to ``loaded``; when one fails, those before it are there."""
        raise NotImplementedError

    async def _command(self, sql: str) -> None:
        raise NotImplementedError
