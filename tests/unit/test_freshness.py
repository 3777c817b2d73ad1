"""Knowing how far a standby must be."""

from __future__ import annotations

from radarr_db.engine.freshness import Freshness


def known(freshness: Freshness) -> bool:
    return freshness.known


def test_at_first_nothing_is_known() -> None:
    freshness = Freshness()
    assert not known(freshness)
    freshness.learn(freshness.written, 100)
    assert known(freshness)
    assert freshness.position == 100


def test_a_write_that_is_done_while_the_position_is_asked_is_not_behind_it() -> None:
    freshness = Freshness()
    written = freshness.written
    freshness.wrote()
    freshness.learn(written, 100)
    assert not known(freshness)
    freshness.learn(freshness.written, 200)
    assert known(freshness)


def test_an_answer_that_comes_late_takes_nothing_back() -> None:
    freshness = Freshness()
    freshness.wrote()
    freshness.learn(1, 200)
    freshness.learn(0, 100)
    assert known(freshness)
    assert freshness.position == 200
