"""Times of the runs of one call."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from benchmarks.results import Timing

# The first ones open and prepare what the later ones find.
SETTLING = 10
MOST_SAMPLES = 200
_LEAST_SAMPLES = 3


def sampled(run: Callable[[], float], seconds: float) -> list[float]:
    """The seconds that ``run`` says it took, in each of many runs, after some to warm up.

    At most MOST_SAMPLES, and fewer when they take longer than ``seconds`` together; but three at least.
    """
    spent = 0.0
    for _ in range(SETTLING):
        if spent < seconds / 2:
            spent += run()
    times: list[float] = []
    while len(times) < _LEAST_SAMPLES or (len(times) < MOST_SAMPLES and sum(times) < seconds):
        times.append(run())
    return times


def timing(times: list[float]) -> Timing:
    """How these seconds are distributed."""
    ordered = sorted(1000 * time for time in times)
    last = len(ordered) - 1
    quantiles = tuple(round(ordered[round(share * last / 100)], 4) for share in range(101))
    return Timing(len(ordered), quantiles[50], quantiles[95], quantiles[99], quantiles)


def p50(times: list[float]) -> float:
    """The median in milliseconds."""
    return 1000 * statistics.median(times)
