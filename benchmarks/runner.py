"""The workload is run on a loaded database, and each call measured."""

from __future__ import annotations

import contextlib
import fnmatch
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from operator import attrgetter
from time import perf_counter

from psycopg.errors import FeatureNotSupported, InsufficientPrivilege

from benchmarks import targets
from benchmarks.catalogue import Content
from benchmarks.drawing import Drawing, NothingToDrawError
from benchmarks.filling import PATIENT
from benchmarks.loading import Loaded
from benchmarks.measure import MOST_SAMPLES, SETTLING, sampled, timing
from benchmarks.results import QueryResult, SizeResult, Weight
from benchmarks.workload import ENTRIES, Entry, Kind, Make
from radarr_db.connections import connect
from radarr_db.engine import Database
from radarr_db.statements import load
from radarr_db.terminal import ERR

# How long a call is measured.
_SECONDS = 2.0


class _UndoneError(Exception):
    pass


def measure(
    conninfo: str, content: Content, loaded: Loaded, patterns: Iterable[str], advance: Callable[[str], None]
) -> SizeResult:
    """What the calls of the statements that match one of ``patterns`` take; ``advance`` is told each call before it."""
    entries = chosen(patterns)
    return SizeResult(
        movies=content.movies,
        loaded_rows=loaded.rows,
        load_seconds=loaded.seconds,
        weights=_weights(conninfo),
        queries=tuple(_measure_all(conninfo, content, entries, advance)) if entries else (),
    )


def chosen(patterns: Iterable[str]) -> list[Entry]:
    """The calls of the statements that match one of ``patterns``."""
    wanted = tuple(patterns)
    return [entry for entry in ENTRIES if any(fnmatch.fnmatch(entry.statement, pattern) for pattern in wanted)]


def _measure_all(
    conninfo: str, content: Content, entries: Sequence[Entry], advance: Callable[[str], None]
) -> list[QueryResult]:
    results = {}
    advance("reading into memory")
    _warm(conninfo)
    with Database(conninfo, PATIENT) as db:
        drawing = Drawing(db, content.catalogue())
        # Writes go last: what they undo is still there to be passed over until it is vacuumed.
        for entry in sorted(entries, key=attrgetter("is_write")):
            advance(entry.call)
            try:
                results[entry.call] = _measure(db, entry, drawing)
            except NothingToDrawError as error:
                ERR.print(f"left out: {entry.call}: {error}", soft_wrap=True)
    if any(entry.is_write for entry in entries):
        advance("VACUUM")
        with connect(conninfo) as connection:
            connection.execute("VACUUM")
    return [results[entry.call] for entry in entries if entry.call in results]


def run(db: Database, entry: Entry, make: Make) -> tuple[float, int]:
    """The seconds that it takes to make a query and run it, and how many rows it gives or writes."""
    match entry.kind:
        case Kind.WRITE | Kind.BULK_WRITE:
            return _run_undone(db, make)
        case Kind.WHOLE:
            start = perf_counter()
            rows = sum(1 for _ in db.stream(make()))
            return perf_counter() - start, rows
        case Kind.READ:
            start = perf_counter()
            result = db.run(make())
            return perf_counter() - start, _rows(result)


def _run_undone(db: Database, make: Make) -> tuple[float, int]:
    # There is no COMMIT in the time, as nothing is kept: a write that is waits for the disk besides.
    with contextlib.suppress(_UndoneError), db.transaction() as transaction:
        start = perf_counter()
        result = transaction.run(make())
        seconds = perf_counter() - start
        raise _UndoneError
    return seconds, result if type(result) is int else _rows(result)


def _rows(result: object) -> int:
    return len(result) if isinstance(result, Sized) else int(result is not None)


def _measure(db: Database, entry: Entry, drawing: Drawing) -> QueryResult:
    makes = _drawn(entry, drawing)
    counts: list[int] = []

    def once() -> float:
        seconds, rows = run(db, entry, next(makes))
        counts.append(rows)
        return seconds

    times = sampled(once, _SECONDS)
    rows = round(statistics.median(counts))
    table, _, name = entry.statement.partition(".")
    budget = load(table)[name].budget
    bounded = entry.kind is Kind.READ
    return QueryResult(
        name=entry.statement,
        call=entry.call,
        budget=budget,
        target=targets.target(entry.statement, budget, rows, writes=entry.is_write, bounded=bounded),
        claimed=entry.claimed,
        bounded=bounded,
        rows=rows,
        timing=timing(times),
        # The plan that these sessions use, whatever the arguments are.
        plan=str(db.explain(entry.draw(drawing)(), generic=True, analyze=not entry.is_write)),
    )


def _drawn(entry: Entry, drawing: Drawing) -> Iterator[Make]:
    """New arguments for every run, drawn before the first: between two runs that would take the caches from them."""
    drawn = (entry.draw(drawing) for _ in range(SETTLING + MOST_SAMPLES))
    # Of these there are few runs, and thousands of models for each would not all be needed.
    return drawn if entry.kind is Kind.BULK_WRITE else iter(list(drawn))


def _warm(conninfo: str) -> None:
    """Have the server read all that it can into memory: growth is to tell of plans, and not of the disk."""
    with connect(conninfo) as connection, contextlib.suppress(FeatureNotSupported, InsufficientPrivilege):
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        # What is read last stays, where memory is scarce: the indexes.
        connection.execute("""
            SELECT pg_prewarm(c.oid)
            FROM (
                SELECT c.oid
                FROM pg_class AS c
                WHERE c.relkind IN ('r', 'm', 't', 'i') AND NOT c.relisshared
                ORDER BY array_position('{t,r,m,i}', c.relkind::text), pg_relation_size(c.oid) DESC
            ) AS c
        """)


def _weights(conninfo: str) -> tuple[Weight, ...]:
    with connect(conninfo) as connection:
        rows: Sequence[tuple[str, int, int]] = connection.execute("""
            SELECT c.relname, sum(pg_table_size(t.part))::bigint, sum(pg_indexes_size(t.part))::bigint
            FROM pg_class AS c
            CROSS JOIN LATERAL (
                SELECT c.oid UNION SELECT p.relid FROM pg_partition_tree(c.oid) AS p
            ) AS t (part)
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
                AND c.relname NOT LIKE '\\_yoyo%'
            GROUP BY c.relname
            ORDER BY 2 DESC
        """).fetchall()
    return tuple(Weight(*row) for row in rows)
