"""Waiting for what happens elsewhere, but not for ever: a test that hangs tells nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return when the condition holds; AssertionError when it never does."""
    for _ in attempts(seconds):
        if condition():
            return


def attempts(seconds: float = 60) -> Iterator[None]:
    """A turn to look at each step, for a condition that must be awaited: leave the loop when it holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.001)
    raise AssertionError(f"what was waited for did not happen within {seconds} s")
