"""From any iterable of models to the batches that are written in one act, a statement's execution each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from radarr_db import checks, encoding
from radarr_db.errors import InvalidArgumentError
from radarr_db.query import Arguments

N = TypeVar("N")
Encode = Callable[[], list[Arguments]]

# Enough that a round trip costs nothing, few enough that the next batch is encoded while the server works on one.
BATCH = 250
# A server takes at most 256 MB in one JSON array, and a statement has only some seconds.
BATCH_CHARACTERS = 16 * 1024 * 1024


def batches(argument: str, news: Iterable[N], kind: type[N]) -> Callable[[], Iterator[Encode]]:
    """What yields, at each call, what encodes the next BATCH models as ``argument``: a JSON array, or several when it
    is large.

    An iterator can be read once; InvalidArgumentError at the second call, which would write nothing.
    """
    checks.iterable(argument, news)
    read = False

    def start() -> Iterator[Encode]:
        nonlocal read
        models = iter(news)
        if read and models is news:
            raise InvalidArgumentError(argument, "was read already and is empty now: give a list to run this again")
        read = True
        return _batches(argument, models, kind)

    return start


def _batches(argument: str, news: Iterator[N], kind: type[N]) -> Iterator[Encode]:
    first = 0
    while batch := list(islice(news, BATCH)):
        yield partial(_arrays, argument, batch, kind, first)
        first += len(batch)


def _arrays(argument: str, batch: Sequence[N], kind: type[N], first: int) -> list[Arguments]:
    arrays: list[Arguments] = []
    rows, size = [], 0
    for place, new in enumerate(batch, first):
        rows.append(encoding.record(argument, new, kind, place=place))
        size += len(rows[-1])
        if size > BATCH_CHARACTERS or place == first + len(batch) - 1:
            arrays.append({argument: encoding.array(rows)})
            rows, size = [], 0
    return arrays
