"""Waiting for a session's answers, in the manner of asyncio and in the blocking one.

Both have the same names, for the source of the engine and for what is generated from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus
from psycopg.waiting import Ready, Wait, wait_async

T = TypeVar("T")

_OK, _READ, _READABLE = ConnStatus.OK, Wait.R, Ready.R

# How long the server may take to end what was cancelled.
_PATIENCE = 5.0


class Listener:
    """The blocking kind: psycopg's own waiting, which is written in C."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session

    def hear(self, talk: PQGen[T]) -> T:
        """What ``talk`` returns in the end; one that is interrupted is ended on the server too."""
        return psycopg.Connection.wait(self._session, talk)

    def stop(self) -> None:
        """There is nothing to stop."""


class AsyncListener:
    """The asyncio kind: one reader on the event loop for all answers, where psycopg has a new one for each wait.

    The reader itself leads the conversation on: what has arrived is read before the loop looks at the socket
    again, and the task wakes up only once, for the whole answer. It must be gone before the socket is closed,
    as the loop would take the next socket of that number for the same.
    """

    def __init__(self, session: psycopg.AsyncConnection[Any]) -> None:
        self._session = session
        self._pgconn = session.pgconn
        self._socket = session.pgconn.socket
        self._loop: asyncio.AbstractEventLoop | None = None
        self._talk: PQGen[Any] | None = None
        self._told: _Told

    async def hear(self, talk: PQGen[T]) -> T:
        """What ``talk`` returns in the end; one that is cancelled is ended on the server too."""
        try:
            awaited = next(talk)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            if self._pgconn.status != _OK:
                self.stop()
        if awaited != _READ:
            # The question is larger than what the socket takes at once.
            self.stop()
            try:
                return await wait_async(talk, self._socket)
            except asyncio.CancelledError:
                await self._give_up(talk)
                raise
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.stop()
            loop.add_reader(self._socket, self._read)
            self._loop = loop
        self._talk = talk
        self._told = _Told(loop=loop)
        try:
            result = await self._told
        except asyncio.CancelledError:
            unheard, self._talk = self._talk, None
            await self._give_up(unheard)
            raise
        return result

    def stop(self) -> None:
        """Take the reader off its loop, until the next answer."""
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._socket)

    def _read(self) -> None:
        if self._talk is None:
            # An idle session has nothing to say but farewell; the loop would call for ever.
            self.stop()
            return
        error: BaseException | None = None
        result = None
        try:
            self._talk.send(_READABLE)
        except StopIteration as end:
            self._talk, result = None, end.value
        except Exception as problem:  # noqa: BLE001 - it is the waiting task's
            self._talk, error = None, problem
        if self._pgconn.status != _OK:
            self.stop()
        if self._talk is None:
            self._told.tell(result, error)

    async def _give_up(self, talk: PQGen[Any] | None) -> None:
        """End on the server what nobody waits for any more; where that fails, close the session."""
        if talk is None:
            return  # the answer came meanwhile
        self.stop()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._session.cancel_safe(timeout=_PATIENCE)
                await wait_async(talk, self._socket)
        except Exception:  # noqa: BLE001 - the caller is told that he was cancelled, not this
            self._close()
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        self.stop()
        self._pgconn.finish()


class _Told(asyncio.Future[Any]):
    """A future whose task goes on inside ``tell``; with another it would wait for the loop's next round."""

    __slots__ = ("_context", "_go_on")

    def add_done_callback(self, fn: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Take the one that awaits this."""
        self._go_on, self._context = fn, context or copy_context()

    def tell(self, result: object, error: BaseException | None) -> None:
        """Have the task go on with what was awaited, unless it is cancelled."""
        if self.done():
            return
        if error is None:
            self.set_result(result)
        else:
            self.set_exception(error)
        self._context.run(self._go_on, self)

    def cancel(self, msg: Any | None = None) -> bool:
        """Have the task go on with its cancellation, in the loop's next round."""
        cancelled = super().cancel(msg)
        if cancelled:
            self.get_loop().call_soon(self._go_on, self, context=self._context)
        return cancelled
