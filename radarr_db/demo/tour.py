"""The demo: a database is made and filled, and its queries are measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import psycopg

from radarr_db import embedded
from radarr_db.connections import connect, describe
from radarr_db.demo import catalogue, collection, report
from radarr_db.demo.queries import QUERIES, SEARCHES, measure
from radarr_db.engine import Database
from radarr_db.errors import InvalidArgumentError, translate
from radarr_db.operations import migrations, status
from radarr_db.repositories import movies
from radarr_db.terminal import ERR, OUT, progress

_MOST_SHOWN = 20
_NEXT = """
Next: radarr-db demo --movies FILE     the same with movies of yours
      radarr-db migrate --dsn DSN      the schema in your own database
      radarr-db --help                 all commands"""


def run(dsn: str | None, file: Path, samples: int) -> None:
    """Fills the empty database ``dsn``, or one of its own, with the movies of ``file``, and queries it.

    InvalidArgumentError when the database has tables, or the file has no movie.
    """
    began = perf_counter()
    with _server(dsn) as conninfo:
        _migrate(conninfo)
        with Database(conninfo) as db:
            _load(db, file)
            _surround(db)
            _settle(conninfo)
            OUT.print()
            met = _measure(db, samples)
            _search(db)
    OUT.print(
        f"{met} of {len(QUERIES)} queries met their target in 95 % of {samples} runs; "
        f"all of it took {perf_counter() - began:.1f} s."
    )
    OUT.print(_NEXT)


@contextmanager
def _server(dsn: str | None) -> Iterator[str]:
    """The database to fill."""
    began = perf_counter()
    if dsn is None:
        with embedded.server() as server:
            _tell("server", f"PostgreSQL {server.version}, embedded: it goes when the demo ends", began)
            yield server.conninfo
    else:
        found = status.read(dsn)
        if found.tables:
            raise InvalidArgumentError("--dsn", f"{describe(dsn)} has tables; the demo needs an empty one")
        _tell("server", f"PostgreSQL {found.server}", began)
        yield dsn


def _migrate(conninfo: str) -> None:
    began = perf_counter()
    with progress() as bars:
        task = bars.add_task("schema", total=len(migrations.pending(conninfo)))
        applied = migrations.apply(conninfo, on_step=lambda _: bars.advance(task))
    _tell("schema", f"{len(applied)} migrations", began)


def _load(db: Database, path: Path) -> None:
    began = perf_counter()
    with progress() as bars, bars.open(path, "rb", description="movies") as file:
        loaded = catalogue.load(db, catalogue.lines(file))
    for line in loaded.bad[:_MOST_SHOWN]:
        ERR.print(f"{path.name}, line {line.number}: {line.reason}", style="red", soft_wrap=True)
    if more := loaded.bad[_MOST_SHOWN:]:
        ERR.print(f"and {len(more):,} bad lines more", style="red")
    if not loaded.loaded:
        raise InvalidArgumentError(str(path), "holds no movie")
    bad = f"; bad lines: {len(loaded.bad):,}" if loaded.bad else ""
    _tell("movies", f"{loaded.loaded:,} from {path.name}{bad}", began)


def _surround(db: Database) -> None:
    began = perf_counter()
    with progress() as bars:
        bars.add_task("collection", total=None)
        made = collection.surround(db, dt.datetime.now(dt.UTC))
    _tell(
        "collection",
        f"{made.files:,} files, {made.groups} groups, {made.queue} in the queue, {made.events:,} events",
        began,
    )


def _settle(conninfo: str) -> None:
    """What autovacuum and housekeeping would do in time."""
    began = perf_counter()
    with progress() as bars, connect(conninfo) as connection:
        bars.add_task("statistics", total=None)
        try:
            connection.execute("VACUUM ANALYZE")
            connection.execute("SELECT refresh_popular_movies()")
        except psycopg.Error as error:
            raise translate(error, "statistics") from error
    _tell("statistics", "VACUUM ANALYZE, popular movies refreshed", began)


def _measure(db: Database, samples: int) -> int:
    with progress() as bars:
        measured = [
            (specified, measure(db, specified.query, samples))
            for specified in bars.track(QUERIES, description="queries")
        ]
    OUT.print(report.performance(measured), "")
    return sum(report.is_met(*pair) for pair in measured)


def _search(db: Database) -> None:
    OUT.print(report.searches((typed, db.run(movies.search(typed, limit=3))) for typed in SEARCHES), "")


def _tell(what: str, told: str, began: float) -> None:
    OUT.print(f"{what:<11} {told:<60} {perf_counter() - began:5.1f} s", soft_wrap=True)
