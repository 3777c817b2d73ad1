"""How long requests wait after a restart of the server, when every pooled connection has died."""

from __future__ import annotations

import contextlib
import logging
from time import perf_counter

import psycopg

from benchmarks.results import Promise
from radarr_db import Database, movies

IDLE_CONNECTIONS = 20
REQUESTS = 60


def measure(conninfo: str) -> tuple[Promise, ...]:
    """The figure with its limit; the role's other sessions in the database are ended."""
    return (Promise("slowest request after all connections died", _slowest(conninfo), 250, "ms"),)


def _slowest(conninfo: str) -> float:
    """The milliseconds of the slowest of the requests that follow; an error that one of them meets is raised."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it would tell of each that dies
    with Database(conninfo) as db:
        with contextlib.ExitStack() as held:
            for _ in range(IDLE_CONNECTIONS):
                held.enter_context(db.transaction()).run(movies.count())
        _end_others(conninfo)
        times = []
        for _ in range(REQUESTS):
            start = perf_counter()
            db.run(movies.count())
            times.append(perf_counter() - start)
    return 1000 * max(times)


def _end_others(conninfo: str) -> None:
    """Ends them until none is left: a backend that is about to go still takes a query, and drops it."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user"
        ).fetchone() != (0,):
            pass
