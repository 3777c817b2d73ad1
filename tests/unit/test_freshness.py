"""Knowing how far a standby must be."""

from __future__ import annotations

from time import monotonic

import pytest

from radarr_db.engine.freshness import Freshness
from radarr_db.models.replication import Position


@pytest.fixture
def freshness() -> Freshness:
    return Freshness(lifetime=1000)


def known(freshness: Freshness) -> bool:
    return freshness.known


def learn(freshness: Freshness, written: int, position: int, timeline: int = 1) -> None:
    freshness.learn(written, monotonic(), Position(timeline, position))


def test_at_first_nothing_is_known(freshness: Freshness) -> None:
    assert not known(freshness)
    learn(freshness, freshness.written, 100)
    assert known(freshness)
    assert freshness.place == Position(1, 100)


def test_a_write_that_is_done_while_the_place_is_asked_is_not_behind_it(freshness: Freshness) -> None:
    written = freshness.written
    freshness.wrote()
    learn(freshness, written, 100)
    assert not known(freshness)
    learn(freshness, freshness.written, 200)
    assert known(freshness)


def test_an_answer_that_comes_late_takes_nothing_back(freshness: Freshness) -> None:
    freshness.wrote()
    learn(freshness, 1, 200)
    learn(freshness, 0, 100)
    assert known(freshness)
    assert freshness.place == Position(1, 200)


def test_after_a_failover_the_log_may_be_shorter(freshness: Freshness) -> None:
    learn(freshness, 0, 200)
    learn(freshness, 0, 100, timeline=2)
    assert freshness.place == Position(2, 100)


def test_what_is_known_is_forgotten_in_time(freshness: Freshness) -> None:
    freshness.learn(0, monotonic() - 1001, Position(1, 100))
    assert not known(freshness)


def test_that_all_is_known_is_told_after_the_place_of_it(freshness: Freshness) -> None:
    """Who reads has no lock, and may come at any moment."""
    early: list[bool] = []

    class Written(int):
        def __gt__(self, other: object) -> bool:
            early.append(freshness.place.position != 100)
            return True

        __lt__ = __gt__

    freshness.learn(Written(0), monotonic(), Position(1, 100))
    assert early == [False]
