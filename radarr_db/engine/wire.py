"""What a session says to its server and how it reads the answers; the waiting in between is not done here.

psycopg's own preparing is not used: it prepares anew after every rollback, leaves a copy behind whenever the
first execution of a statement fails, and takes a round trip of its own.
"""

from __future__ import annotations

import gc
import itertools
import math
import os
import select
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import generators
from psycopg.abc import AdaptContext, Buffer, PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from radarr_db.errors import (
    InvalidArgumentError,
    RetryableError,
    StatementError,
    UnavailableError,
    translate,
)
from radarr_db.query import Params

Result = tuple[list[Any], int]
Values = Sequence[Buffer | None]

_TUPLES_OK, _COMMAND_OK, _SYNC = ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.PIPELINE_SYNC
_MANY_ROWS = 1000
_CLOSING = select.POLLIN | select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


def _load_many(load_rows: Callable[..., list[Any]], count: int, make_row: Callable[..., Any]) -> list[Any]:
    """Rows make no garbage, and to look for some while many are made takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return load_rows(0, count, make_row)
    finally:
        if collecting:
            gc.enable()


class Wire:
    """The half of a session that needs no waiting, for the blocking and for the asyncio kind.

    An answer takes at most ``answer_limit`` seconds, and is overdue at ``overdue_at`` of the monotonic clock.
    """

    def __init__(self, connection: AdaptContext, pgconn: PGconn, *, prepare: bool, answer_limit: float) -> None:
        self.pgconn = pgconn
        self.answer_limit = answer_limit
        self.overdue_at = math.inf
        self.numbers = itertools.count()
        self._prepare = prepare
        self._prepared: dict[str, bytes] = {}
        self._outdated = False
        self._given_up = False
        self._transformer = Transformer(connection)
        self._poller = select.poll()
        self._poller.register(self.pgconn.socket, _CLOSING)

    def lost(self) -> bool:
        """Whether the server broke off: the socket of an idle session is readable at no other time."""
        return bool(self._poller.poll(0))

    def cut(self) -> None:
        """Shut the socket down, so that whoever waits for an answer gets an error; for any thread to call."""
        self._given_up = True
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.pgconn.socket)) as ours:
            ours.shutdown(socket.SHUT_RDWR)

    def dump(self, name: str, params: Params) -> Values:
        """The arguments as they are sent; InvalidArgumentError when one cannot be."""
        try:
            return self._transformer.dump_sequence(params, [PyFormat.TEXT] * len(params))
        except (psycopg.Error, ValueError, RecursionError) as error:
            problem = getattr(error, "reason", None) or str(error).partition("\n")[0]
        # Not inside the handler: the driver's error holds the whole value, which may be secret.
        raise InvalidArgumentError("parameters", f"{name}: {problem}")

    def ready(self, sql: str) -> bool:
        """Whether ``sql`` can be sent by itself: it is prepared, or nothing ever is."""
        return sql in self._prepared or not self._prepare

    def send(self, sql: str, values: Values, *, prepared: bool = True) -> None:
        """Send a statement that is ready, or any that is not to be prepared."""
        if prepared and self._prepare:
            self.pgconn.send_query_prepared(self._prepared[sql], values)
        else:
            self.pgconn.send_query_params(sql.encode(), values)

    def exchange(self, calls: Sequence[tuple[str, Values]]) -> PQGen[list[PGresult]]:
        """Prepare what is new and run all calls in one round trip; the result of each call, in order.

        They are one transaction, or part of the open one. A result beyond that of the last call is an error
        of the commit.
        """
        try:
            self.pgconn.enter_pipeline_mode()
            steps = self._send_all(calls)
            yield from generators.send(self.pgconn)
            results: list[PGresult] = []
            refusal: PGresult | None = None
            for preparing in steps:
                result = yield from self._next_result()
                if preparing is None:
                    results.append(refusal or result)
                    refusal = None
                elif result.status != _COMMAND_OK:
                    self._prepared.pop(preparing, None)
                    refusal = result
            while (result := (yield from self._next_result())).status != _SYNC:
                results.append(result)
            self.pgconn.exit_pipeline_mode()
        except BaseException:
            # Half a conversation: nobody could tell which answer belongs to what.
            self.pgconn.finish()
            raise
        return results

    def _send_all(self, calls: Sequence[tuple[str, Values]]) -> list[str | None]:
        """The steps that were sent: the SQL for each that prepares, None for one that executes."""
        steps: list[str | None] = []
        if self._outdated:
            self.pgconn.send_query_params(b"DEALLOCATE ALL", None)
            self._outdated = False
            steps.append("")
        for sql, values in calls:
            if not self.ready(sql):
                self._prepared[sql] = b"radarr_db_%d" % next(self.numbers)
                self.pgconn.send_prepare(self._prepared[sql], sql.encode())
                steps.append(sql)
            self.send(sql, values)
            steps.append(None)
        self.pgconn.pipeline_sync()
        return steps

    def _next_result(self) -> PQGen[PGresult]:
        return _last((yield from generators.fetch_many(self.pgconn)))

    def load(self, results: Sequence[PGresult], make_row: Callable[..., Any] = tuple) -> Result:
        """The rows of the last result and the number of rows affected; the driver's error when it is one."""
        result = _last(results)
        if result.status == _TUPLES_OK:
            self._transformer.set_pgresult(result)
            if (count := result.ntuples) > _MANY_ROWS:
                rows = _load_many(self._transformer.load_rows, count, make_row)
            else:
                rows = self._transformer.load_rows(0, count, make_row)
            self._transformer.set_pgresult(None)  # a large result must not outlive its rows
            return rows, count
        if result.status == _COMMAND_OK:
            return [], result.command_tuples or 0
        raise error_from_result(result)

    def recover(self, error: psycopg.Error, name: str) -> None:
        """Raise what ``error`` means for the query ``name``, or return when it succeeds if sent again.

        That is so once another session has altered a table: what was prepared before will never run again.
        """
        if error.diag.source_function == "RevalidateCachedQuery":
            self._prepared.clear()
            self._outdated = True
            if self.pgconn.transaction_status == TransactionStatus.IDLE:
                return
            raise RetryableError(f"{name}: a table was altered meanwhile") from error
        if self._given_up:
            raise UnavailableError(f"{name}: the server fell silent and was given up") from error
        if isinstance(error, psycopg.DataError) and error.sqlstate is None:
            raise StatementError(f"{name}: a stored value cannot be read: {error}") from error
        raise translate(error, name) from error


def _last(results: Sequence[PGresult]) -> PGresult:
    if not results:
        raise psycopg.OperationalError("the connection was lost")
    return results[-1]
