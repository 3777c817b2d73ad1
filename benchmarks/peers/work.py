"""What every client is asked to do: the same statements, the same values and the same dataclasses for all."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

from radarr_db import Movie, NewMovie, download_queue, history, movies
from radarr_db.models.documents import CastMember
from radarr_db.query import Params, Query
from radarr_db.rows import row_maker

LOOKUP = movies.find_by_tmdb_id(1)
PAGE = movies.list_missing(limit=50)
LIBRARY = movies.list_library()

MANY = 1000
# Out of reach of any catalogue; those with an odd number are removed before every writing call.
RESERVED = 2_000_000_001
REMOVE = f"DELETE FROM movies WHERE tmdb_id >= {RESERVED}"  # noqa: S608 - a number
MAKE_ROOM = f"{REMOVE} AND tmdb_id % 2 = 1"

# A hand-written INSERT leaves out what the server sets by itself.
COLUMNS = tuple(field.name for field in dataclasses.fields(NewMovie) if field.name != "added")
_INTO = f"({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n}' for n, _ in enumerate(COLUMNS, 1))})"
_create, _upsert = (movies.create(NewMovie(1, "a")).sql, movies.upsert(NewMovie(1, "a")).sql)
INSERT = f"INSERT INTO movies AS m {_INTO} RETURNING {_create.partition('RETURNING')[2]}"
_REFRESH = _upsert.partition("DO UPDATE SET")[2].partition("RETURNING")[0]
UPSERT = f"INSERT INTO movies {_INTO} ON CONFLICT (tmdb_id) DO UPDATE SET {_REFRESH}"
_columns = ", ".join(COLUMNS)
# Many rows by COPY, the fastest way into a table, and from there in one statement.
STAGE = f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {_columns} FROM movies WITH NO DATA"  # noqa: S608
MERGE = (
    f"INSERT INTO movies ({_columns}) SELECT {_columns} FROM staged "  # noqa: S608
    f"ON CONFLICT (tmdb_id) DO UPDATE SET {_REFRESH}"
)
REFRESHED = tuple(re.findall(r"(\w+) = excluded", _REFRESH))

new_row = row_maker(Movie)


def dashboard(movie_id: int) -> tuple[Query[Any], ...]:
    """Five queries of one screen."""
    return (
        movies.get(movie_id),
        download_queue.list_active(),
        history.list_recent(limit=20),
        movies.statistics(),
        movies.count(),
    )


DASHBOARD = dashboard(1)


class Peer:
    """A client other than radarr_db, sync or async; an async one returns what is to be awaited.

    A query stands for its statement, and for the makers of rows and result that all clients share. ``upserts``
    tells by what means it writes many rows, ``shared`` whether many tasks can use it at once.
    """

    upserts = ""
    shared = True

    def run(self, query: Query[Any], params: Params) -> Any:
        """The result of ``query``, with these arguments."""
        raise NotImplementedError

    def run_all(self, queries: Sequence[tuple[Query[Any], Params]]) -> Any:
        """The results of several queries, one call after the other: none of these clients has another way."""
        raise NotImplementedError

    def insert(self, movie: NewMovie) -> Any:
        """The movie as stored."""
        raise NotImplementedError

    def upsert(self, news: Sequence[NewMovie]) -> Any:
        """Add the movies, or refresh those that are there; all or none."""
        raise NotImplementedError

    def lookup(self, tmdb_id: int) -> Any:
        """One movie, with all its columns."""
        return self.run(LOOKUP, (tmdb_id,))

    def page(self) -> Any:
        """The first page of a list."""
        return self.run(PAGE, PAGE.params)

    def library(self) -> Any:
        """Every movie with its file."""
        return self.run(LIBRARY, LIBRARY.params)

    def dashboard(self, movie_id: int) -> Any:
        """What ``dashboard`` reads."""
        get, *others = DASHBOARD
        return self.run_all([(get, (movie_id,)), *((query, query.params) for query in others)])


class Pooled(Peer):
    """A blocking client with something that lends it a connection, or a session, for each act."""

    def __init__(self, lend: Callable[[], AbstractContextManager[Any]]) -> None:
        self.lend = lend

    def read(self, connection: Any, query: Query[Any], params: Params) -> Any:
        """The result of ``query`` on a lent connection."""
        raise NotImplementedError

    def run(self, query: Query[Any], params: Params) -> Any:
        with self.lend() as connection:
            return self.read(connection, query, params)

    def run_all(self, queries: Sequence[tuple[Query[Any], Params]]) -> Any:
        with self.lend() as connection:
            return tuple(self.read(connection, query, params) for query, params in queries)


class AsyncPooled(Peer):
    """The same on asyncio."""

    def __init__(self, lend: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self.lend = lend

    async def read(self, connection: Any, query: Query[Any], params: Params) -> Any:
        """The result of ``query`` on a lent connection."""
        raise NotImplementedError

    async def run(self, query: Query[Any], params: Params) -> Any:
        async with self.lend() as connection:
            return await self.read(connection, query, params)

    async def run_all(self, queries: Sequence[tuple[Query[Any], Params]]) -> Any:
        async with self.lend() as connection:
            return tuple([await self.read(connection, query, params) for query, params in queries])


def named(sql: str, names: Sequence[str]) -> str:
    """A statement with ``:name`` in the place of ``$1``, as SQLAlchemy and aiosql read it."""
    return re.sub(r"\$(\d+)", lambda found: f":{names[int(found[1]) - 1]}", sql)


def arguments(query: Query[Any], params: Params) -> dict[str, object]:
    """The arguments of ``named``."""
    return dict(zip(query.statement.parameters, params, strict=True))


def fields(movie: NewMovie) -> dict[str, Any]:
    """The values of COLUMNS by name, the metadata as a document."""
    return {name: getattr(movie, name) for name in COLUMNS}


def values(movie: NewMovie) -> dict[str, Any]:
    """The values of COLUMNS by name, the metadata as JSON text."""
    return {**fields(movie), "metadata": json.dumps(movie.metadata)}


def new_movies(version: int) -> Iterator[NewMovie]:
    """MANY movies with about 3 kB of metadata each; what is known about them differs in every version."""
    for number in range(RESERVED, RESERVED + MANY):
        yield NewMovie(
            tmdb_id=number,
            imdb_id=f"tt{number}",
            title=f"Reserved {number}",
            year=1950 + number % 70,
            runtime=100,
            overview=f"What happens, told for the {version}th time. " * 8,
            metadata={
                "genres": [{"id": 18, "name": "Drama"}],
                "cast": [CastMember(id=number * 100 + i, name=f"Person {i} {version}", order=i) for i in range(40)],
            },
        )
