"""A session of one's own for work that takes long: queries and commands, one after another on one connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg
from psycopg import errors as pg

from radarr_db import connections
from radarr_db.errors import UnavailableError, translate
from radarr_db.query import Query
from radarr_db.repositories import sessions

T = TypeVar("T")

_POLL_S = 0.1


@contextmanager
def connected(conninfo: str, act: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection; what fails on it is told as what ``act`` failed of."""
    with connections.connect(conninfo, fallback_application_name=f"radarr_db {act}") as connection:
        try:
            yield connection
        except psycopg.Error as error:
            raise translate(error, act) from error


@contextmanager
def session(conninfo: str, act: str, *, lock_timeout: float) -> Iterator[psycopg.Connection]:
    """As ``connected``; its statements may take any time, but wait ``lock_timeout`` seconds for a lock."""
    settings = {
        "statement_timeout": "0",
        "lock_timeout": f"{round(lock_timeout * 1000)}ms",
        "timezone": "UTC",
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off",
    }
    with connected(conninfo, act) as connection:
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, FALSE)", (name, value))
        with suppress(pg.InvalidParameterValue):  # not to be had on a Windows server
            # The server soon drops who was killed, with their locks, even inside a long statement.
            connection.execute("SET client_connection_check_interval = '1s'")
        yield connection


def run(connection: psycopg.Connection, query: Query[T]) -> T:
    """The result of ``query``; errors are the driver's."""
    cursor = psycopg.RawCursor(connection)
    cursor.execute(query.sql, query.params)
    rows = cursor.fetchall() if cursor.description else []
    return query.read([query.make_row(row) for row in rows], cursor.rowcount)


def lock(connection: psycopg.Connection, key: int, act: str, timeout: float) -> None:
    """Take the lock that lets one session in; its end gives it back. UnavailableError names who has it."""
    deadline = time.monotonic() + timeout
    # Polled: a session that waits in pg_advisory_lock holds a snapshot, and the holder's REINDEX CONCURRENTLY would
    # wait for that.
    while not run(connection, sessions.try_lock(key)):
        if time.monotonic() >= deadline:
            holder = run(connection, sessions.find_lock_holder(key))
            who = f", as server process {holder}" if holder else ""
            raise UnavailableError(f"{act} is at work already{who}; waited {timeout:g} s for it to end")
        time.sleep(_POLL_S)
