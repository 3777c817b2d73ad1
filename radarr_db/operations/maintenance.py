"""Maintenance by thresholds: nothing is done that need not be, so a run that was stopped is just started again.

Everything works beside readers and writers: no VACUUM FULL, no REINDEX that is not CONCURRENTLY. One maintainer works
at a time, under a lock that dies with its session; the connection must go to the server itself, since behind PgBouncer
in transaction mode there is no lock.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import psycopg
from psycopg import errors as pg

from radarr_db import checks, connections
from radarr_db.errors import InvalidArgumentError, RadarrDbError, UnavailableError, translate
from radarr_db.models.maintenance import Done, Outcome, Schedule, Step
from radarr_db.operations import housekeeping, partitions
from radarr_db.operations.sessions import lock, session
from radarr_db.operations.sessions import run as run_query
from radarr_db.repositories import monitoring
from radarr_db.repositories.maintenance import (
    correct_failures,
    correct_genres,
    count_future_failures,
    count_old_history,
    count_wrong_genres,
    plan_analyze,
    plan_drop,
    plan_recount,
    plan_refresh,
    plan_vacuum,
)

__all__ = [
    "correct_failures",
    "correct_genres",
    "count_future_failures",
    "count_old_history",
    "count_wrong_genres",
    "plan_analyze",
    "plan_drop",
    "plan_recount",
    "plan_refresh",
    "plan_vacuum",
    "run",
]

LOCK_KEY = 0x72616461_72720002

# An index is built anew when so much of it is empty: pages that were filled in random order are a third empty anyway.
_EMPTY_SHARE = 0.5
_EMPTY_BYTES = 4 * 1024 * 1024

OnStep = Callable[[int, int, Step], None]


class _Task(NamedTuple):
    step: Step
    work: Callable[[psycopg.Connection], object]


def run(
    conninfo: str,
    *,
    schedule: Schedule | str = Schedule.DAILY,
    dry_run: bool = False,
    keep_history: dt.timedelta | None = None,
    lock_timeout: float = 30,
    on_step: OnStep | None = None,
) -> list[Done]:
    """Do what is due, one step after another, and give the steps with what became of each.

    Daily: the partitions of history, failures of the future, VACUUM and ANALYZE of the tables that are written to most,
    indexes that an interrupted REINDEX left, the popular movies. Weekly also all other tables, and what triggers keep.
    Monthly also B-tree indexes that are mostly empty. Events older than ``keep_history`` go, except the last of each
    movie, if it is given. For the owner of the tables.

    A step that fails, or that the server warns of, is Outcome.FAILED and stops no other. A ``dry_run`` changes nothing
    and gives what it would do as Outcome.PLANNED. ``lock_timeout`` is how many seconds to wait for another maintainer,
    and each step for locks. ``on_step`` is called before each step with its place from 0 on, their number, and the
    step. Raises UnavailableError when another maintainer is at work, the server is a standby, or it goes
    away.
    """
    schedule = Schedule(checks.member(Schedule)("schedule", schedule))
    if keep_history is not None and checks.duration("keep_history", keep_history) < dt.timedelta(days=1):
        raise InvalidArgumentError("keep_history", "must be at least a day")
    with session(conninfo, "maintenance", lock_timeout=lock_timeout) as connection:
        if run_query(connection, monitoring.server()).in_recovery:
            raise UnavailableError(f"{connections.describe(conninfo)} is a standby: maintain its primary")
        if not dry_run:
            lock(connection, LOCK_KEY, "another maintainer", lock_timeout)
        tasks = list(_plan(connection, conninfo, schedule, keep_history))
        if dry_run:
            return [_done(task.step, Outcome.PLANNED) for task in tasks]
        warnings: list[str] = []
        connection.add_notice_handler(lambda diagnostic: _note(diagnostic, warnings))
        done = []
        for number, task in enumerate(tasks):
            if on_step:
                on_step(number, len(tasks), task.step)
            done.append(_carry_out(connection, task, warnings))
        return done


def _plan(
    connection: psycopg.Connection, conninfo: str, schedule: Schedule, keep_history: dt.timedelta | None
) -> Iterator[_Task]:
    """What is due. The refresh comes last, since it alone is always due."""
    thorough = schedule is not Schedule.DAILY
    if missing := run_query(connection, partitions.list_missing()):
        reason = f"there is no {', '.join(found.name for found in missing)}"
        step = Step("premake", "history", reason, "partitions.premake")
        yield _Task(step, lambda _: partitions.premake(conninfo))
    for step, query in housekeeping.plan(connection, thorough=thorough, keep_history=keep_history):
        yield _Task(step, lambda connection, query=query: run_query(connection, query))  # type: ignore[misc]
    steps = run_query(connection, plan_recount()) if thorough else []
    steps += run_query(connection, plan_vacuum(schedule))
    steps += run_query(connection, plan_analyze())
    if schedule is Schedule.MONTHLY:
        steps += _plan_reindex(connection)
    steps += run_query(connection, plan_drop())
    steps += run_query(connection, plan_refresh())
    for step in steps:
        yield _Task(step, lambda connection, command=step.command: connection.execute(command))  # type: ignore[misc]


def _plan_reindex(connection: psycopg.Connection) -> Iterator[Step]:
    for found in run_query(connection, monitoring.bloat()):
        if found.kind == "index" and found.wasted_bytes >= max(_EMPTY_BYTES, _EMPTY_SHARE * found.bytes):
            reason = f"some {found.wasted_bytes / found.bytes:.0%} of {found.bytes / 1024**2:,.0f} MiB are empty"
            yield Step("reindex", found.name, reason, f"REINDEX INDEX CONCURRENTLY {found.name}")


def _carry_out(connection: psycopg.Connection, task: _Task, warnings: list[str]) -> Done:
    warnings.clear()
    problem = None
    began = time.monotonic()
    try:
        task.work(connection)
    except psycopg.Error as error:
        if connection.closed:
            raise
        problem = str(translate(error, task.step.act))
        if isinstance(error, pg.LockNotAvailable):
            problem += "; somebody holds on to the table: run again"
    except RadarrDbError as error:
        problem = str(error)
    # VACUUM of a table of somebody else is a mere warning: it is skipped.
    problem = problem or "; ".join(warnings) or None
    return _done(task.step, Outcome.FAILED if problem else Outcome.DONE, time.monotonic() - began, problem)


def _done(step: Step, outcome: Outcome, seconds: float = 0, problem: str | None = None) -> Done:
    return Done(step.act, step.subject, step.reason, step.command, outcome, seconds, problem)


def _note(diagnostic: pg.Diagnostic, warnings: list[str]) -> None:
    if diagnostic.severity_nonlocalized == "WARNING":
        warnings.append(diagnostic.message_primary or "a warning without a text")
