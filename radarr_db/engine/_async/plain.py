"""Sessions off the fast path: statements on psycopg's cursors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.garbage import MANY_ROWS, uncollected
from radarr_db.engine.wire import Result, Values
from radarr_db.query import Params, Query
from radarr_db.rows import Row

# More than the library has, and an end to those that are made for one use.
_MOST_PREPARED = 1000


class AsyncPlainSession(AsyncSession):
    """A session that uses nothing but the cursors and pipelines of psycopg, and lets it prepare."""

    def _set_up(self, *, prepare: bool) -> None:
        self.cursor_factory = psycopg.AsyncRawCursor
        self.prepare_threshold = 0 if prepare else None
        self.prepared_max = _MOST_PREPARED

    async def run(
        self,
        name: str,
        sql: str,
        params: Params = (),
        *,
        make_row: Callable[[Row], Any] = tuple,
        prepared: bool = True,
        limit: float | None = None,
        meanwhile: Callable[[], object] | None = None,  # noqa: ARG002 - psycopg does the waiting
    ) -> Result:
        """See AsyncSession."""
        values = _texts(self.wire.dump(name, params))
        self.wire.asked_at = monotonic()
        try:
            cursor = self.cursor(row_factory=_maker(make_row))
            with self.wire.answering(limit), self._forgetting():
                await self._catch_up()
                await cursor.execute(sql, values, prepare=None if prepared else False)
            result = await _load(cursor)
        except psycopg.Error as error:
            self.wire.recover(error, name)
        else:
            if self.wire.observers:
                self.wire.observe(name)
            return result
        return await self.run(name, sql, params, make_row=make_row, prepared=prepared, limit=limit)

    async def _run_all(self, calls: Sequence[tuple[Query[Any], Values]], loaded: list[Result], limit: float) -> None:
        cursors = [self.cursor(row_factory=_maker(query.make_row)) for query, _ in calls]
        alone = self.pgconn.transaction_status == TransactionStatus.IDLE
        try:
            with self.wire.answering(limit), self._forgetting():
                await self._catch_up()
                async with self.pipeline():
                    # psycopg cannot leave a pipeline whose commit fails, unless the commit is a statement.
                    if alone:
                        await self.execute("BEGIN", prepare=False)
                    for cursor, (query, values) in zip(cursors, calls, strict=True):
                        await cursor.execute(query.sql, _texts(values))
                    if alone:
                        await self.execute("COMMIT", prepare=False)
        except psycopg.Error:
            loaded += [([], 0) for cursor in cursors if cursor.pgresult is not None]
            if alone:
                with suppress(psycopg.Error):
                    await self._command("ROLLBACK")
            raise
        except BaseException:
            # Interrupted, psycopg may leave its pipeline with answers that would pass for those of other queries.
            self.pgconn.finish()
            raise
        for cursor in cursors:
            loaded.append(await _load(cursor))

    async def _command(self, sql: str) -> None:
        with self.wire.answering():
            await self._catch_up()
            await self.execute(sql, prepare=False)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Have everything prepared anew after an error: psycopg forgets a statement whose first execution fails.

        The server does not, and would in time be full of its copies.
        """
        try:
            yield
        except psycopg.Error:
            self.wire.outdated = self.prepare_threshold is not None
            raise

    async def _catch_up(self) -> None:
        """Have the server and psycopg forget what is prepared, if it is outdated and the server is ready to."""
        if self.wire.outdated and self.pgconn.transaction_status != TransactionStatus.INERROR:
            # A text that psycopg has not seen before: it looks no closer at others.
            await self.execute(f"DEALLOCATE ALL -- {next(self.wire.numbers)}", prepare=False)
            self.wire.outdated = False


async def _load(cursor: psycopg.AsyncCursor[Any]) -> Result:
    if cursor.description is None:
        return [], max(cursor.rowcount, 0)
    with uncollected() if cursor.rowcount > MANY_ROWS else nullcontext():
        rows = await cursor.fetchall()
    return rows, len(rows)


def _maker(make_row: Callable[..., Any]) -> Callable[[object], Callable[..., Any]]:
    return lambda _: make_row


def _texts(values: Values) -> list[str | None]:
    """As str: psycopg sends it without a type, so that the server takes each one's type from the statement."""
    return [None if value is None else bytes(value).decode() for value in values]
