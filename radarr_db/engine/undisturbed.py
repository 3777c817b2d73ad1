"""Letting a coroutine come to its end although its caller is cancelled, or is another thread.

psycopg_pool loses a connection when a task is cancelled while it waits inside getconn or putconn. A task of its
own protects each call, but one that waits for its turn in the event loop would cost as much as a query: the first
step is taken at once, and it is nearly always the last.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# The event loop itself holds a task only weakly.
_tasks: set[asyncio.Future[Any]] = set()


async def undisturbed(
    work: Coroutine[Any, Any, T], *, late: Callable[[T], Coroutine[Any, Any, None]] | None = None
) -> T:
    """What ``work`` returns; when the caller is cancelled meanwhile, ``late`` gets it instead."""
    task = _started(work)
    if task.done():
        return task.result()
    _keep(task)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(lambda done: _settle(done, late))
        raise


def begun(work: Coroutine[Any, Any, None]) -> None:
    """Take the first step of ``work`` now, and the others by and by."""
    task = _started(work)
    if not task.done():
        _keep(task)


def from_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """What any thread can call to have ``work`` done in the event loop of now, until that is closed."""
    loop = asyncio.get_running_loop()

    def start() -> None:
        _keep(loop.create_task(work()))

    def call() -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(start)

    return call


def _settle(task: asyncio.Future[T], late: Callable[[T], Coroutine[Any, Any, None]] | None) -> None:
    if not task.cancelled() and task.exception() is None and late is not None:
        _keep(asyncio.ensure_future(late(task.result())))


def _keep(task: asyncio.Future[Any]) -> None:
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


if sys.version_info >= (3, 12):

    def _started(work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)

else:

    def _started(work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        # Python 3.11 has no eager tasks. Its wait_for does not ask which task it runs in, so that psycopg_pool
        # does not notice that the first step was taken in another.
        try:
            waiting = work.send(None)
        except StopIteration as done:
            finished: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            finished.set_result(done.value)
            return finished
        return asyncio.ensure_future(_continued(work, waiting))

    async def _continued(work: Coroutine[Any, Any, T], waiting: object) -> T:
        return await _rest(work, waiting)

    @coroutine
    def _rest(work: Coroutine[Any, Any, T], waiting: object) -> Generator[Any, Any, T]:
        """Go on with work that has begun and waits for ``waiting``, as ``await`` would."""
        try:
            while True:
                try:
                    answer = yield waiting
                except BaseException as error:  # noqa: BLE001 - handed on, as await does
                    waiting = work.throw(error)
                else:
                    waiting = work.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
