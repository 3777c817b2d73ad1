"""radarr_db as its users call it: through the pool, each query built for the call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from benchmarks.peers import work
from radarr_db import AsyncDatabase, Database, NewMovie, movies


class Radarr(work.Peer):
    """Both kinds of database: what ``db`` returns is the result, or to be awaited."""

    upserts = "one statement for the batch, each value checked"

    def __init__(self, db: Database | AsyncDatabase) -> None:
        self.db = db

    def lookup(self, tmdb_id: int) -> Any:
        return self.db.run(movies.find_by_tmdb_id(tmdb_id))

    def page(self) -> Any:
        return self.db.run(movies.list_missing(limit=50))

    def library(self) -> Any:
        return self.db.run(movies.list_library())

    def dashboard(self, movie_id: int) -> Any:
        return self.db.run_all(*work.dashboard(movie_id))

    def insert(self, movie: NewMovie) -> Any:
        return self.db.run(movies.create(movie))

    def upsert(self, news: Sequence[NewMovie]) -> Any:
        return self.db.run(movies.upsert_many(news))


@contextmanager
def open_sync(conninfo: str) -> Iterator[Radarr]:
    """Through a Database."""
    with Database(conninfo) as db:
        yield Radarr(db)


@asynccontextmanager
async def open_async(conninfo: str) -> AsyncIterator[Radarr]:
    """Through an AsyncDatabase."""
    async with AsyncDatabase(conninfo) as db:
        yield Radarr(db)
