"""Bulk writes beside COPY, and what they and a stream take of memory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks import memory
from benchmarks.catalogue import Content
from benchmarks.filling import PATIENT
from benchmarks.results import Promise
from radarr_db import Database, NewMovie, Query, movies, statements
from radarr_db.connections import connect
from radarr_db.operations import migrations

MOVIES = 100_000
SLICES = 12
STREAMED = 1_000_000

COLUMNS = [field.name for field in dataclasses.fields(NewMovie)]
_MANY = statements.parse(
    "-- name: many(rows)\n-- As many movies as are asked for, the same ones again and again.\n-- budget: bulk\n"
    "SELECT m.id, m.title, m.overview, m.metadata FROM movies AS m"
    " CROSS JOIN generate_series(1, 1 + :rows::integer / (SELECT greatest(count(*), 1) FROM movies)) LIMIT :rows",
    Path(__file__),
)["many"]

Write = Callable[[Sequence[NewMovie]], object]


def measure(conninfo: str, content: Content) -> tuple[Promise, ...]:
    """Each figure with its limit, on the database of a loaded catalogue and on new ones beside it.

    As many movies are written as the catalogue has, but MOVIES at most. A stream is as long in every case: the
    server repeats the movies.
    """
    size = min(content.movies, MOVIES)
    return (*_beside_copy(conninfo, content, size), *_memory(conninfo, size))


def _beside_copy(conninfo: str, content: Content, size: int) -> Iterator[Promise]:
    """The time of each bulk write beside that of COPY of the same rows into a table alike."""
    with ExitStack() as stack:
        copied_to, created_in, upserted_in = (
            stack.enter_context(_database(conninfo, f"radarr_db_bulk_{side}")) for side in ("copy", "create", "upsert")
        )
        copying = stack.enter_context(connect(copied_to))
        creating = stack.enter_context(Database(created_in, PATIENT))
        upserting = stack.enter_context(Database(upserted_in, PATIENT))
        writes: list[Write] = [
            lambda news: copy(copying, news),
            lambda news: creating.run(movies.create_many(news)),
            lambda news: upserting.run(movies.upsert_many(news)),
        ]
        copied, created, upserted = _alternate(writes, content, size)
    yield Promise(f"create_many of {size:,} movies beside COPY", created / copied, 1.5, "times")
    yield Promise(f"upsert_many of {size:,} movies beside COPY", upserted / copied, 1.5, "times")


def _alternate(writes: Sequence[Write], content: Content, size: int) -> list[float]:
    """The seconds of each, which write a slice of the catalogue in turn; each is the first as often as another."""
    seconds = [0.0 for _ in writes]
    # New databases have one profile only.
    made = (dataclasses.replace(new, quality_profile_id=1) for new in content.catalogue().movies(range(1, size + 1)))
    turn = 0
    while news := list(islice(made, max(size // SLICES, 1))):
        for place in range(turn, turn + len(writes)):
            began = perf_counter()
            writes[place % len(writes)](news)
            seconds[place % len(writes)] += perf_counter() - began
        turn += 1
    return seconds


def _memory(conninfo: str, size: int) -> Iterator[Promise]:
    if not memory.MEASURABLE:
        return
    with _database(conninfo, "radarr_db_bulk_memory") as empty:
        created = memory.added(_create_all, empty, size)
    yield Promise(f"memory that create_many of {size:,} movies adds", created, 100, "MB")
    read = memory.added(_read_all, conninfo, STREAMED)
    yield Promise(f"memory that a stream of {STREAMED:,} movies adds", read, 100, "MB")


def _create_all(conninfo: str, size: int) -> None:
    with Database(conninfo, PATIENT) as db:
        written = db.run(movies.create_many(map(_large, range(1, size + 1))))
    if written != size:
        raise AssertionError(f"{written} rows were written, not {size}")


def _large(number: int) -> NewMovie:
    """A movie as large as one of a catalogue, but made and written in little time: nothing in it is searched."""
    return NewMovie(number, "Movie", metadata={"tmdb": {"poster_path": f"{number:03000}"}})


def _read_all(conninfo: str, rows: int) -> None:
    query: Query[list[tuple[Any, ...]]] = Query(_MANY, _MANY.bind({"rows": rows}), lambda items, _: items, tuple)
    with Database(conninfo, PATIENT) as db:
        found = sum(1 for _ in db.stream(query))
    if found != rows:
        raise AssertionError(f"{found} rows came, not {rows}")


@contextmanager
def _database(conninfo: str, name: str) -> Iterator[str]:
    """A migrated database beside the one of ``conninfo``, dropped at the end."""
    identifier = sql.Identifier(name)
    with connect(conninfo) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        try:
            beside = make_conninfo(conninfo, dbname=name)
            migrations.apply(beside)
            yield beside
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def copy(connection: psycopg.Connection, news: Sequence[NewMovie]) -> None:
    """Writes the movies as create_many does, by COPY."""
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    copy_from = sql.SQL("COPY movies ({}) FROM STDIN").format(columns)
    with connection.cursor() as cursor, cursor.copy(copy_from) as rows:
        for new in news:
            rows.write_row([_value(getattr(new, column)) for column in COLUMNS])


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
