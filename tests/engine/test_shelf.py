"""The idle sessions at hand: nothing may lie there while someone waits, nor for long."""

from __future__ import annotations

from radarr_db.engine.shelf import Shelf


def stocked(*sessions: str) -> Shelf[str]:
    """A shelf with sessions that came from the pool and were put back."""
    shelf: Shelf[str] = Shelf()
    for session in sessions:
        assert shelf.wait()
        shelf.waited(session)
    assert all(shelf.put(session) for session in sessions)
    return shelf


def test_the_last_one_put_back_is_taken_first() -> None:
    shelf = stocked("a", "b")
    assert (len(shelf), shelf.take(), shelf.take(), shelf.take(), len(shelf)) == (2, "b", "a", None, 0)


def test_nothing_is_kept_while_someone_waits() -> None:
    shelf = stocked("a", "b")
    assert not shelf.wait()
    shelf.take()
    shelf.take()
    assert shelf.wait()
    assert not shelf.put("a")
    shelf.waited(None)
    assert shelf.put("b")
    assert shelf.take() == "b"


def test_everything_goes_home_now_and_then_and_is_welcome_again() -> None:
    shelf = stocked("a", "b")
    assert shelf.take() == "b"
    assert shelf.clear() == ["a"]
    assert not shelf.put("b")
    assert shelf.wait()
    shelf.waited("b")
    assert shelf.put("b")


def test_a_closed_shelf_keeps_nothing() -> None:
    shelf = stocked("a", "b")
    assert shelf.take() == "b"
    assert shelf.take() == "a"
    assert shelf.wait()
    assert shelf.clear(close=True) == []
    shelf.waited("c")
    assert not any(shelf.put(session) for session in "abc")
