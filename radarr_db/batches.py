"""From any iterable of models to the batches that are written in one act, a statement's execution each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from radarr_db import checks, encoding
from radarr_db.errors import InvalidArgumentError

N = TypeVar("N")

# Enough that a round trip costs nothing, few enough that a batch stays some megabytes: a server takes at most 256 in
# one JSON array, and a statement has only some seconds.
BATCH = 1000
BATCH_CHARACTERS = 16 * 1024 * 1024

Batches = Iterator[dict[str, object]]


def batches(argument: str, news: Iterable[N], kind: type[N]) -> Callable[[], Batches]:
    """What yields, at each call, ``argument`` as JSON arrays of at most BATCH rows and some megabytes.

    An iterator can be read once; InvalidArgumentError at the second call, which would write nothing.
    """
    read = False

    def start() -> Batches:
        nonlocal read
        models = iter(news)
        if read and models is news:
            raise InvalidArgumentError(argument, "was read already and is empty now: give a list to run this again")
        read = True
        return _batches(argument, models, kind)

    return start


def _batches(argument: str, news: Iterator[N], kind: type[N]) -> Batches:
    rows: list[checks.Json] = []
    size = 0
    for place, new in enumerate(news):
        rows.append(encoding.record(argument, new, kind, place=place))
        size += len(rows[-1])
        if len(rows) == BATCH or size > BATCH_CHARACTERS:
            yield {argument: encoding.array(rows)}
            rows, size = [], 0
    if rows:
        yield {argument: encoding.array(rows)}
