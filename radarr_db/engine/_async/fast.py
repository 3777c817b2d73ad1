"""Sessions on the fast path: statements on psycopg.pq."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import psycopg

from radarr_db.engine._async.session import AsyncSession
from radarr_db.engine.fast import Dialogue
from radarr_db.engine.listener import AsyncListener
from radarr_db.engine.wire import Result, Values
from radarr_db.query import Params, Query
from radarr_db.rows import Row


class AsyncFastSession(AsyncSession):
    """A session that talks to libpq itself and prepares each statement in the round trip of its first use."""

    _dialogue: Dialogue
    _listener: AsyncListener

    async def close(self) -> None:
        """Close the connection."""
        self._listener.stop()
        await super().close()

    async def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Wait as psycopg does, for what it says by itself; it registers a reader of its own."""
        self._listener.stop()
        return await super().wait(*args, **kwargs)

    def _set_up(self, *, prepare: bool) -> None:
        self._dialogue = Dialogue(self, self.wire, prepare=prepare)
        self._listener = AsyncListener(self)

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
        """See AsyncSession. Nearly every query comes this way, and each call less is felt."""
        wire, dialogue = self.wire, self._dialogue
        values = wire.dump(name, params)
        wire.asked_at = now = monotonic()
        wire.overdue_at = now + (wire.answer_limit if limit is None else limit)
        try:
            results = await self._listener.hear(dialogue.ask(sql, values, prepared=prepared, meanwhile=meanwhile))
            wire.overdue_at = math.inf
            result = dialogue.load(results, make_row, prepared=sql if prepared else "")
        except psycopg.Error as error:
            wire.recover(error, name)
        else:
            if wire.observers:
                wire.observe(name)
            return result
        finally:
            wire.overdue_at = math.inf
        return await self.run(name, sql, params, make_row=make_row, prepared=prepared, limit=limit)

    async def _run_all(self, calls: Sequence[tuple[Query[Any], Values]], loaded: list[Result], limit: float) -> None:
        questions = [(query.sql, values) for query, values in calls]
        with self.wire.answering(limit):
            results = await self._listener.hear(self._dialogue.ask_all(questions))
        for (query, _), result in zip(calls, results, strict=False):
            loaded.append(self._dialogue.load([result], query.make_row, prepared=query.sql))
        if len(results) > len(calls):  # the error of the commit
            self._dialogue.load(results)

    async def _command(self, sql: str) -> None:
        with self.wire.answering():
            results = await self._listener.hear(self._dialogue.command(sql))
        self._dialogue.load(results)
