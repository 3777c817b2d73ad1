from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from radarr_db.engine.ahead import Ahead
from radarr_db.query import Batches


class Source:
    """Batches of the given sizes; tells what was taken of it, and what was made."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes
        self.taken: list[int] = []
        self.made: list[int] = []

    def batches(self) -> Iterator[Batches]:
        for number, size in enumerate(self.sizes):
            self.taken.append(number)
            yield partial(self._make, number, size)

    def _make(self, number: int, size: int) -> list[tuple[object, ...]]:
        self.made.append(number)
        return [(number, n) for n in range(size)]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("sizes", [(), (0,), (1,), (1, 1, 1), (2, 0, 3), (0, 0, 1)])
def test_all_come_once_in_their_order_made_ahead_or_not(sizes: tuple[int, ...], eager: bool) -> None:
    source, found = Source(*sizes), []
    ahead = Ahead(source.batches())
    for params in ahead:
        found.append(params)
        if eager:
            ahead.make()
            ahead.make()
    assert found == [(number, n) for number, size in enumerate(sizes) for n in range(size)]
    assert source.made == list(range(len(sizes)))


def test_what_a_batch_is_made_of_is_taken_before_the_one_in_front_of_it_is_sent() -> None:
    source = Source(1, 1, 1)
    ahead = Ahead(source.batches())
    next(ahead)
    assert (source.taken, source.made) == ([0, 1], [0])
    ahead.make()
    assert (source.taken, source.made) == ([0, 1], [0, 1])


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_of_what_is_made_ahead_waits_until_it_is_asked_for(kind: type[BaseException]) -> None:
    def fail() -> list[tuple[object, ...]]:
        raise kind

    ahead = Ahead(iter([lambda: [(1,)], fail]))
    assert next(ahead) == (1,)
    ahead.make()
    ahead.make()
    with pytest.raises(kind):
        next(ahead)
