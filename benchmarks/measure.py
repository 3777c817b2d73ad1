"""Times of calls that alternate in one run: ratios hold where machines are shared and absolute times do not."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

WARM_UP = 50


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds that each call took in each round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(-min(WARM_UP, rounds), rounds):
        for name, call in calls.items():
            start = perf_counter()
            call()
            if number >= 0:
                times[name].append(perf_counter() - start)
    return times


async def interleaved_async(
    calls: Mapping[str, Callable[[], Awaitable[object]]], rounds: int
) -> dict[str, list[float]]:
    """The same for coroutines."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(-min(WARM_UP, rounds), rounds):
        for name, call in calls.items():
            start = perf_counter()
            await call()
            if number >= 0:
                times[name].append(perf_counter() - start)
    return times


def p50(times: list[float]) -> float:
    """The median in milliseconds."""
    return 1000 * statistics.median(times)
