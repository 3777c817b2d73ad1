"""Whose turn it is: clients alternate in one run, in another order every round."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from time import perf_counter

FEWEST = 3
WARM_UP = 12
SECONDS = 4.0
# A call of heavy work takes a second or so: in this time there are enough for a median that means something.
HEAVY_SECONDS = 15.0

# What is timed is given the number of its turn.
Times = dict[str, list[float]]
Begin = Callable[[], object]


def timed(
    calls: Mapping[str, Callable[[int], object]], rounds: int, *, heavy: bool = False, begin: Begin | None = None
) -> Times:
    """The seconds that each call took in each of at most ``rounds``; ``begin`` goes before each, untimed."""
    times: Times = {name: [] for name in calls}
    for turn, name in turns(times, rounds, heavy=heavy):
        if begin:
            begin()
        start = perf_counter()
        result = calls[name](turn)
        times[name].append(perf_counter() - start)
        del result  # to free it is nobody's time
    return times


async def timed_async(
    calls: Mapping[str, Callable[[int], Awaitable[object]]],
    rounds: int,
    *,
    heavy: bool = False,
    begin: Begin | None = None,
) -> Times:
    """The same for coroutines."""
    times: Times = {name: [] for name in calls}
    for turn, name in turns(times, rounds, heavy=heavy):
        if begin:
            begin()
        start = perf_counter()
        result = await calls[name](turn)
        times[name].append(perf_counter() - start)
        del result
    return times


def turns(times: Mapping[str, list[float]], rounds: int, *, heavy: bool = False) -> Iterator[tuple[int, str]]:
    """A number for each turn and the name of who is timed in it, whose seconds go to ``times``.

    The times of the first rounds are dropped: they warm up. No round begins after SECONDS, or HEAVY_SECONDS, once
    there were FEWEST. With ``heavy`` work nobody shall meet the garbage of another.
    """
    shuffler = random.Random(1)  # noqa: S311 - the same order in every run
    names = list(times)
    numbers = itertools.count()
    for number in range(-min(1 if heavy else WARM_UP, rounds), rounds):
        if number == 0:
            for seconds in times.values():
                seconds.clear()
            end = perf_counter() + (HEAVY_SECONDS if heavy else SECONDS)
        if number >= FEWEST and perf_counter() > end:
            return
        shuffler.shuffle(names)
        for name in names:
            if heavy:
                gc.collect()
            yield next(numbers), name
