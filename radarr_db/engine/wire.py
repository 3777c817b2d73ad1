"""What a session knows of its conversation with the server, whatever way its statements travel."""

from __future__ import annotations

import itertools
import math
import os
import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn

from radarr_db.engine.observers import Observer, tell
from radarr_db.errors import (
    InvalidArgumentError,
    RadarrDbError,
    RetryableError,
    StatementError,
    UnavailableError,
    translate,
)
from radarr_db.query import Params

Result = tuple[list[Any], int]
Values = Sequence[Buffer | None]

_TEXT = PyFormat.TEXT
_CLOSING = select.POLLIN | select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Wire:
    """The arguments, the time limit and the errors of a session, blocking or asyncio.

    An answer takes at most ``answer_limit`` seconds. The question was put at ``asked_at`` of the monotonic clock, and
    the answer is overdue at ``overdue_at``. Each statement's end is told to the ``observers``.
    ``outdated`` tells that what the session has prepared is to be forgotten, ``disowned`` that it is the parent's of
    this process.
    """

    def __init__(
        self, connection: AdaptContext, pgconn: PGconn, *, answer_limit: float, observers: tuple[Observer, ...]
    ) -> None:
        self.pgconn = pgconn
        self.answer_limit = answer_limit
        self.observers = observers
        self.asked_at = 0.0
        self.overdue_at = math.inf
        self.outdated = False
        self.disowned = False
        self.numbers: Iterator[int] = itertools.count()
        self._cut_for = ""
        self._transformer = Transformer(connection)
        self._poller = select.poll()
        self._poller.register(self.pgconn.socket, _CLOSING)

    def lost(self) -> bool:
        """Whether the server broke off: it tells an idle session nothing else, not even that a setting was changed."""
        return bool(self._poller.poll(0))

    def cut(self, reason: str) -> None:
        """Shut the socket down, so that whoever waits for an answer gets an error; for any thread to call."""
        self._cut_for = reason
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.pgconn.socket)) as ours:
            ours.shutdown(socket.SHUT_RDWR)

    def dump(self, name: str, params: Params) -> Values:
        """The arguments as they are sent; InvalidArgumentError when one cannot be."""
        try:
            return self._transformer.dump_sequence(params, [_TEXT] * len(params))
        except (psycopg.Error, ValueError, RecursionError) as error:
            problem = getattr(error, "reason", None) or str(error).partition("\n")[0]
        # Not inside the handler: the driver's error holds the whole value, which may be secret.
        raise InvalidArgumentError("parameters", f"{name}: {problem}")

    def answering(self, limit: float | None = None) -> Answering:
        """A block in which the server owes an answer within ``limit`` seconds, by default the answer limit."""
        return Answering(self, self.answer_limit if limit is None else limit)

    def observe(self, name: str, error: RadarrDbError | None = None) -> None:
        """Tell the observers how the query ``name`` ended just now."""
        tell(self.observers, name, monotonic() - self.asked_at, error)

    def recover(self, error: psycopg.Error, name: str) -> None:
        """Raise what ``error`` means for the query ``name``, or return when it succeeds if sent again.

        That is so once another session has altered a table: what was prepared before will never run again.
        """
        outdated = error.diag.source_function == "RevalidateCachedQuery"
        if outdated:
            self.outdated = True
            if self.pgconn.transaction_status == TransactionStatus.IDLE:
                return
        problem = RetryableError(f"{name}: a table was altered meanwhile") if outdated else self._meaning(error, name)
        self.observe(name, problem)
        raise problem from error

    def _meaning(self, error: psycopg.Error, name: str) -> RadarrDbError:
        if self._cut_for:
            return UnavailableError(f"{name}: {self._cut_for}")
        if isinstance(error, psycopg.DataError) and error.sqlstate is None:
            return StatementError(f"{name}: a stored value cannot be read ({type(error).__name__})")
        return translate(error, name)


class Answering:
    """The time between a question and its answer, for the watchdog to see."""

    __slots__ = ("_limit", "_wire")

    def __init__(self, wire: Wire, limit: float) -> None:
        self._wire = wire
        self._limit = limit

    def __enter__(self) -> None:
        self._wire.asked_at = now = monotonic()
        self._wire.overdue_at = now + self._limit

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.overdue_at = math.inf
