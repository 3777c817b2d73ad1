"""Housekeeping of the domain: what neither a foreign key nor a constraint keeps right.

Nothing of a movie can outlive it, for foreign keys forbid it, and a queue item of no movie is there on purpose. What is
left are the rows that triggers keep, for bulk loads disable triggers, the times that a wrong clock wrote, and history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import psycopg

from radarr_db.models.maintenance import Step
from radarr_db.operations.sessions import run
from radarr_db.query import Query
from radarr_db.repositories import history, maintenance

# A step, and the query that does it.
Act = tuple[Step, Query[int]]


def plan(connection: psycopg.Connection, *, thorough: bool, keep_history: dt.timedelta | None) -> Iterator[Act]:
    """What there is to do; only a ``thorough`` look reads all movies, and ``keep_history`` None keeps all history."""
    if failures := run(connection, maintenance.count_future_failures()):
        reason = f"{failures} failed in the future, or stay aside too long: a clock was wrong"
        yield _act("correct", "indexers, download_clients", reason, maintenance.correct_failures())
    if keep_history is not None:
        before = _now(connection) - keep_history
        if events := run(connection, maintenance.count_old_history(before)):
            reason = f"{events} events are older than {keep_history.days} days, and not the last of their movies"
            yield _act("purge", "history", reason, history.purge(before))
    if thorough and (wrong := run(connection, maintenance.count_wrong_genres())):
        yield _act("correct", "movie_genres", f"{wrong} rows are not those of the movies", maintenance.correct_genres())


def _act(act: str, subject: str, reason: str, query: Query[int]) -> Act:
    return Step(act, subject, reason, query.name), query


def _now(connection: psycopg.Connection) -> dt.datetime:
    # The server's clock, by which the events are dated.
    now: dt.datetime
    [(now,)] = connection.execute("SELECT now()").fetchall()
    return now
