"""The milliseconds that 95 % of a statement's runs may take."""

from __future__ import annotations

from radarr_db.statements import TARGETS, Budget

# What is bulk has no end of its own, so it is held to its rows, a thousand at least: each written in a fifth of what
# one alone may take, and read at the rate of 100,000 movies in 5 seconds, or of 100,000 ids or paths in half a second.
_BULK_ROWS = 1000
_BULK_WRITE = 2000
_BULK_READ = 50
_LIGHT_READS = {"movies.list_tmdb_ids": 5, "movies.list_paths": 5}


def target(statement: str, budget: Budget, rows: int, *, writes: bool, bounded: bool) -> float:
    """What 95 % of the runs of a statement may take when they give, or write, so many rows.

    A page of what can also be read whole is ``bounded``, and held as any other list is.
    """
    if budget is Budget.BULK and bounded:
        budget = Budget.COMPLEX
    if budget is not Budget.BULK:
        return TARGETS[budget]
    thousand = _BULK_WRITE if writes else _LIGHT_READS.get(statement, _BULK_READ)
    return thousand * max(rows / _BULK_ROWS, 1)
