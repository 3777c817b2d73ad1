"""The milliseconds that 95 % of a statement's runs may take."""

from __future__ import annotations

from math import ceil

from radarr_db.demo.queries import TARGETS as SPECIFIED
from radarr_db.statements import Budget

# Nobody specified these. A write is answered while a person waits, as a complex query is. Maintenance is done by
# night, and must end well before the statement timeout of 15 seconds.
_CHOSEN = {Budget.WRITE: 10, Budget.MAINTENANCE: 5000}

# What is bulk has no end of its own, so it is held to its rows, each thousand begun: written in two seconds, far
# below the statement timeout, and read at the rate of 100,000 whole movies of 4 kB in 10 seconds.
_BULK_ROWS = 1000
_BULK_WRITE = 2000
_BULK_READ = 100


def target(budget: Budget, rows: int, *, writes: bool) -> float:
    """What 95 % of the runs of a statement may take when they give, or write, so many rows."""
    if budget is Budget.BULK:
        return (_BULK_WRITE if writes else _BULK_READ) * max(ceil(rows / _BULK_ROWS), 1)
    return (SPECIFIED | _CHOSEN)[budget]
