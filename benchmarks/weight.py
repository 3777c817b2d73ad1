"""What writing costs where there is nothing new, and what the indexes of movies weigh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.catalogue import Catalogue
from benchmarks.loading import PATIENT
from benchmarks.measure import p50
from benchmarks.results import Promise
from radarr_db import Database, NewQueueItem, Query, download_queue, movies, statements
from radarr_db.connections import connect

ITEMS = 1000
REPETITIONS = 20

_WRITES = statements.parse(
    "-- name: writes\n-- How many rows this transaction has written.\n-- budget: simple\n"
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables",
    Path(__file__),
)["writes"]
_CLIENT = statements.parse(
    "-- name: client\n-- Any download client.\n-- budget: simple\nSELECT min(id) FROM download_clients", Path(__file__)
)["client"]


class _UndoneError(Exception):
    pass


def measure(conninfo: str) -> tuple[Promise, ...]:
    """Each figure with its limit, on the database of a loaded catalogue."""
    return (
        Promise("indexes of movies beside the table", _index_weight(conninfo), 1.0, "times"),
        *_unchanged(conninfo),
    )


def _index_weight(conninfo: str) -> float:
    """The indexes of movies beside the table, with what keeps its genres in order counted as an index."""
    with connect(conninfo) as connection:
        ((indexes, table),) = connection.execute(
            "SELECT pg_indexes_size('movies') + pg_total_relation_size('movie_genres'), pg_table_size('movies')"
        ).fetchall()
    return float(indexes / table)


def _unchanged(conninfo: str) -> Iterator[Promise]:
    """A queue and a library that are told what they know."""
    items = [NewQueueItem(f"unchanged {number}", f"Title {number}", size=number) for number in range(ITEMS)]
    with Database(conninfo, PATIENT) as db:
        client = db.run(Query(_CLIENT, (), lambda rows, _: rows[0], lambda row: int(row[0])))
        news = list(Catalogue(db.run(movies.count())).movies(range(1, ITEMS + 1)))
        sync = partial(download_queue.sync_from_client, client, items)
        refresh = partial(movies.upsert_many, news)
        synced, sync_writes = _repeated(db, sync)
        _, refresh_writes = _repeated(db, refresh)
    yield Promise(f"sync_from_client of {ITEMS:,} unchanged items", synced, 15, "ms")
    yield Promise(f"rows that a sync of {ITEMS:,} unchanged items writes", sync_writes, 0, "rows")
    yield Promise(f"rows that a refresh of {ITEMS:,} unchanged movies writes", refresh_writes, 0, "rows")


def _repeated(db: Database, call: Callable[[], Query[Any]]) -> tuple[float, int]:
    """The milliseconds that a write takes once it was done, and the rows that it writes then; all of it is undone."""
    writes = Query(_WRITES, (), lambda rows, _: rows[0], lambda row: int(row[0]))
    times = []
    with suppress(_UndoneError), db.transaction() as tx:
        tx.run(call())
        before = tx.run(writes)
        for _ in range(REPETITIONS):
            began = perf_counter()
            tx.run(call())
            times.append(perf_counter() - began)
        written = tx.run(writes) - before
        raise _UndoneError
    return p50(times), written
