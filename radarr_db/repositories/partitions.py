"""The partitions of history: the queries of sql/partitions.sql. Those that change tables are for their owner."""

from __future__ import annotations

import builtins
import datetime as dt

from radarr_db import checks
from radarr_db.models.partitions import AttachedPartition, DetachedPartition, HistoryPartition, MissingPartition
from radarr_db.query import Query, column, many, optional, scalar
from radarr_db.statements import load

_SQL = load("partitions")

_months = checks.integer(1, 1200)
_name = checks.text(63)
_rows = checks.integer(0, checks.INT8)


def list() -> Query[builtins.list[HistoryPartition]]:  # noqa: A001 - named as in the other modules
    """The partitions from the first month on; DEFAULT, and what is detached but not yet archived, last."""
    return many(HistoryPartition, _SQL["list"])


def list_missing(months: int = 4, today: dt.date | None = None) -> Query[builtins.list[MissingPartition]]:
    """The months without a partition, from last month to ``months`` ahead; ``today`` is the server's unless given."""
    return many(
        MissingPartition,
        _SQL["list_missing"],
        months=_months("months", months),
        today=checks.maybe(checks.date, "today", today),
    )


def list_strays(keep_months: int, today: dt.date | None = None) -> Query[builtins.list[MissingPartition]]:
    """The months before those to keep that have rows in DEFAULT."""
    return many(
        MissingPartition,
        _SQL["list_strays"],
        keep_months=_months("keep_months", keep_months),
        today=checks.maybe(checks.date, "today", today),
    )


def list_old(keep_months: int, today: dt.date | None = None) -> Query[builtins.list[str]]:
    """The names of the partitions that end before this month and the ``keep_months`` before it, oldest first."""
    return column(
        str,
        _SQL["list_old"],
        keep_months=_months("keep_months", keep_months),
        today=checks.maybe(checks.date, "today", today),
    )


def list_detached() -> Query[builtins.list[DetachedPartition]]:
    """The partitions that are detached but not yet dropped, oldest first."""
    return many(DetachedPartition, _SQL["list_detached"])


def create(day: dt.date) -> Query[str]:
    """Makes the partition of the month that holds the day, where it is missing, and gives its name.

    Rows of that month that DEFAULT has are moved into it; whoever uses history waits meanwhile.
    """
    return scalar(str, _SQL["create"], day=checks.date("day", day))


def detach(partition: str) -> Query[DetachedPartition | None]:
    """Takes a partition out of history, and gives the name of the file for its archive; None when there is none."""
    return optional(DetachedPartition, _SQL["detach"], partition=_name("partition", partition))


def drop(partition: str, rows: int) -> Query[bool]:
    """Drops a detached partition that has just so many rows; False when it has not, or is not there."""
    return scalar(bool, _SQL["drop"], partition=_name("partition", partition), rows=_rows("rows", rows))


def attach(partition: str) -> Query[AttachedPartition | None]:
    """Makes a detached or restored partition a part of history again; None when there is none.

    Events of movies that are gone are removed, and of indexers and clients that are gone only the names stay.
    """
    return optional(AttachedPartition, _SQL["attach"], partition=_name("partition", partition))
