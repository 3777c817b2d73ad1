"""The fast path: statements on psycopg.pq, without a cursor.

psycopg's own preparing is not used: it prepares anew after every rollback, leaves a copy behind whenever the
first execution of a statement fails, and takes a round trip of its own.

What is said here is said by generators in the manner of psycopg's: each yields what it waits for, and something
else does the waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import abc, generators
from psycopg.abc import AdaptContext, PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from radarr_db.engine.garbage import MANY_ROWS, uncollected
from radarr_db.engine.wire import Result, Values, Wire

_TUPLES_OK, _COMMAND_OK, _SYNC = ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.PIPELINE_SYNC
_ENDLESS = frozenset((ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH))
_READ, _BOTH = Wait.R, Wait.RW

Talk = PQGen[list[PGresult]]


class Dialogue:
    """What a session says to its server, and how it reads the answers."""

    def __init__(self, connection: AdaptContext, wire: Wire, *, prepare: bool) -> None:
        self._wire = wire
        self._pgconn: PGconn = wire.pgconn
        self._prepare = prepare
        self._prepared: dict[str, bytes] = {}
        self._transformers: dict[str, abc.Transformer] = {}
        self._transformer: abc.Transformer = Transformer(connection)
        self._connection = connection

    def ask(self, sql: str, values: Values, *, prepared: bool, meanwhile: Callable[[], object] | None = None) -> Talk:
        """Run one statement; it is prepared first, in the same round trip, if it is to be and is not.

        ``meanwhile`` is called once, or not at all, while the server works; it must not raise.
        """
        if not (prepared and self._prepare):
            return _converse(self._pgconn, self._pgconn.send_query_params, sql.encode(), values)
        if sql in self._prepared and not self._wire.outdated:
            name = self._prepared[sql]
            return _converse(self._pgconn, self._pgconn.send_query_prepared, name, values, meanwhile=meanwhile)
        return self.ask_all([(sql, values)])

    def command(self, sql: str) -> Talk:
        """Run one or several statements without arguments and results."""
        return _converse(self._pgconn, self._pgconn.send_query, sql.encode())

    def ask_all(self, calls: Sequence[tuple[str, Values]]) -> Talk:
        """Prepare what is new and run all calls in one round trip; the result of each call, in order.

        They are one transaction, or part of the open one. A result beyond that of the last call is an error
        of the commit.
        """
        try:
            self._pgconn.enter_pipeline_mode()
            steps = self._send_all(calls)
            yield from _flush(self._pgconn)
            results: list[PGresult] = []
            refusal: PGresult | None = None
            for preparing in steps:
                result = _last((yield from generators.fetch_many(self._pgconn)))
                if preparing is None:
                    results.append(refusal or result)
                    refusal = None
                elif result.status != _COMMAND_OK:
                    self._prepared.pop(preparing, None)
                    refusal = result
            while (result := _last((yield from generators.fetch_many(self._pgconn)))).status != _SYNC:
                results.append(result)
            self._pgconn.exit_pipeline_mode()
        except BaseException:
            # Half a conversation: nobody could tell which answer belongs to what.
            self._pgconn.finish()
            raise
        return results

    def load(self, results: Sequence[PGresult], make_row: Callable[..., Any] = tuple, *, prepared: str = "") -> Result:
        """The rows of the last result and the number of rows affected; the driver's error when it is one.

        ``prepared`` is the SQL, if it was prepared.
        """
        if not results:
            raise psycopg.OperationalError("the connection was lost")
        result = results[-1]
        if result.status == _TUPLES_OK:
            # A prepared statement has its own transformer, as its columns never change.
            transformer = self._transformers.get(prepared)
            if transformer is None:
                transformer = self._transformer_for(prepared)
                transformer.set_pgresult(result)
            else:
                transformer.set_pgresult(result, set_loaders=False)
            count = result.ntuples
            if count > MANY_ROWS:
                with uncollected():
                    rows = transformer.load_rows(0, count, make_row)
            else:
                rows = transformer.load_rows(0, count, make_row)
            transformer.set_pgresult(None, set_loaders=False)  # a large result must not outlive its rows
            return rows, count
        if result.status == _COMMAND_OK:
            return [], result.command_tuples or 0
        raise error_from_result(result)

    def _transformer_for(self, prepared: str) -> abc.Transformer:
        if prepared not in self._prepared:
            return self._transformer
        made: abc.Transformer = Transformer(self._connection)
        self._transformers[prepared] = made
        return made

    def _send_all(self, calls: Sequence[tuple[str, Values]]) -> list[str | None]:
        """The steps that were sent: the SQL for each that prepares, None for one that executes."""
        steps: list[str | None] = []
        if self._wire.outdated:
            self._pgconn.send_query_params(b"DEALLOCATE ALL", None)
            self._prepared.clear()
            self._transformers.clear()
            self._wire.outdated = False
            steps.append("")
        for sql, values in calls:
            if self._prepare and sql not in self._prepared:
                self._prepared[sql] = b"radarr_db_%d" % next(self._wire.numbers)
                self._pgconn.send_prepare(self._prepared[sql], sql.encode())
                steps.append(sql)
            if self._prepare:
                self._pgconn.send_query_prepared(self._prepared[sql], values)
            else:
                self._pgconn.send_query_params(sql.encode(), values)
            steps.append(None)
        self._pgconn.pipeline_sync()
        return steps


def _converse(
    pgconn: PGconn, send: Callable[..., None], *question: Any, meanwhile: Callable[[], object] | None = None
) -> Talk:
    """Send a question and return all results: psycopg.generators.execute in one piece, which is much faster."""
    send(*question)
    if pgconn.flush():
        yield from _flush(pgconn)
    if meanwhile is not None:
        meanwhile()
    results: list[PGresult] = []
    while True:
        try:
            while pgconn.is_busy():
                yield _READ
                pgconn.consume_input()
        except psycopg.Error:
            if any(result.status == ExecStatus.FATAL_ERROR for result in results):
                return results  # the server said why it would break off
            raise
        result = pgconn.get_result()
        if result is None:
            return results
        results.append(result)
        if result.status in _ENDLESS:  # a COPY, of which libpq would give the same result for ever
            return results


def _flush(pgconn: PGconn) -> PQGen[None]:
    """Send all that the socket did not take at once; psycopg.generators.send cannot be handed on from hand to hand."""
    while pgconn.flush():
        if ((yield _BOTH) or 0) & Ready.R:
            pgconn.consume_input()


def _last(results: Sequence[PGresult]) -> PGresult:
    if not results:
        raise psycopg.OperationalError("the connection was lost")
    return results[-1]
