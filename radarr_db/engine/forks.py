"""A forked child must not touch its parent's connections: both would talk to one server session."""

from __future__ import annotations

import os
from collections.abc import Callable
from weakref import WeakMethod

_known: set[WeakMethod[Callable[[], None]]] = set()


def watch(disown: Callable[[], None]) -> None:
    """Have the method ``disown`` called in every child that is forked from now on, while its owner lives."""
    _known.add(WeakMethod(disown, _known.discard))


def _disown_all() -> None:
    for known in tuple(_known):
        disown = known()
        if disown is not None:
            disown()


os.register_at_fork(after_in_child=_disown_all)
