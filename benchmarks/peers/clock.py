"""Whose turn it is: clients alternate in one run, in another order every round."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Iterator, Mapping
from time import perf_counter

FEWEST = 3
WARM_UP = 12
SECONDS = 4.0


def turns(times: Mapping[str, list[float]], rounds: int, *, heavy: bool = False) -> Iterator[tuple[int, str]]:
    """A number for each turn and the name of who is timed in it, whose seconds go to ``times``.

    The times of the first rounds are dropped: they warm up. No round begins after SECONDS, once there were FEWEST.
    With ``heavy`` work nobody shall meet the garbage of another.
    """
    shuffler = random.Random(1)  # noqa: S311 - the same order in every run
    names = list(times)
    numbers = itertools.count()
    for number in range(-min(1 if heavy else WARM_UP, rounds), rounds):
        if number == 0:
            for seconds in times.values():
                seconds.clear()
            end = perf_counter() + SECONDS
        if number >= FEWEST and perf_counter() > end:
            return
        shuffler.shuffle(names)
        for name in names:
            if heavy:
                gc.collect()
            yield next(numbers), name
