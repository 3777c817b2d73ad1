"""Maintenance: the queries of sql/maintenance.sql. Plans are lists of steps, empty where there is nothing to do."""

from __future__ import annotations

import datetime as dt

from radarr_db import checks
from radarr_db.models.maintenance import Schedule, Step
from radarr_db.query import Query, many, scalar
from radarr_db.statements import load

_SQL = load("maintenance")

_schedule = checks.member(Schedule)


def plan_vacuum(schedule: Schedule | str) -> Query[list[Step]]:
    """The tables to vacuum and analyze: daily those that are written to most, else all."""
    return many(Step, _SQL["plan_vacuum"], schedule=_schedule("schedule", schedule))


def plan_analyze() -> Query[list[Step]]:
    """The partitioned tables to analyze as a whole."""
    return many(Step, _SQL["plan_analyze"])


def plan_drop() -> Query[list[Step]]:
    """The indexes to drop, which an interrupted REINDEX CONCURRENTLY left."""
    return many(Step, _SQL["plan_drop"])


def plan_refresh() -> Query[list[Step]]:
    """The refresh of the popular movies, which is always due."""
    return many(Step, _SQL["plan_refresh"])


def plan_recount() -> Query[list[Step]]:
    """The recount of the movies, when their counts are wrong or lie in too many slots."""
    return many(Step, _SQL["plan_recount"])


def count_future_failures() -> Query[int]:
    """How many indexers and download clients failed in the future."""
    return scalar(int, _SQL["count_future_failures"])


def correct_failures() -> Query[int]:
    """Makes failures of the future those of now, and gives the number of indexers and clients that had any."""
    return scalar(int, _SQL["correct_failures"])


def count_wrong_genres() -> Query[int]:
    """How many rows of the lists by genre are not those of the movies there are."""
    return scalar(int, _SQL["count_wrong_genres"])


def correct_genres() -> Query[int]:
    """Makes the lists by genre those of the movies there are, and gives the number of rows that were wrong."""
    return scalar(int, _SQL["correct_genres"])


def count_old_history(before: dt.datetime) -> Query[int]:
    """How many events ``history.purge(before)`` would remove."""
    return scalar(int, _SQL["count_old_history"], before=checks.timestamp("before", before))
