"""A catalogue goes into an empty database through the library's bulk functions.

Two processes make and write batches in turn, so that Python and the server are both at work all the time.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from time import perf_counter

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from benchmarks import surroundings
from benchmarks.catalogue import HISTORY, NOW, Catalogue, Content
from radarr_db.connections import connect
from radarr_db.engine import Database, PoolSettings
from radarr_db.errors import InvalidArgumentError, RadarrDbError
from radarr_db.repositories import (
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    quality_profiles,
    scene_groups,
)
from radarr_db.terminal import ERR, OUT

WRITERS = 2
# Short transactions: the writers need not wait for one another, and progress shows.
MOVIES_A_BATCH = 1_000
STORIES_A_BATCH = 500
# A batch of a large catalogue may wait for a checkpoint.
PATIENT = PoolSettings(min_size=1, statement_timeout=300, lock_timeout=60)

_PLAIN_PROGRESS_EVERY = 10.0


def fill(conninfo: str, content: Content) -> int:
    """Writes all of ``content`` into a migrated database, and gives how many rows that are."""
    _make_partitions(conninfo)
    with Database(conninfo, PATIENT) as db:
        rows = _settings(db)
        catalogue = content.catalogue()
        rows += db.run(scene_groups.upsert_many(surroundings.scene_groups(catalogue)))
        with ProcessPoolExecutor(
            WRITERS, multiprocessing.get_context("spawn"), initializer=_open, initargs=(conninfo, content)
        ) as writers:
            rows += _spread(writers, "movies", _write_movies, content.movies, MOVIES_A_BATCH)
            rows += _spread(writers, "files and history", _write_stories, content.movies, STORIES_A_BATCH)
        rows += _fill_queue(db, catalogue)
    _settle(conninfo)
    return rows


def _spread(writers: ProcessPoolExecutor, what: str, write: Callable[[range], int], total: int, batch_size: int) -> int:
    """How many rows the writers wrote, a batch each in turn."""
    rows = 0
    batches = [range(start, min(start + batch_size, total)) for start in range(0, total, batch_size)]
    with _progress(what, total) as advance:
        for batch, written in zip(batches, writers.map(partial(_written, write), batches), strict=True):
            advance(len(batch), written)
            rows += written
    return rows


def _make_partitions(conninfo: str) -> None:
    with connect(conninfo) as connection:
        connection.execute(
            "SELECT create_history_partition(day::date) FROM generate_series(%s::date, %s::date, '1 month') AS day",
            ((NOW - HISTORY).date().replace(day=1), NOW.date()),
        )


def _settings(db: Database) -> int:
    """Makes the clients, indexers and profiles; the ids count from 1, as the database was empty."""
    for client in surroundings.CLIENTS:
        db.run(download_clients.create(client))
    for indexer in surroundings.INDEXERS:
        db.run(indexers.create(indexer))
    for profile in surroundings.PROFILES:
        db.run(quality_profiles.create(profile))
    return len(surroundings.CLIENTS) + len(surroundings.INDEXERS) + len(surroundings.PROFILES)


def _fill_queue(db: Database, catalogue: Catalogue) -> int:
    ids = _ids(db, range(1, min(surroundings.QUEUE, catalogue.size) + 1))
    queues = surroundings.queue(catalogue, list(ids.values()))
    return sum(db.run(download_queue.sync_from_client(client, items)).added for client, items in queues.items())


def _settle(conninfo: str) -> None:
    """What autovacuum and housekeeping would do in time."""
    began = perf_counter()
    with connect(conninfo) as connection:
        connection.execute("SELECT refresh_popular_movies()")
        connection.execute("VACUUM ANALYZE")
    OUT.print(f"{'settled':<18} popular movies refreshed, VACUUM ANALYZE: {perf_counter() - began:.1f} s")


# The state of a writing process: what its batches are made of, and where they go.
_catalogue: Catalogue
_db: Database


def _open(conninfo: str, content: Content) -> None:
    global _catalogue, _db  # noqa: PLW0603 - a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    _catalogue = content.catalogue()
    _db = Database(conninfo, PATIENT)
    _db.open()


def _written(write: Callable[[range], int], batch: range) -> int:
    try:
        return write(batch)
    except InvalidArgumentError as error:
        raise RadarrDbError(str(error)) from None  # this one passes from process to process


def _write_movies(batch: range) -> int:
    made = list(_catalogue.movies(number + 1 for number in batch))
    # Again after a deadlock: the other writer is at work on the same indexes and counters.
    return _db.transact(lambda tx: tx.run(movies.create_many(made)))


def _write_stories(batch: range) -> int:
    numbers = [_catalogue.number_at(place) for place in batch]
    ids = _ids(_db, numbers)
    stories = [surroundings.story(_catalogue, place, ids[number]) for place, number in zip(batch, numbers, strict=True)]
    files = [story.file for story in stories if story.file]
    events = [event for story in stories for event in story.events]
    return _db.transact(lambda tx: tx.run(movie_files.create_many(files)) + tx.run(history.record_many(events)))


def _ids(db: Database, numbers: Iterable[int]) -> dict[int, int]:
    """The ids of movies by their numbers, in the order of these."""
    wanted = list(numbers)
    found = {movie.tmdb_id: movie.id for movie in db.run(movies.find_by_tmdb_ids(wanted))}
    return {number: found[number] for number in wanted}


class _Rate(ProgressColumn):
    """Rows a second since the start."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.fields['rows'] / (task.elapsed or 1):,.0f} rows/s")


@contextlib.contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Shows how far the work is and its rows a second: a bar on a terminal, elsewhere a line now and then."""
    began = shown = perf_counter()
    rows = done = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_interactive) as bars:
        task = bars.add_task(what, total=total, rows=0)

        def advance(count: int, written: int) -> None:
            nonlocal rows, done, shown
            rows, done = rows + written, done + count
            bars.update(task, completed=done, rows=rows)
            if not ERR.is_interactive and perf_counter() - shown > _PLAIN_PROGRESS_EVERY:
                shown = perf_counter()
                ERR.print(f"{what}: {done / total:.0%}, {rows / (shown - began):,.0f} rows/s")

        yield advance
    tell(what, rows, perf_counter() - began)


def tell(what: str, rows: int, seconds: float) -> None:
    """Says how many rows were written, and how fast."""
    OUT.print(f"{what:<18} {rows:>10,} rows in {seconds:.1f} s: {rows / seconds:,.0f} rows/s")
