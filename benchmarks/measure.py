"""Times of calls, by themselves and in turn: ratios hold where machines are shared and absolute times do not."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from benchmarks.results import Timing

WARM_UP = 50

# Of one statement: PostgreSQL decides at the sixth execution whether one plan will do for all arguments.
_SETTLING = 10
_MOST_SAMPLES = 200
_LEAST_SAMPLES = 3


def sampled(run: Callable[[int], float], seconds: float) -> list[float]:
    """The seconds that ``run`` says it took, in each of many runs that are numbered from 0 on, after some to warm up.

    At most 200 runs, and fewer when they take longer than ``seconds`` together; but three at least.
    """
    began, number = perf_counter(), 0
    while number < _SETTLING and (not number or perf_counter() - began < seconds / 2):
        run(number)
        number += 1
    times: list[float] = []
    began = perf_counter()
    while len(times) < _LEAST_SAMPLES or (len(times) < _MOST_SAMPLES and perf_counter() - began < seconds):
        times.append(run(number))
        number += 1
    return times


def timing(times: list[float]) -> Timing:
    """How these seconds are distributed."""
    ordered = sorted(1000 * time for time in times)
    last = len(ordered) - 1
    quantiles = tuple(round(ordered[round(share * last / 100)], 4) for share in range(101))
    return Timing(len(ordered), quantiles[50], quantiles[95], quantiles[99], quantiles)


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
