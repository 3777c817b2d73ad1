"""Leaving the garbage collector aside while many rows are made."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

MANY_ROWS = 1000

_usual: tuple[int, int, int] | None = None


@contextmanager
def uncollected() -> Iterator[None]:
    """Rows make no garbage, and to look for some while more than MANY_ROWS are made takes a fifth of the time.

    By its threshold, so that another thread may switch the collector on or off meanwhile as it likes.
    """
    global _usual  # noqa: PLW0603 - the collector is the process's too
    usual = gc.get_threshold()
    if not usual[0]:  # there is none, or another thread is in here
        yield
        return
    _usual = usual
    gc.set_threshold(0, *usual[1:])
    try:
        yield
    finally:
        _restore()


def _restore() -> None:
    global _usual  # noqa: PLW0603
    if _usual is not None and gc.get_threshold()[0] == 0:
        gc.set_threshold(*_usual)
    _usual = None


# A forked child has none of the threads that would do so.
os.register_at_fork(after_in_child=_restore)
