"""What writing costs where there is nothing new, and what the indexes of movies weigh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.catalogue import Content
from benchmarks.filling import PATIENT
from benchmarks.measure import p50
from benchmarks.results import Promise, Weight
from radarr_db import Database, NewQueueItem, Query, download_queue, movies, statements

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


def measure(conninfo: str, content: Content, weights: Sequence[Weight]) -> tuple[Promise, ...]:
    """Each figure with its limit, on a database loaded with ``content`` whose tables had these ``weights`` then."""
    return (
        Promise("indexes of movies beside the table", index_weight(weights), 1.0, "times"),
        *_unchanged(conninfo, content),
    )


def index_weight(weights: Sequence[Weight]) -> float:
    """The indexes of movies beside the table, with what keeps its genres in order counted as an index."""
    by_table = {weight.table: weight for weight in weights}
    movies, genres = by_table["movies"], by_table["movie_genres"]
    return (movies.index_bytes + genres.table_bytes + genres.index_bytes) / movies.table_bytes


def _unchanged(conninfo: str, content: Content) -> Iterator[Promise]:
    """A queue and a library that are told what they know."""
    items = [NewQueueItem(f"unchanged {number}", f"Title {number}", size=number) for number in range(ITEMS)]
    news = list(content.catalogue().movies(range(1, min(ITEMS, content.movies) + 1)))
    with Database(conninfo, PATIENT) as db:
        client = db.run(Query(_CLIENT, (), lambda rows, _: rows[0], lambda row: int(row[0])))
        synced, sync_writes = _repeated(db, partial(download_queue.sync_from_client, client, items))
        _, refresh_writes = _repeated(db, partial(movies.upsert_many, news))
    yield Promise(f"sync_from_client of {ITEMS:,} unchanged items", synced, 15, "ms")
    yield Promise(f"rows that a sync of {ITEMS:,} unchanged items writes", sync_writes, 0, "rows")
    yield Promise(f"rows that a refresh of {len(news):,} unchanged movies writes", refresh_writes, 0, "rows")


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
