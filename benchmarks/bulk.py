"""Bulk writes beside COPY, and what they and a stream take of memory."""

from __future__ import annotations

import json
import multiprocessing
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.catalogue import Catalogue
from benchmarks.loading import PATIENT
from benchmarks.results import Promise
from radarr_db import Database, NewMovie, Query, movies, statements
from radarr_db.connections import connect
from radarr_db.operations import migrations

MOVIES = 100_000
SLICES = 10
STREAMED = 1_000_000

_COPIED = (
    "tmdb_id", "imdb_id", "title", "original_title", "alternative_titles", "year", "runtime", "overview", "tagline",
    "status", "release_date", "physical_release", "digital_release", "in_cinemas", "monitored",
    "minimum_availability", "quality_profile_id", "path", "root_folder_path", "folder_name", "tags", "metadata",
)  # fmt: skip
_MANY = statements.parse(
    "-- name: many(rows)\n-- As many movies as are asked for, the same ones again and again.\n-- budget: bulk\n"
    "SELECT m.id, m.title, m.overview, m.metadata FROM movies AS m"
    " CROSS JOIN generate_series(1, 1 + :rows::integer / (SELECT greatest(count(*), 1) FROM movies)) LIMIT :rows",
    Path(__file__),
)["many"]


def measure(conninfo: str, movies_written: int = MOVIES, streamed: int = STREAMED) -> tuple[Promise, ...]:
    """Each figure with its limit, on the database of a loaded catalogue and on new ones beside it."""
    beside_copy = _beside_copy(conninfo, movies_written)
    return (
        Promise(f"create_many of {movies_written:,} movies beside COPY", beside_copy["create"], 1.5, "times"),
        Promise(f"upsert_many of {movies_written:,} movies beside COPY", beside_copy["upsert"], 1.5, "times"),
        Promise(f"memory that {movies_written:,} created movies add", beside_copy["memory"], 100, "MB"),
        Promise(f"memory that a stream of {streamed:,} movies adds", _stream_memory(conninfo, streamed), 100, "MB"),
    )


def _beside_copy(conninfo: str, size: int) -> dict[str, float]:
    """The time of each bulk write beside that of COPY into a table alike, a slice of the catalogue in turn."""
    catalogue = Catalogue(size)
    seconds = dict.fromkeys(("copy", "create", "upsert"), 0.0)
    with ExitStack() as stack:
        names = {side: stack.enter_context(_database(conninfo, f"radarr_db_bulk_{side}")) for side in seconds}
        copying = stack.enter_context(connect(names["copy"]))
        creating = stack.enter_context(Database(names["create"], PATIENT))
        upserting = stack.enter_context(Database(names["upsert"], PATIENT))
        writes: dict[str, Callable[[Sequence[NewMovie]], object]] = {
            "copy": partial(_copy, copying),
            "create": lambda news: creating.run(movies.create_many(news)),
            "upsert": lambda news: upserting.run(movies.upsert_many(news)),
        }
        # New databases have one profile only.
        made = (replace(new, quality_profile_id=1) for new in catalogue.movies(range(1, size + 1)))
        memory = 0.0
        while news := list(islice(made, max(size // SLICES, 1))):
            for side, write in writes.items():
                before, began = _peak(), perf_counter()
                write(news)
                seconds[side] += perf_counter() - began
                memory += _peak() - before if side == "create" else 0
    return {
        "create": seconds["create"] / seconds["copy"],
        "upsert": seconds["upsert"] / seconds["copy"],
        "memory": memory,
    }


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


def _copy(connection: psycopg.Connection, news: Sequence[NewMovie]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, _COPIED))
    copy_from = sql.SQL("COPY movies ({}) FROM STDIN").format(columns)
    with connection.cursor() as cursor, cursor.copy(copy_from) as copy:
        for new in news:
            copy.write_row([_value(getattr(new, column)) for column in _COPIED])


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _stream_memory(conninfo: str, rows: int) -> float:
    """The megabytes that reading so many rows adds, in a process of its own: the peak never falls again."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_read_all, (conninfo, rows))


def _read_all(conninfo: str, rows: int) -> float:
    def many(count: int) -> Query[list[tuple[Any, ...]]]:
        return Query(_MANY, _MANY.bind({"rows": count}), lambda items, _: items, tuple)

    with Database(conninfo, PATIENT) as db:
        for _ in db.stream(many(1000)):
            pass
        before = _peak()
        found = sum(1 for _ in db.stream(many(rows)))
        if found != rows:
            raise AssertionError(f"{found} rows came, not {rows}")
        return _peak() - before


def _peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
