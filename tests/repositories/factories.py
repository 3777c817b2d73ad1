"""Small rows to write, of which a test names only what it is about, and ways to run queries."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from radarr_db import (
    Database,
    Keyring,
    NewDownloadClient,
    NewHistoryEvent,
    NewIndexer,
    NewMovie,
    NewMovieFile,
    NewQualityProfile,
    NewQueueItem,
    NewSceneGroup,
    Page,
    Query,
    Transaction,
    statements,
)

T = TypeVar("T")

PAST = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEYS = Keyring(Keyring.new_key("tests"))

# The fixtures of a test are shared by its examples: each example undoes or overwrites what it wrote.
quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Whatever PostgreSQL can hold.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, max_size=60)
names = texts.filter(str.strip)


def movie(tmdb_id: int = 603, title: str = "The Matrix", **fields: Any) -> NewMovie:
    return NewMovie(tmdb_id, title, **fields)


def file(movie_id: int, relative_path: str = "movie.mkv", quality: str = "Bluray-1080p", **fields: Any) -> NewMovieFile:
    return NewMovieFile(movie_id, relative_path, quality, **fields)


def group(name: str = "SPARKS", **fields: Any) -> NewSceneGroup:
    return NewSceneGroup(name, **fields)


def profile(name: str = "Any", cutoff_quality: str = "Bluray-1080p", **fields: Any) -> NewQualityProfile:
    return NewQualityProfile(name, cutoff_quality, **fields)


def indexer(name: str = "Nyx", **fields: Any) -> NewIndexer:
    return NewIndexer(name, "Torznab", "Torznab", "TorznabSettings", "http://nyx.test", **fields)


def client(name: str = "Deluge", protocol: str = "torrent", **fields: Any) -> NewDownloadClient:
    return NewDownloadClient(name, "Deluge", "Deluge", "DelugeSettings", protocol, "localhost", 8112, **fields)


def item(download_id: str = "d1", title: str = "The.Matrix.1999", **fields: Any) -> NewQueueItem:
    return NewQueueItem(download_id, title, **fields)


def event(movie_id: int, event_type: str = "grabbed", **fields: Any) -> NewHistoryEvent:
    return NewHistoryEvent(movie_id, fields.pop("source_title", "The.Matrix.1999"), event_type, **fields)


def raw(sql: str, **params: object) -> Query[list[tuple[Any, ...]]]:
    """The rows of any statement; parameters are written as in sql/."""
    text = f"-- name: raw\n-- Raw.\n-- budget: simple\n{sql}"
    statement = statements.parse(text, Path("raw.sql"))["raw"]
    return Query(statement, statement.bind(params), lambda rows, _: list(rows), tuple)


def read_pages(tx: Transaction, list_page: Callable[..., Query[Page[Any]]], limit: int, after: str | None) -> list[Any]:
    """The items of all pages from ``after`` on; only the last one may have fewer than ``limit``."""
    items: list[Any] = []
    while True:
        page = tx.run(list_page(limit=limit, after=after))
        items += page.items
        after = page.next
        if after is None:
            assert len(page) <= limit
            return items
        assert len(page) == limit


def at_once(*acts: Callable[[], T]) -> list[T]:
    """The results of all acts, begun at the same time in a thread each; the first error is raised."""
    barrier = threading.Barrier(len(acts))

    def act(work: Callable[[], T]) -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def while_open(db: Database, first: Query[Any], second: Query[T]) -> T:
    """The result of ``second``, sent while ``first`` has run but its transaction is open."""
    with ThreadPoolExecutor(1) as pool:
        with db.transaction() as tx:
            tx.run(first)
            waiting = pool.submit(db.run, second)
            await_blocked(db)
        return waiting.result()


def await_blocked(db: Database) -> None:
    """Return when a session of this database waits for a lock."""
    blocked = raw("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    deadline = monotonic() + 5
    while not db.run(blocked):
        assert monotonic() < deadline, "nobody waits for a lock"


def versions(table: str) -> Query[list[tuple[Any, ...]]]:
    """Where each row lies and who wrote it: a row that was written again, even unchanged, has moved."""
    return raw(f"SELECT id, ctid::text, xmin::text FROM {table} ORDER BY id")  # noqa: S608 - a table's name


def written(table: str) -> Query[list[tuple[Any, ...]]]:
    """How many rows this transaction has inserted, updated and deleted, undone ones included."""
    return raw(
        "SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE relname = :name",
        name=table,
    )
