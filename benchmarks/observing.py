"""What it costs to be observed: the same lookup with an observer and without, in one run."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider
from prometheus_client import CollectorRegistry

from benchmarks.measure import p50
from benchmarks.peers.clock import timed, timed_async
from benchmarks.results import Promise
from radarr_db import AsyncDatabase, Database, Observer, movies
from radarr_db.operations.metrics import Metrics
from radarr_db.operations.tracing import Tracing

Observers = Mapping[str, Sequence[Observer]]

_OFF = "off"
_MOST = 1.05
_OPENINGS = 7


def measure(conninfo: str, *, rounds: int) -> tuple[Promise, ...]:
    """How many times as long a lookup takes with each observer, in at most ``rounds`` that alternate.

    It is the median of several openings: which core a connection falls on makes more of a difference than an observer.
    OpenTelemetry's providers do nothing here: what an SDK does with a span is not ours.
    """
    with Database(conninfo) as db:
        known = db.run(movies.list_tmdb_ids())
    tmdb_id = known[len(known) // 2]
    tracing = Tracing(conninfo, tracer_provider=NoOpTracerProvider(), meter_provider=NoOpMeterProvider())
    observers: Observers = {
        _OFF: (),
        "Prometheus": (Metrics(registry=CollectorRegistry()).observe,),
        "OpenTelemetry": (tracing.observe,),
    }
    sides = {
        "sync": [_sync(conninfo, tmdb_id, observers, rounds) for _ in range(_OPENINGS)],
        "async": [asyncio.run(_async(conninfo, tmdb_id, observers, rounds)) for _ in range(_OPENINGS)],
    }
    return tuple(
        Promise(f"typed lookup observed by {name}, {side}", _ratio(openings, name), _MOST, "times")
        for side, openings in sides.items()
        for name in observers
        if name != _OFF
    )


def _ratio(openings: list[dict[str, float]], name: str) -> float:
    return statistics.median(times[name] / times[_OFF] for times in openings)


def _sync(conninfo: str, tmdb_id: int, observers: Observers, rounds: int) -> dict[str, float]:
    with ExitStack() as opened:
        calls = {
            name: _lookup(opened.enter_context(Database(conninfo, observers=observing)), tmdb_id)
            for name, observing in observers.items()
        }
        return {name: p50(seconds) for name, seconds in timed(calls, rounds).items()}


async def _async(conninfo: str, tmdb_id: int, observers: Observers, rounds: int) -> dict[str, float]:
    async with AsyncExitStack() as opened:
        calls = {
            name: _lookup(await opened.enter_async_context(AsyncDatabase(conninfo, observers=observing)), tmdb_id)
            for name, observing in observers.items()
        }
        return {name: p50(seconds) for name, seconds in (await timed_async(calls, rounds)).items()}


def _lookup(db: Database | AsyncDatabase, tmdb_id: int) -> Callable[[int], Any]:
    return lambda _turn: db.run(movies.find_by_tmdb_id(tmdb_id))
