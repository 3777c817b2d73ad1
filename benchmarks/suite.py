"""The parts of a run, and on which of its databases each is measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from benchmarks import bulk, growth, machine, restart, runner, weight
from benchmarks.awake import kept_awake
from benchmarks.catalogue import DEFAULT_MOVIES, Content
from benchmarks.loading import database_for, load
from benchmarks.results import PeerResult, Promise, Results, SizeResult
from radarr_db.terminal import ERR, progress

PARTS = ("load", "queries", "floor", "observing", "peers", "bulk", "restart")
BY_DEFAULT = frozenset(PARTS) - {"peers"}

# A library that a person might have: it is read whole, and all clients must do so often enough for a median.
PEERS_MOVIES = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: parts, the patterns of the statements, and how often each side of a comparison is called."""

    parts: frozenset[str]
    statements: tuple[str, ...]
    rounds: int


def measure(databases: Mapping[Content, str], plan: Plan) -> Results:
    """What the parts of the plan find: the queries on each of the databases, the other parts on one of them."""
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    # First of all: whether it can be had shall not be known only when the rest is done.
    peers_on = load_for_peers(databases) if "peers" in plan.parts else ""
    sizes = {content: _measure_queries(conninfo, content, plan) for content, conninfo in databases.items()}
    base = base_of(databases)
    where = databases[base]
    kept: list[Promise] = []
    if "queries" in plan.parts:
        kept += growth.promises(tuple(sizes.values()))
    if "floor" in plan.parts:
        kept += _measure_floor(where, plan.rounds)
    if "observing" in plan.parts:
        kept += _measure_observing(where, plan.rounds)
    if "bulk" in plan.parts:
        with _told("bulk"):
            kept += (*bulk.measure(where, base), *weight.measure(where, base, sizes[base].weights))
    if "restart" in plan.parts:
        with _told("restart"):
            kept += restart.measure(where)
    peers = _measure_peers(peers_on, plan.rounds) if peers_on else ()
    return Results(started, machine.describe(where), tuple(sizes.values()), peers, tuple(kept))


def base_of(contents: Mapping[Content, str]) -> Content:
    """The one that is measured when only one is: of the size by default, or the largest below, or the smallest."""
    ordered = sorted(contents, key=lambda content: content.movies)
    return next((content for content in reversed(ordered) if content.movies <= DEFAULT_MOVIES), ordered[0])


def load_for_peers(databases: Mapping[Content, str]) -> str:
    """The database that clients are compared on, beside the others if none of them is of its size."""
    base = base_of(databases)
    content = replace(base, movies=min(base.movies, PEERS_MOVIES))
    if content in databases:
        return databases[content]
    conninfo = database_for(databases[base], content.movies)
    load(conninfo, content)
    return conninfo


def _measure_queries(conninfo: str, content: Content, plan: Plan) -> SizeResult:
    loaded = load(conninfo, content)
    if "queries" not in plan.parts:
        return runner.measure(conninfo, content, loaded, (), lambda _: None)
    with _told(f"queries on {content.movies:,} movies") as tell:
        return runner.measure(conninfo, content, loaded, plan.statements, tell)


# Imported where they are asked for: the libraries that they compare with need not be there otherwise.
def _measure_floor(conninfo: str, rounds: int) -> tuple[Promise, ...]:
    from benchmarks import floor  # noqa: PLC0415

    with _told("floor"):
        return floor.measure(conninfo, rounds=rounds)


def _measure_observing(conninfo: str, rounds: int) -> tuple[Promise, ...]:
    from benchmarks import observing  # noqa: PLC0415

    with _told("observing"):
        return observing.measure(conninfo, rounds=rounds)


def _measure_peers(conninfo: str, rounds: int) -> tuple[PeerResult, ...]:
    from benchmarks import peers  # noqa: PLC0415

    with _told("peers") as tell:
        return peers.measure(conninfo, rounds=rounds, progress=tell)


@contextmanager
def _told(what: str) -> Iterator[Callable[[str], None]]:
    """Shows what is being measured, on cores kept awake: all of it on a terminal, elsewhere its beginning."""
    if not ERR.is_interactive:
        ERR.print(f"{what} ...")
    with kept_awake(), progress() as bars:
        task = bars.add_task(what, total=None)
        yield lambda step: bars.update(task, description=f"{what}: {step}")
