"""A forked child must not touch its parent's connections: both would talk to one server session."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """What can be told that it now lives in a child process."""

    def disown(self) -> None: ...


_known: WeakSet[Forkable] = WeakSet()


def watch(owner: Forkable) -> None:
    """Have ``owner.disown()`` called in every child that is forked from now on."""
    _known.add(owner)


def _disown_all() -> None:
    for owner in tuple(_known):
        owner.disown()


os.register_at_fork(after_in_child=_disown_all)
